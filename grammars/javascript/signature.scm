; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(formal_parameters (identifier) @name) @parameters
(formal_parameters (assignment_pattern left: (identifier) @name right: (_) @default)) @parameters
(formal_parameters (rest_pattern (identifier) @name) @rest) @parameters
(arrow_function parameter: (identifier) @parameters @name)
