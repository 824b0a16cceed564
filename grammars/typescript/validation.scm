; What *Add validation* reads of TypeScript alone. Vocabulary: grammars/README.md.

; Parameters that hold one argument each. `...rest` and patterns match nothing here.
(formal_parameters (required_parameter
  pattern: (identifier) @parameter.name
  !type
  !value)) @parameter
(formal_parameters (required_parameter
  pattern: (identifier) @parameter.name
  type: (type_annotation (_) @parameter.type)
  !value)) @parameter
(formal_parameters (required_parameter
  pattern: (identifier) @parameter.name
  !type
  value: (_) @parameter.default)) @parameter
(formal_parameters (required_parameter
  pattern: (identifier) @parameter.name
  type: (type_annotation (_) @parameter.type)
  value: (_) @parameter.default)) @parameter
(formal_parameters (optional_parameter
  pattern: (identifier) @parameter.name
  !type) @parameter.optional) @parameter
(formal_parameters (optional_parameter
  pattern: (identifier) @parameter.name
  type: (type_annotation (_) @parameter.type)) @parameter.optional) @parameter

(public_field_definition value: [
  (arrow_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (arrow_function parameter: (identifier) @function.parameters body: (statement_block) @function.body)
  (function_expression parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
]) @function

; `x!.name` and `(x as T).name`: nothing was checked.
(member_expression object: (non_null_expression (identifier) @use.member) !optional_chain)
(member_expression
  object: (parenthesized_expression (as_expression . (identifier) @use.member))
  !optional_chain)
(call_expression function: (non_null_expression (identifier) @use.called) . arguments: (arguments))
(call_expression function: (identifier) @handled @handled.missing "?.")
