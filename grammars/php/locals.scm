; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

; A variable is its name with `$`.
[(name) (variable_name)] @read
(variable_name (name) @skip)

(class_declaration) @scope.class
(interface_declaration) @scope.class
(trait_declaration) @scope.class
(enum_declaration) @scope.class
(anonymous_class) @scope.class
(function_definition) @scope.function
(method_declaration) @scope.function
(anonymous_function) @scope.function
(arrow_function) @scope

; A definition's own name belongs to the scope around it.
(class_declaration name: (name) @bind.outer)
(interface_declaration name: (name) @bind.outer)
(trait_declaration name: (name) @bind.outer)
(enum_declaration name: (name) @bind.outer)
(function_definition name: (name) @bind.outer)
(method_declaration name: (name) @skip)
(enum_case name: (name) @skip)
(const_element . (name) @bind)
(property_element name: (variable_name) @skip)

(simple_parameter name: (variable_name) @bind.parameter)
(variadic_parameter name: (variable_name) @bind.parameter)
(property_promotion_parameter name: (variable_name) @bind.parameter)
(anonymous_function_use_clause (variable_name) @bind)
(anonymous_function_use_clause (by_ref (variable_name) @bind))

(assignment_expression left: (variable_name) @bind)
(reference_assignment_expression left: (variable_name) @bind)
(list_literal (variable_name) @bind)
(foreach_statement . (_) . (variable_name) @bind)
(foreach_statement . (_) . (by_ref (variable_name) @bind))
(foreach_statement . (_) . (pair (variable_name) @bind))
(foreach_statement . (_) . (pair (by_ref (variable_name) @bind)))
(catch_clause name: (variable_name) @bind.parameter)
(static_variable_declaration name: (variable_name) @bind)
(global_declaration (variable_name) @global)

(namespace_use_clause (qualified_name (name) @bind) !alias)
(namespace_use_clause . (name) @bind !alias)
(namespace_use_clause alias: (name) @bind)

; Not names of a scope
(namespace_name (name) @skip)
(namespace_use_clause . (name) @skip alias: (_))
(namespace_use_clause (qualified_name (name) @skip) alias: (_))
(argument name: (name) @skip)
(variable_name (name) @skip)
((variable_name) @skip (#eq? @skip "$this"))
((name) @skip (#any-of? @skip "static" "self" "parent"))

(member_access_expression name: (name) @member)
(nullsafe_member_access_expression name: (name) @member)
(member_call_expression name: (name) @member)
(nullsafe_member_call_expression name: (name) @member)
(scoped_call_expression name: (name) @member)
(scoped_property_access_expression name: (variable_name (name) @member))
(scoped_property_access_expression name: (variable_name) @skip)
(class_constant_access_expression . (_) (name) @member)

; What tells its namespace itself is no name of this file.
(object_creation_expression . (qualified_name (name) @member))
(function_call_expression function: (qualified_name (name) @member))
(named_type (qualified_name (name) @member))
(scoped_call_expression scope: (qualified_name (name) @member))
(class_constant_access_expression . (qualified_name (name) @member))
(base_clause (qualified_name (name) @member))
(class_interface_clause (qualified_name (name) @member))
(relative_name (name) @member)

(function_call_expression function: (name) @call)
(function_call_expression function: [(qualified_name (name) @call) (relative_name (name) @call)])
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression . (name) @call)
(object_creation_expression . [(qualified_name (name) @call) (relative_name (name) @call)])
