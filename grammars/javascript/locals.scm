
(formal_parameters (identifier) @bind.parameter)
(formal_parameters (assignment_pattern left: (identifier) @bind.parameter))
(formal_parameters (rest_pattern (identifier) @bind.parameter))
(for_in_statement kind: "using" left: (identifier) @bind)
(using_declaration (variable_declarator name: (identifier) @bind))

; Where nothing binds a name, the first that assigns it does.
(assignment_expression left: (identifier) @assign)
(for_in_statement !kind left: (identifier) @assign)
