; Which names live where in C and C++ alike. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

[(identifier) (type_identifier)] @read

(function_definition) @scope.function
(compound_statement) @scope
(for_statement) @scope
(field_declaration_list) @scope.class
; The parameters of what is only promised, or pointed to, are seen by nobody else.
(declaration declarator: (function_declarator parameters: (_) @scope))
(function_declarator declarator: (parenthesized_declarator) parameters: (_) @scope)
(type_definition declarator: (function_declarator parameters: (_) @scope))

(struct_specifier name: (type_identifier) @bind body: (_))
(union_specifier name: (type_identifier) @bind body: (_))
(enum_specifier name: (type_identifier) @bind body: (_))
(enumerator name: (identifier) @bind)
(type_definition declarator: (type_identifier) @bind)
(type_definition declarator: (_ declarator: (type_identifier) @bind))
(type_definition declarator: (_ declarator: (parenthesized_declarator (_ declarator: (type_identifier) @bind))))

(declaration declarator: (identifier) @bind)
(declaration declarator: (_ declarator: (identifier) @bind))
(declaration declarator: (_ declarator: (parenthesized_declarator (_ declarator: (identifier) @bind))))
(declaration declarator: (_ declarator: (_ declarator: (parenthesized_declarator (_ declarator: (identifier) @bind)))))

(preproc_def name: (identifier) @bind)
(preproc_function_def name: (identifier) @bind)

; Not names of a scope
(preproc_params (identifier) @skip)
(preproc_ifdef name: (identifier) @skip)
(preproc_defined (identifier) @skip)
(attribute_specifier (argument_list (identifier) @skip))
(attribute name: (identifier) @skip)

(field_expression argument: (_) @holder field: (field_identifier) @member)
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
