; What calls give a function, and which of them a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

; What an expression is of for certain.
(list) @is.list
(tuple) @is.tuple
(dictionary) @is.dict
(dictionary_comprehension) @is.dict
(list_comprehension) @is.list
(set) @is.set
(set_comprehension) @is.set
(lambda) @is.callable
(string (string_start) @_start (#match? @_start "[bB]")) @is.bytes
(string (string_start) @_start (#not-match? @_start "[bB]")) @is.str
(concatenated_string . (string (string_start) @_start (#match? @_start "[bB]"))) @is.bytes
(concatenated_string . (string (string_start) @_start (#not-match? @_start "[bB]"))) @is.str
(integer) @is.int
(float) @is.float
(not_operator) @is.bool
(call function: (identifier) @_made (#eq? @_made "len")) @is.int
(call function: (identifier) @_made (#eq? @_made "int")) @is.int
(call function: (identifier) @_made (#eq? @_made "float")) @is.float
(call function: (identifier) @_made (#any-of? @_made "str" "repr")) @is.str
(call function: (identifier) @_made (#any-of? @_made "list" "sorted")) @is.list
(call function: (identifier) @_made (#eq? @_made "dict")) @is.dict
(call function: (identifier) @_made (#eq? @_made "tuple")) @is.tuple

; Where a test expects an error.
(with_statement
  (with_clause (with_item value: [
    (call function: (_) @_raises arguments: (argument_list . (_) @error . (_)? @said))
    (as_pattern (call function: (_) @_raises arguments: (argument_list . (_) @error . (_)? @said)))
  ]))
  body: (block) @expects
  (#match? @_raises "(^|[._])(raises|assertRaises|assertRaisesRegex)$"))
(call
  function: (_) @_raises
  arguments: (argument_list . (_) @error . (lambda) @expects)
  (#match? @_raises "(^|[._])(raises|assertRaises)$"))
(call
  function: (_) @_raises
  arguments: (argument_list . (_) @error . [(identifier) @handed (attribute attribute: (identifier) @handed)]) @expects
  (#match? @_raises "(^|[._])(raises|assertRaises)$"))
