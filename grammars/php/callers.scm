; What calls give a function, and which of them a test expects to fail. Vocabulary: grammars/README.md.

(function_call_expression
  function: [(name) @callee (qualified_name (name) @callee)]
  arguments: (arguments) @arguments) @call
(member_call_expression name: (name) @callee arguments: (arguments) @arguments) @call
(nullsafe_member_call_expression name: (name) @callee arguments: (arguments) @arguments) @call
(scoped_call_expression name: (name) @callee arguments: (arguments) @arguments) @call
(object_creation_expression
  . [(name) @callee (qualified_name (name) @callee)]
  (arguments) @arguments) @call

(argument name: (name) @argument.name . (_) @argument.value)
(arguments (argument (variadic_unpacking)) @spread) @given

; Where a test expects an error.
(compound_statement
  (expression_statement (member_call_expression
    name: (name) @_expects
    arguments: (arguments . (argument (class_constant_access_expression . (_) @error)))))
  (_) @expects
  (#eq? @_expects "expectException"))
