; Who may call what is not named where it is called. Vocabulary: grammars/README.md.

(marker_annotation name: (_) @mark)
(annotation name: (_) @mark)

(explicit_constructor_invocation constructor: (this) @made.own arguments: (argument_list) @made.arguments)
(explicit_constructor_invocation constructor: (super) @made.above arguments: (argument_list) @made.arguments)
(method_reference . (_) @made.handed "new")

(lambda_expression) @unnamed.function
(method_reference) @unnamed.function
(object_creation_expression type: [
  (type_identifier) @unnamed.class
  (generic_type . (type_identifier) @unnamed.class)
  (scoped_type_identifier) @unnamed.class] (class_body))
(enum_declaration name: (identifier) @unnamed.class body: (enum_body (enum_constant body: (class_body))))
