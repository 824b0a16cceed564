; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(if_statement
  !initializer
  condition: (_) @condition
  consequence: (block (statement_list . (return_statement (expression_list
    (call_expression
      function: (selector_expression) @error
      arguments: (argument_list . (interpreted_string_literal) @message)) .)) .))) @guard
(if_statement
  !initializer
  condition: (_) @condition
  consequence: (block (statement_list . (expression_statement
    (call_expression
      function: (identifier) @error
      arguments: (argument_list . (interpreted_string_literal) @message))) .))
  (#eq? @error "panic")) @guard
