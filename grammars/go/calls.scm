; What is given to what is called. Vocabulary: grammars/README.md.

(call_expression
  function: [(identifier) @callee (selector_expression field: (field_identifier) @callee)]
  arguments: (argument_list) @arguments) @call

(argument_list (variadic_argument) @spread) @given
