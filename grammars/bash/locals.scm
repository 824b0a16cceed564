; Which names live where. A name that no other pattern claims is read.
; Vocabulary: grammars/README.md.

(variable_name) @read
(command name: (command_name (word) @read))

(function_definition) @scope.function

; A function's own name belongs to the scope around it.
(function_definition name: (word) @bind.outer)

; Only what is said to be local is; any other assignment sets the variable of the script.
(declaration_command ["local" "declare" "typeset"] (variable_assignment name: (variable_name) @bind))
(declaration_command ["local" "declare" "typeset"] (variable_name) @bind)
(declaration_command ["readonly" "export"] (variable_assignment name: (variable_name) @bind.top))
(variable_assignment name: (variable_name) @bind.top)
(for_statement variable: (variable_name) @bind)

; `$1`, `$@`
((variable_name) @skip (#match? @skip "^[0-9]+$"))

(command name: (command_name (word) @call))
