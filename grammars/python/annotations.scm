; What the types of parameters and results can be read from. Vocabulary: grammars/README.md.

; parameters without a type, and where one would be written
(parameters (identifier) @untyped) @list
(parameters (default_parameter name: (identifier) @untyped value: (_) @default)) @list

; what a call gives an argument
(argument_list (keyword_argument name: (identifier) @given.name value: (_) @given.value)) @given

; the type of an expression that shows it
[(string) (concatenated_string)] @is.str
(integer) @is.int
(float) @is.float
[(true) (false) (not_operator)] @is.bool
(comparison_operator) @is.compared
(none) @is.none
[(dictionary) (dictionary_comprehension)] @is.dict
[(list) (list_comprehension)] @is.list
[(set) (set_comprehension)] @is.set
[(tuple) (expression_list)] @is.tuple
(call function: (identifier) @maker) @is.made

; a name, and what it is bound to
(identifier) @is.name
(assignment left: (identifier) @bound !type right: (_) @bound.value)

; a parameter that may be missing, or of which the body asks what it is
(comparison_operator (identifier) @may.miss (none))
(comparison_operator (none) (identifier) @may.miss)
(comparison_operator (identifier) @asked [(tuple (none)) (list (none)) (set (none))])
(call
  function: (identifier) @_asks
  arguments: (argument_list . (identifier) @asked)
  (#any-of? @_asks "isinstance" "issubclass" "type" "callable" "hasattr"))
(match_statement subject: (identifier) @asked)

; what is kept of a name, as it is or as a method of it tells; what a member is given
(assignment right: (_) @stored)
(assignment right: (identifier) @kept)
(assignment right: (call function: (attribute object: (identifier) @kept)))
(assignment left: (attribute attribute: (identifier) @set) right: (_) @set.value)
