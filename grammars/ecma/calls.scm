; What is given to what is called. Vocabulary: grammars/README.md.

(call_expression
  function: [(identifier) @callee (member_expression property: (property_identifier) @callee)]
  arguments: (arguments) @arguments) @call
(new_expression
  constructor: [(identifier) @callee (member_expression property: (property_identifier) @callee)]
  arguments: (arguments) @arguments) @call

(arguments (spread_element) @spread) @given
