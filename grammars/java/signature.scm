; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(method_declaration type: (_) @returns)

(formal_parameters (formal_parameter type: (_) @type name: (identifier) @name)) @parameters
(formal_parameters (spread_parameter (variable_declarator name: (identifier) @name)) @rest) @parameters
