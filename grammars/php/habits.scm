; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(if_statement
  condition: (parenthesized_expression (_) @condition)
  body: (compound_statement . (expression_statement (throw_expression
    (object_creation_expression
      [(name) (qualified_name)] @error
      (arguments . (argument (_) @message))))) .)) @guard
