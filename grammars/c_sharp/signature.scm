; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(method_declaration returns: (_) @returns)
(local_function_statement type: (_) @returns)

(parameter_list (parameter type: (_) @type name: (identifier) @name ("=" (_) @default)?)) @parameters
