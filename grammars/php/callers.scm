; Which calls a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

; Where a test expects an error.
((compound_statement
  (expression_statement (member_call_expression
    name: (name) @_expects
    arguments: (arguments . (argument (class_constant_access_expression . (_) @error)))))
  (_) @expects .)
  (#eq? @_expects "expectException"))
