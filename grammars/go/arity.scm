; How many arguments a function takes. Vocabulary: grammars/README.md.

(function_declaration parameters: (parameter_list) @list)

(parameter_list (parameter_declaration name: (identifier) @needed))
(parameter_list (parameter_declaration !name) @needed)
(parameter_list (variadic_parameter_declaration) @rest)

; f(g()) gives all that g gives
(argument_list . (call_expression) @several .)
