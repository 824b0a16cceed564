; Which calls a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

; Where a test expects a panic.
((attribute_item (attribute (identifier) @_panics))
  . (function_item body: (block) @expects)
  (#eq? @_panics "should_panic"))
((attribute_item (attribute (identifier) @_panics))
  . (attribute_item)
  . (function_item body: (block) @expects)
  (#eq? @_panics "should_panic"))
