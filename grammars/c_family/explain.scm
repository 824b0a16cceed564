; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(return_statement (_) @returns)
