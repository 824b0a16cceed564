; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(if_statement
  condition: (parenthesized_expression (_) @condition)
  consequence: (block . (throw_statement
    (object_creation_expression
      type: (_) @error
      arguments: (argument_list . (_) @message .))) .)) @guard
(if_statement
  condition: (parenthesized_expression (_) @condition)
  consequence: (throw_statement
    (object_creation_expression
      type: (_) @error
      arguments: (argument_list . (_) @message .)))) @guard
(expression_statement (method_invocation
  name: (identifier) @error
  arguments: (argument_list . (identifier) @condition . (_) @message .))
  (#eq? @error "requireNonNull")) @guard
