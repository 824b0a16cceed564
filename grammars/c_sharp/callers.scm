; Which calls a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

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
