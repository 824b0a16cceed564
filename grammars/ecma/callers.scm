; What calls give a function, and which of them a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

; What an expression is of for certain.
(array) @is.array
(string) @is.string
(template_string) @is.string
(number) @is.number
(arrow_function) @is.function
(function_expression) @is.function
(unary_expression operator: "!") @is.boolean
(unary_expression operator: "typeof") @is.string

; Where a test expects an error.
(call_expression
  function: (member_expression
    object: (call_expression function: (identifier) @_expect arguments: (arguments . (_) @expects .))
    property: (property_identifier) @_throws)
  arguments: (arguments . (_)? @error)
  (#eq? @_expect "expect")
  (#match? @_throws "^toThrow"))
(call_expression
  function: (member_expression
    object: (member_expression
      object: (call_expression function: (identifier) @_expect arguments: (arguments . (_) @expects .))
      property: (property_identifier) @_rejects)
    property: (property_identifier))
  arguments: (arguments . (_)? @error)
  (#eq? @_expect "expect")
  (#eq? @_rejects "rejects"))
(call_expression
  function: (member_expression property: (property_identifier) @_throws)
  arguments: (arguments . (_) @expects . (_)? @error)
  (#any-of? @_throws "throws" "rejects" "throwsAsync"))
