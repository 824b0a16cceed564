; What *Explain* tells of a function. Vocabulary: grammars/README.md.

(throw_statement (call_expression function: (_) @raises))
(co_yield_statement) @yields
