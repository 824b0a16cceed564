; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(throw_statement (object_creation_expression type: (_) @raises))
(throw_expression (object_creation_expression type: (_) @raises))
(yield_statement) @yields
(return_statement (_) @returns)
