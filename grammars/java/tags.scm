; What a file defines and imports. Vocabulary: grammars/README.md.

(package_declaration [(scoped_identifier) (identifier)] @name) @definition.module

(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(record_declaration name: (identifier) @name body: (_) @body) @definition.class
(interface_declaration name: (identifier) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (identifier) @name body: (_) @body) @definition.interface
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
; A class without a name is called by the word that makes it.
(object_creation_expression "new" @name (class_body) @body) @definition.class

(method_declaration type: (_) @returns name: (identifier) @name body: (block) @body) @definition.function
(method_declaration type: (_) @returns name: (identifier) @name !body) @definition.function
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.function
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @definition.function
(annotation_type_element_declaration type: (_) @returns name: (identifier) @name) @definition.function

(field_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name)) @definition.field
(constant_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name)) @definition.field
(enum_constant name: (identifier) @name body: (_)? @body) @definition.field
; What a record is made of are its fields.
(record_declaration
  parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @name) @definition.field))

(class_declaration
  superclass: (superclass
    [(type_identifier) @base (scoped_type_identifier) @base (generic_type . (_) @base)])) @inherits
(class_declaration
  interfaces: (super_interfaces (type_list
    [(type_identifier) @base (scoped_type_identifier) @base (generic_type . (_) @base)]))) @inherits
(record_declaration
  interfaces: (super_interfaces (type_list
    [(type_identifier) @base (scoped_type_identifier) @base (generic_type . (_) @base)]))) @inherits
(enum_declaration
  interfaces: (super_interfaces (type_list
    [(type_identifier) @base (scoped_type_identifier) @base (generic_type . (_) @base)]))) @inherits
(object_creation_expression
  type: [(type_identifier) @base (scoped_type_identifier) @base (generic_type . (_) @base)]
  (class_body)) @inherits
(interface_declaration
  (extends_interfaces (type_list
    [(type_identifier) @base (scoped_type_identifier) @base (generic_type . (_) @base)]))) @inherits

(import_declaration (scoped_identifier scope: (_) @module name: (identifier) @imported) .) @import
(import_declaration [(scoped_identifier) (identifier)] @module (asterisk) @all) @import
