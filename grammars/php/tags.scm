; What a file defines and uses. Vocabulary: grammars/README.md.

(namespace_definition name: (_) @name body: (_)? @body) @definition.module
(class_declaration name: (name) @name body: (_) @body) @definition.class
(trait_declaration name: (name) @name body: (_) @body) @definition.class
(interface_declaration name: (name) @name body: (_) @body) @definition.interface
(enum_declaration name: (name) @name body: (_) @body) @definition.enum
; A class without a name is called by the word that makes it.
(anonymous_class "class" @name body: (_) @body) @definition.class

(function_definition name: (name) @name return_type: (_)? @returns body: (_) @body) @definition.function
(method_declaration name: (name) @name return_type: (_)? @returns body: (_)? @body) @definition.function

; A property is written with `$` where it is declared and without where it is used.
(property_declaration type: (_)? @type
  (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter type: (_)? @type name: (variable_name (name) @name)) @definition.field
(const_declaration (const_element . (name) @name)) @definition.constant
(enum_case name: (name) @name) @definition.field
(expression_statement (assignment_expression left: (variable_name) @name)) @definition.variable

(class_declaration (base_clause [(name) @base (qualified_name (name) @base)])) @inherits
(class_declaration (class_interface_clause [(name) @base (qualified_name (name) @base)])) @inherits
(anonymous_class (base_clause [(name) @base (qualified_name (name) @base)])) @inherits
(anonymous_class (class_interface_clause [(name) @base (qualified_name (name) @base)])) @inherits
(interface_declaration (base_clause [(name) @base (qualified_name (name) @base)])) @inherits
(enum_declaration (class_interface_clause [(name) @base (qualified_name (name) @base)])) @inherits
; A trait is used inside of the class.
(use_declaration [(name) @base (qualified_name (name) @base)]) @inherits

(namespace_use_declaration !body
  (namespace_use_clause (qualified_name prefix: (_) @module (name) @imported) alias: (_)? @alias)) @import
(namespace_use_declaration !body (namespace_use_clause . (name) @module alias: (_)? @alias)) @import
(namespace_use_declaration
  (namespace_name) @module
  body: (namespace_use_group (namespace_use_clause . (name) @imported alias: (_)? @alias))) @import
[
  (include_expression (string (string_content) @module @all))
  (include_once_expression (string (string_content) @module @all))
  (require_expression (string (string_content) @module @all))
  (require_once_expression (string (string_content) @module @all))
] @import
