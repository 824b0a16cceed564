; What is given to what is called. Vocabulary: grammars/README.md.

(call_expression
  function: [
    (identifier) @callee
    (field_expression field: (field_identifier) @callee)
    (scoped_identifier name: (identifier) @callee)
    (generic_function function: [
      (identifier) @callee
      (field_expression field: (field_identifier) @callee)
      (scoped_identifier name: (identifier) @callee)])]
  arguments: (arguments) @arguments) @call

; In a macro there are only words, brackets and signs.
(token_tree (identifier) @callee . (token_tree . "(") @arguments) @call
