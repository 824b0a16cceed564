; How a file says that an argument is wrong. Vocabulary: grammars/README.md.

(if_statement
  condition: (_) @condition
  consequence: (block . (raise_statement
    . (call
      function: [(identifier) (attribute)] @error
      arguments: (argument_list . (_) @message .)) .) .)) @guard

; The message is built on a line of its own.
(if_statement
  condition: (_) @condition
  consequence: (block
    . (expression_statement (assignment left: (identifier) @_name right: (_) @message))
    . (raise_statement
      . (call
        function: [(identifier) (attribute)] @error
        arguments: (argument_list . (identifier) @assigned .)) .) .)
  (#eq? @_name @assigned)) @guard
