; What a rename has to follow beside the uses of a name. Vocabulary: grammars/README.md.

; the names that a file says others see
(assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @exported)) (tuple (string (string_content) @exported))]
  (#eq? @_all "__all__"))

; what a name is given, from which it can be called
(assignment left: (identifier) @named right: (call function: [(identifier) @maker (attribute attribute: (identifier) @maker)]))
(assignment left: (identifier) @named right: (attribute attribute: (identifier) @held))
(for_statement left: (identifier) @named right: [(identifier) @several (attribute attribute: (identifier) @several)])
(typed_parameter . (identifier) @named type: (type (identifier) @kind))
