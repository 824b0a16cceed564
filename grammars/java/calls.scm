; What is given to what is called. Vocabulary: grammars/README.md.

(method_invocation name: (identifier) @callee arguments: (argument_list) @arguments) @call
(object_creation_expression
  type: [
    (type_identifier) @callee
    (generic_type . (type_identifier) @callee)
    (scoped_type_identifier (type_identifier) @callee .)
    (generic_type . (scoped_type_identifier (type_identifier) @callee .))]
  arguments: (argument_list) @arguments) @call
