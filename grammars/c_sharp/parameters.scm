; Who may call what is not named where it is called. Vocabulary: grammars/README.md.

(attribute name: (_) @mark)

(constructor_initializer "this" @made.own (argument_list) @made.arguments)
(constructor_initializer "base" @made.above (argument_list) @made.arguments)
(implicit_object_creation_expression (argument_list) @made.arguments) @made.expected
(variable_declaration
  type: (_) @made.type
  (variable_declarator (implicit_object_creation_expression (argument_list) @made.arguments) @made.expected))
(property_declaration
  type: (_) @made.type
  value: (implicit_object_creation_expression (argument_list) @made.arguments) @made.expected)
