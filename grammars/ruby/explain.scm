; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(call
  method: (identifier) @_raise
  arguments: (argument_list . [
    (constant) @raises
    (scope_resolution) @raises
    (call receiver: [(constant) (scope_resolution)] @raises method: (identifier))])
  (#any-of? @_raise "raise" "fail"))
(yield) @yields
(return (_) @returns)
