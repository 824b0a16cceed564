(class_declaration
  name: (type_identifier) @name
  body: (class_body) @body) @definition.class
(abstract_class_declaration
  name: (type_identifier) @name
  body: (class_body) @body) @definition.class
(class
  name: (type_identifier) @name
  body: (class_body) @body) @definition.class
(interface_declaration
  name: (type_identifier) @name
  body: (interface_body) @body) @definition.interface
(enum_declaration
  name: (identifier) @name
  body: (enum_body) @body) @definition.enum
(enum_body name: [(property_identifier) (string)] @name @definition.field)
(enum_assignment name: [(property_identifier) (string)] @name) @definition.field
(type_alias_declaration
  name: (type_identifier) @name
  "=" @body
  value: (object_type)) @definition.type
(type_alias_declaration
  name: (type_identifier) @name
  value: (_) @type) @definition.type
(internal_module
  name: [(identifier) (nested_identifier) (string)] @name
  body: (statement_block) @body) @definition.module
(module
  name: [(identifier) (nested_identifier) (string)] @name
  body: (statement_block) @body) @definition.module

(function_signature name: (identifier) @name) @definition.function
(method_signature
  name: [(property_identifier) (private_property_identifier) (string)] @name) @definition.function
(abstract_method_signature
  name: [(property_identifier) (private_property_identifier) (string)] @name) @definition.function

(public_field_definition
  name: [(property_identifier) (private_property_identifier) (string)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.function
(public_field_definition
  name: [(property_identifier) (private_property_identifier) (string)] @name
  type: (type_annotation (_) @type)?) @definition.field
(property_signature
  name: [(property_identifier) (private_property_identifier) (string)] @name
  type: (type_annotation (_) @type)?) @definition.field
; A parameter of a constructor that is a property as well.
(required_parameter
  [(accessibility_modifier) "readonly"]
  pattern: (identifier) @name
  type: (type_annotation (_) @type)?) @definition.field
(optional_parameter
  [(accessibility_modifier) "readonly"]
  pattern: (identifier) @name
  type: (type_annotation (_) @type)?) @definition.field

(class_declaration
  (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits
(abstract_class_declaration
  (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits
(class
  name: (type_identifier)
  (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits
[
  (return_statement (class !name (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits)
  (arguments (class !name (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits)
  (parenthesized_expression (class !name (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits)
  (arrow_function body: (class !name (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits)
  (export_statement "default" value: (class !name (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))) @inherits)
]
(lexical_declaration
  (variable_declarator
    value: (class (class_heritage (extends_clause value: [(identifier) (member_expression)] @base))))) @inherits
(class_declaration
  (class_heritage (implements_clause [
    (type_identifier) @base
    (nested_type_identifier) @base
    (generic_type name: (_) @base)
  ]))) @inherits
(abstract_class_declaration
  (class_heritage (implements_clause [
    (type_identifier) @base
    (nested_type_identifier) @base
    (generic_type name: (_) @base)
  ]))) @inherits
(interface_declaration
  (extends_type_clause type: [
    (type_identifier) @base
    (nested_type_identifier) @base
    (generic_type name: (_) @base)
  ])) @inherits

; import name = require("module"), import name = other.name
(import_statement
  (import_require_clause
    (identifier) @alias
    source: (string) @module)) @import
(import_alias . (identifier) @name) @definition.variable
(export_statement declaration: (ambient_declaration (_ name: (_) @exported))) @export
(export_statement "=" . (identifier) @export.default)
