; What is given to what is called. Vocabulary: grammars/README.md.

(function_call_expression
  function: [(name) @callee (qualified_name (name) @callee)]
  arguments: (arguments) @arguments) @call
(member_call_expression name: (name) @callee arguments: (arguments) @arguments) @call
(nullsafe_member_call_expression name: (name) @callee arguments: (arguments) @arguments) @call
(scoped_call_expression name: (name) @callee arguments: (arguments) @arguments) @call
(object_creation_expression . [(name) @callee (qualified_name (name) @callee)] (arguments) @arguments) @call

(arguments (argument name: (name) @named)) @given
(arguments (argument (variadic_unpacking)) @spread) @given
; `f(...)` is the function itself
(arguments (variadic_placeholder) @spread) @given
