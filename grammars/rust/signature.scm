; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(function_item return_type: (_) @returns)
(function_signature_item return_type: (_) @returns)

(parameters (parameter pattern: (identifier) @name type: (_) @type)) @parameters
