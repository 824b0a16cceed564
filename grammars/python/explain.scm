; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(raise_statement . (call function: [(identifier) (attribute)] @raises))
(raise_statement . [(identifier) (attribute)] @raises)
(yield) @yields
(return_statement (_) @returns)
