; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

(identifier) @read

(function_declaration) @scope.function
(function_definition) @scope.function
(do_statement) @scope
(while_statement) @scope
(repeat_statement) @scope
(for_statement) @scope
(if_statement consequence: (block) @scope)
(elseif_statement) @scope
(else_statement) @scope

; A function's own name belongs to the scope around it.
(function_declaration name: (identifier) @bind.outer)

(parameters name: (identifier) @bind.parameter)
(variable_declaration (variable_list name: (identifier) @bind))
(variable_declaration (assignment_statement (variable_list name: (identifier) @bind)))
; Without `local` it is the name of the file, or of everyone.
(assignment_statement (variable_list name: (identifier) @bind.top))
(for_generic_clause (variable_list name: (identifier) @bind))
(for_numeric_clause name: (identifier) @bind)

; Not names of a scope
(field name: (identifier) @skip)
(attribute (identifier) @skip)
(goto_statement (identifier) @skip)
(label_statement (identifier) @skip)

(dot_index_expression field: (identifier) @member)
(method_index_expression method: (identifier) @member)
(function_call name: (identifier) @call)
(function_call name: (dot_index_expression field: (identifier) @call))
(function_call name: (method_index_expression method: (identifier) @call))
