; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

[(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @read
(pair key: (hash_key_symbol) @read !value)

(class) @scope.class
(module) @scope.class
(singleton_class) @scope.class
(method) @scope.function
(singleton_method) @scope.function
(block) @scope
(do_block) @scope
(lambda) @scope

; A definition's own name belongs to the scope around it.
(class name: (constant) @bind.outer)
(module name: (constant) @bind.outer)
(class name: (scope_resolution name: (constant) @skip))
(module name: (scope_resolution name: (constant) @skip))
(method name: (identifier) @bind.outer)
(method name: (setter (identifier) @skip))
(method name: (constant) @bind.outer)
(singleton_method name: (identifier) @bind.outer)
(singleton_method name: (setter (identifier) @skip))

(method_parameters (identifier) @bind.parameter)
(lambda_parameters (identifier) @bind.parameter)
(block_parameters (identifier) @bind.parameter)
(destructured_parameter (identifier) @bind.parameter)
(optional_parameter name: (identifier) @bind.parameter)
(keyword_parameter name: (identifier) @bind.parameter)
(splat_parameter name: (identifier) @bind.parameter)
(hash_splat_parameter name: (identifier) @bind.parameter)
(block_parameter name: (identifier) @bind.parameter)

(assignment left: [(identifier) (constant)] @bind)
(operator_assignment left: [(identifier) (constant)] @bind)
(left_assignment_list [(identifier) (constant)] @bind)
(destructured_left_assignment (identifier) @bind)
(rest_assignment (identifier) @bind)
(for pattern: (identifier) @bind)
(exception_variable (identifier) @bind)
(assignment left: (global_variable) @bind)

(in_clause pattern: (identifier) @bind)
(array_pattern (identifier) @bind)
(find_pattern (identifier) @bind)
(as_pattern name: (identifier) @bind)
(keyword_pattern key: (hash_key_symbol) @bind !value)
(keyword_pattern value: (identifier) @bind)

; Not names of a scope
(assignment left: [(instance_variable) (class_variable)] @skip)
(operator_assignment left: [(instance_variable) (class_variable)] @skip)
(left_assignment_list (instance_variable) @skip)
(alias (identifier) @skip)
(undef (identifier) @skip)
((identifier) @skip (#match? @skip "^(_[1-9]|it|private|protected|public|module_function|private_constant)$"))

(call receiver: (_) method: [(identifier) (constant)] @member)
(scope_resolution scope: (_) name: (_) @member)
(call method: [(identifier) (constant)] @call)
