; What calls give a method, and which of them a test expects to fail. Vocabulary: grammars/README.md.

(invocation_expression
  function: [
    (identifier) @callee
    (generic_name (identifier) @callee)
    (member_access_expression name: [(identifier) @callee (generic_name (identifier) @callee)])
    (conditional_access_expression (member_binding_expression name: (identifier) @callee))
  ]
  arguments: (argument_list) @arguments) @call
(object_creation_expression
  type: [(identifier) @callee (generic_name (identifier) @callee)]
  arguments: (argument_list) @arguments) @call

(argument name: (identifier) @argument.name . (_) @argument.value)

; Where a test expects an error.
(invocation_expression
  function: (member_access_expression
    name: (generic_name (identifier) @_throws (type_argument_list . (_) @error .)))
  arguments: (argument_list . (argument (_) @expects))
  (#match? @_throws "^Throws"))
(method_declaration
  (attribute_list (attribute
    name: (identifier) @_expected
    (attribute_argument_list . (attribute_argument (typeof_expression type: (_) @error)))))
  body: (block) @expects
  (#eq? @_expected "ExpectedException"))
