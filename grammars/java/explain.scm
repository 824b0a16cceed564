; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(throw_statement (object_creation_expression type: (_) @raises))
(return_statement (_) @returns)
