; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(if_statement
  condition: (parenthesized_expression (_) @condition)
  consequence: (statement_block . (throw_statement
    (new_expression
      constructor: [(identifier) (member_expression)] @error
      arguments: (arguments . (_) @message .))) .)) @guard
(if_statement
  condition: (parenthesized_expression (_) @condition)
  consequence: (throw_statement
    (new_expression
      constructor: [(identifier) (member_expression)] @error
      arguments: (arguments . (_) @message .)))) @guard
