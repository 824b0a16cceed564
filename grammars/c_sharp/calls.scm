; What is given to what is called. Vocabulary: grammars/README.md.

(invocation_expression
  function: [
    (identifier) @callee
    (generic_name . (identifier) @callee)
    (member_access_expression name: [(identifier) @callee (generic_name . (identifier) @callee)])
    (conditional_access_expression
      (member_binding_expression name: [(identifier) @callee (generic_name . (identifier) @callee)]))]
  arguments: (argument_list) @arguments) @call
(object_creation_expression
  type: [
    (identifier) @callee
    (generic_name . (identifier) @callee)
    (qualified_name name: [(identifier) @callee (generic_name . (identifier) @callee)])]
  arguments: (argument_list) @arguments) @call

(argument_list (argument name: (identifier) @named)) @given
