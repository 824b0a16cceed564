; How many arguments a function takes. Vocabulary: grammars/README.md.

(function_declaration parameters: (formal_parameters) @list)
(generator_function_declaration parameters: (formal_parameters) @list)
(function_signature parameters: (formal_parameters) @list)
(method_definition parameters: (formal_parameters) @list)
(variable_declarator value: (arrow_function parameters: (formal_parameters) @list))
(variable_declarator value: (function_expression parameters: (formal_parameters) @list))

(formal_parameters (required_parameter !value pattern: [(identifier) (object_pattern) (array_pattern)] @needed))
(formal_parameters (required_parameter value: (_)) @optional)
(formal_parameters (optional_parameter) @optional)
(formal_parameters (required_parameter pattern: (rest_pattern)) @rest)
