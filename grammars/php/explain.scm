; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(throw_expression (object_creation_expression . [(name) (qualified_name)] @raises))
(yield_expression) @yields
(return_statement (_) @returns)
