; Which names live where, beside `c_family`. Vocabulary: grammars/README.md.

; The parameters of what is only promised, or pointed to, are seen by nobody else.
(declaration declarator: (pointer_declarator declarator: (function_declarator parameters: (_) @scope)))
(declaration declarator: (pointer_declarator
  declarator: (pointer_declarator declarator: (function_declarator parameters: (_) @scope))))
(abstract_function_declarator parameters: (_) @scope)

; A function's own name belongs to the scope around it.
(function_definition declarator: (function_declarator declarator: (identifier) @bind.outer))
(function_definition
  declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @bind.outer)))
(function_definition declarator: (pointer_declarator
  declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @bind.outer))))
(type_definition declarator: (_ declarator: (_ (_ declarator: (type_identifier) @bind))))

(parameter_declaration declarator: (identifier) @bind.parameter)
(parameter_declaration declarator: (_ declarator: (identifier) @bind.parameter))
(parameter_declaration declarator: (_ declarator: (_ declarator: (identifier) @bind.parameter)))
(parameter_declaration declarator: (_ declarator: (_ declarator: (_ declarator: (identifier) @bind.parameter))))
(parameter_declaration declarator: (function_declarator
  declarator: (parenthesized_declarator (_ declarator: (identifier) @bind.parameter))))
(function_declarator parameters: (parameter_list (identifier) @bind.parameter))

(declaration declarator: (_ declarator: (_ declarator: (identifier) @bind)))
(declaration declarator: (_ declarator: (_ declarator: (_ declarator: (identifier) @bind))))

; Not names of a scope
(attribute_specifier (argument_list (call_expression function: (identifier) @skip)))
(initializer_pair designator: (field_designator (field_identifier) @skip))
