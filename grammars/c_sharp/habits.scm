; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(if_statement
  condition: (_) @condition
  consequence: (block . (throw_statement
    (object_creation_expression
      type: (_) @error
      arguments: (argument_list . (argument (_) @message)))) .)) @guard
(if_statement
  condition: (_) @condition
  consequence: (throw_statement
    (object_creation_expression
      type: (_) @error
      arguments: (argument_list . (argument (_) @message))))) @guard
(expression_statement (invocation_expression
  function: (member_access_expression name: (identifier) @error)
  arguments: (argument_list . (argument (identifier) @condition @message) .))
  (#eq? @error "ThrowIfNull")) @guard
