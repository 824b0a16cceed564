; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(expression_statement (macro_invocation
  macro: (identifier) @error
  (token_tree) @condition @message)
  (#eq? @error "assert")) @guard
