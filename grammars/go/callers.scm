; Which calls a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

; Where a test expects an error.
(if_statement
  initializer: (_) @expects
  condition: (binary_expression left: (identifier) @_error operator: "==" right: (nil))
  (#match? @_error "(?i)err$"))
(statement_list
  [(short_var_declaration) (assignment_statement)] @expects
  . (if_statement
      !initializer
      condition: (binary_expression left: (identifier) @_error operator: "==" right: (nil)))
  (#match? @_error "(?i)err$"))
(statement_list
  [(short_var_declaration) (assignment_statement)] @expects
  . (expression_statement (call_expression function: (selector_expression field: (field_identifier) @_asks)))
  (#match? @_asks "^(Error|ErrorIs|ErrorAs|ErrorContains|EqualError)$"))
(call_expression
  function: (selector_expression field: (field_identifier) @_asks)
  arguments: (argument_list) @expects
  (#match? @_asks "^(Panics|PanicsWithValue|PanicsWithError)$"))
