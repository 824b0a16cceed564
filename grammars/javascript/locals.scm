
(formal_parameters (identifier) @bind.parameter)
(formal_parameters (assignment_pattern left: (identifier) @bind.parameter))
(formal_parameters (rest_pattern (identifier) @bind.parameter))
(for_in_statement kind: "using" left: (identifier) @bind)
(using_declaration (variable_declarator name: (identifier) @bind))
