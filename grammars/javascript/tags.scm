(class_declaration
  name: (identifier) @name
  body: (class_body) @body) @definition.class
(class
  name: (identifier) @name
  body: (class_body) @body) @definition.class

(field_definition
  property: [(property_identifier) (private_property_identifier)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.function
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name) @definition.field

(class_declaration
  (class_heritage [(identifier) (member_expression)] @base)) @inherits
(class
  name: (identifier)
  (class_heritage [(identifier) (member_expression)] @base)) @inherits
[
  (return_statement (class !name (class_heritage [(identifier) (member_expression)] @base)) @inherits)
  (arguments (class !name (class_heritage [(identifier) (member_expression)] @base)) @inherits)
  (parenthesized_expression (class !name (class_heritage [(identifier) (member_expression)] @base)) @inherits)
  (arrow_function body: (class !name (class_heritage [(identifier) (member_expression)] @base)) @inherits)
  (export_statement "default" value: (class !name (class_heritage [(identifier) (member_expression)] @base)) @inherits)
]
(lexical_declaration
  (variable_declarator
    value: (class (class_heritage [(identifier) (member_expression)] @base)))) @inherits
(variable_declaration
  (variable_declarator
    value: (class (class_heritage [(identifier) (member_expression)] @base)))) @inherits
