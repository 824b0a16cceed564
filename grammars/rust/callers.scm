; What calls give a function, and which of them a test expects to fail. Vocabulary: grammars/README.md.

(call_expression
  function: [
    (identifier) @callee
    (field_expression field: (field_identifier) @callee)
    (scoped_identifier name: (identifier) @callee)
    (generic_function function: [
      (identifier) @callee
      (scoped_identifier name: (identifier) @callee)
      (field_expression field: (field_identifier) @callee)])
  ]
  arguments: (arguments) @arguments) @call

; Where a test expects a panic.
((attribute_item (attribute (identifier) @_panics))
  . (function_item body: (block) @expects)
  (#eq? @_panics "should_panic"))
((attribute_item (attribute (identifier) @_panics))
  . (attribute_item)
  . (function_item body: (block) @expects)
  (#eq? @_panics "should_panic"))
