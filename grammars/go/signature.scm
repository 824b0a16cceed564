; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(function_declaration result: (_) @returns)
(method_declaration result: (_) @returns)

(function_declaration parameters: (parameter_list
  (parameter_declaration name: (identifier) @name type: (_) @type)) @parameters)
(function_declaration parameters: (parameter_list
  (variadic_parameter_declaration name: (identifier) @name type: (_) @type) @rest) @parameters)
(method_declaration parameters: (parameter_list
  (parameter_declaration name: (identifier) @name type: (_) @type)) @parameters)
(method_declaration parameters: (parameter_list
  (variadic_parameter_declaration name: (identifier) @name type: (_) @type) @rest) @parameters)
