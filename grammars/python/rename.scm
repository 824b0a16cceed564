; What a rename has to follow beside the uses of a name. Vocabulary: grammars/README.md.

; the names that a file says others see
(assignment
  left: (identifier) @_all
  right: [
    (list (string (string_content) @exported))
    (tuple (string (string_content) @exported))
    (binary_operator (list (string (string_content) @exported)))
  ]
  (#eq? @_all "__all__"))
(augmented_assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @exported)) (tuple (string (string_content) @exported))]
  (#eq? @_all "__all__"))
(call
  function: (attribute object: (identifier) @_all attribute: (identifier) @_change)
  arguments: (argument_list [
    (string (string_content) @exported)
    (list (string (string_content) @exported))
    (tuple (string (string_content) @exported))
  ])
  (#eq? @_all "__all__")
  (#any-of? @_change "append" "extend" "remove"))

; the names that a class says its objects have
(assignment
  left: (identifier) @_slots
  right: [
    (string (string_content) @slot)
    (list (string (string_content) @slot))
    (tuple (string (string_content) @slot))
    (set (string (string_content) @slot))
    (dictionary (pair key: (string (string_content) @slot)))
  ]
  (#any-of? @_slots "__slots__" "__match_args__"))

; where a text is code, and where inside of that it is none
(type) @typed
(call
  function: [(identifier) @_of (attribute attribute: (identifier) @_of)]
  arguments: (argument_list . (_) @typed)
  (#any-of? @_of "cast" "ForwardRef" "assert_type"))
(call
  function: [(identifier) @_of (attribute attribute: (identifier) @_of)]
  arguments: (argument_list . (_) . (_) @typed)
  (#eq? @_of "NewType"))
(call
  function: [(identifier) @_of (attribute attribute: (identifier) @_of)]
  arguments: (argument_list (keyword_argument name: (identifier) @_bound value: (_) @typed))
  (#any-of? @_of "TypeVar" "ParamSpec")
  (#any-of? @_bound "bound" "default"))
((generic_type . (identifier) @_literal) @untyped (#eq? @_literal "Literal"))
(generic_type . (identifier) @_literal (type_parameter . (_) (_) @untyped) (#eq? @_literal "Annotated"))
((subscript value: [(identifier) @_literal (attribute attribute: (identifier) @_literal)]) @untyped
  (#eq? @_literal "Literal"))
(subscript
  value: [(identifier) @_literal (attribute attribute: (identifier) @_literal)]
  subscript: (_) . subscript: (_) @untyped
  (#eq? @_literal "Annotated"))

; texts that look something up by its name, that are given to somebody, any others
(call
  function: [(identifier) @_look (attribute attribute: (identifier) @_look)]
  arguments: (argument_list (string (string_content) @looked))
  (#any-of? @_look "getattr" "setattr" "hasattr" "delattr" "attrgetter" "methodcaller" "patch" "object"))
(subscript
  value: [(call function: (identifier) @_look) (attribute attribute: (identifier) @_look)]
  subscript: (string (string_content) @looked)
  (#any-of? @_look "globals" "locals" "vars" "__dict__"))
(argument_list (string (string_content) @given))
(argument_list (keyword_argument value: (string (string_content) @given)))
(string (string_content) @text)

; what is given to an object by the name of its field, beside calls: asked for by a pattern, and made anew from another
(class_pattern
  (dotted_name) @pattern
  (case_pattern (keyword_pattern . (identifier) @pattern.field)))
(call
  function: [(identifier) @_copy (attribute attribute: (identifier) @_copy)]
  arguments: (argument_list (keyword_argument name: (identifier) @copied))
  (#any-of? @_copy "replace" "_replace" "evolve"))
; a class that makes objects of itself
(call
  function: (_) @remade
  arguments: (argument_list (keyword_argument name: (identifier) @remade.name))
  (#match? @remade "^(cls|__class__|self\\.__class__|type\\((self|cls)\\))$"))

; what a name is given, from which it can be called
(assignment left: (identifier) @named right: (call function: [(identifier) @maker (attribute attribute: (identifier) @maker)]))
(assignment left: (identifier) @named right: (attribute attribute: (identifier) @held))
(for_statement left: (identifier) @named right: [(identifier) @several (attribute attribute: (identifier) @several)])
(typed_parameter . (identifier) @named type: (type (identifier) @kind))
