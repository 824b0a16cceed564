; What *Add validation* reads of JavaScript alone. Vocabulary: grammars/README.md.

; Parameters that hold one argument each. `...rest` and patterns match nothing here.
(formal_parameters (identifier) @parameter.name) @parameter
(formal_parameters (assignment_pattern
  left: (identifier) @parameter.name
  right: (_) @parameter.default)) @parameter

(field_definition value: [
  (arrow_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (arrow_function parameter: (identifier) @function.parameters body: (statement_block) @function.body)
  (function_expression parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
]) @function
(call_expression function: (identifier) @handled @handled.missing optional_chain: (optional_chain))
