; What a file defines and uses. Vocabulary: grammars/README.md.

(namespace_declaration name: (_) @name body: (_) @body) @definition.module
(file_scoped_namespace_declaration name: (_) @name) @definition.module

(class_declaration name: (identifier) @name body: (_)? @body) @definition.class
(struct_declaration name: (identifier) @name body: (_)? @body) @definition.class
(record_declaration name: (identifier) @name body: (_) @body) @definition.class
(record_declaration name: (identifier) @name (parameter_list)? @body !body) @definition.class
(interface_declaration name: (identifier) @name body: (_)? @body) @definition.interface
(enum_declaration name: (identifier) @name body: (_)? @body) @definition.enum
(delegate_declaration type: (_) @returns name: (identifier) @name) @definition.type

(method_declaration returns: (_) @returns name: (identifier) @name body: (_)? @body) @definition.function
(local_function_statement type: (_) @returns name: (identifier) @name body: (_)? @body) @definition.function
(constructor_declaration name: (identifier) @name body: (_)? @body) @definition.function

(property_declaration type: (_) @type name: (identifier) @name) @definition.field
(event_declaration type: (_) @type name: (identifier) @name) @definition.field
(field_declaration
  (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name))) @definition.field
(event_field_declaration
  (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name))) @definition.field
(enum_member_declaration name: (identifier) @name) @definition.field
; What a record is made of are its fields.
(record_declaration (parameter_list (parameter type: (_) @type name: (identifier) @name) @definition.field))

(class_declaration (base_list [
  (identifier) @base (generic_name . (identifier) @base)
  (qualified_name name: (identifier) @base) (qualified_name name: (generic_name . (identifier) @base))
  (primary_constructor_base_type type: (identifier) @base)])) @inherits
(struct_declaration (base_list [
  (identifier) @base (generic_name . (identifier) @base) (qualified_name name: (identifier) @base)])) @inherits
(record_declaration (base_list [
  (identifier) @base (generic_name . (identifier) @base) (qualified_name name: (identifier) @base)
  (primary_constructor_base_type type: (identifier) @base)])) @inherits
(interface_declaration (base_list [
  (identifier) @base (generic_name . (identifier) @base) (qualified_name name: (identifier) @base)])) @inherits

(using_directive !name [(identifier) (qualified_name)] @module @all) @import
(using_directive name: (identifier) @alias [(qualified_name) (generic_name)] @module) @import
