; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(function_definition return_type: (_) @returns)
(method_declaration return_type: (_) @returns)

(formal_parameters (simple_parameter type: (_)? @type name: (variable_name) @name default_value: (_)? @default)) @parameters
(formal_parameters (property_promotion_parameter
  type: (_)? @type name: (variable_name) @name default_value: (_)? @default)) @parameters
(formal_parameters (variadic_parameter type: (_)? @type name: (variable_name) @name) @rest) @parameters
