; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(function_declaration return_type: (type_annotation (_) @returns))
(generator_function_declaration return_type: (type_annotation (_) @returns))
(function_expression return_type: (type_annotation (_) @returns))
(arrow_function return_type: (type_annotation (_) @returns))
(method_definition return_type: (type_annotation (_) @returns))

(formal_parameters (required_parameter
  pattern: (identifier) @name
  type: (type_annotation (_) @type)?
  value: (_)? @default)) @parameters
(formal_parameters (optional_parameter
  pattern: (identifier) @name
  type: (type_annotation (_) @type)?)) @parameters
(formal_parameters (required_parameter
  pattern: (rest_pattern (identifier) @name) @rest
  type: (type_annotation (_) @type)?)) @parameters
(arrow_function parameter: (identifier) @parameters @name)
