; What is given to what is called. Vocabulary: grammars/README.md.

(call
  function: [(identifier) @callee (attribute attribute: (identifier) @callee)]
  arguments: (argument_list) @arguments) @call
(call
  function: [(identifier) @callee (attribute attribute: (identifier) @callee)]
  arguments: (generator_expression) @one) @call

(argument_list (keyword_argument name: (identifier) @named)) @given
(argument_list (list_splat) @spread) @given
(argument_list (dictionary_splat) @spread.named) @given
(argument_list (keyword_argument name: (identifier) @passed.name value: (identifier) @passed.value)) @passed
