; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

(identifier) @read

(class_declaration) @scope.class
(struct_declaration) @scope.class
(record_declaration) @scope.class
(interface_declaration) @scope.class
(enum_declaration) @scope.class

(method_declaration) @scope.function
(constructor_declaration) @scope.function
(destructor_declaration) @scope.function
(operator_declaration) @scope.function
(conversion_operator_declaration) @scope.function
(indexer_declaration) @scope.function
(delegate_declaration) @scope.function
(local_function_statement) @scope.function
(lambda_expression) @scope.function
(anonymous_method_expression) @scope.function

(block) @scope
(for_statement) @scope
(foreach_statement) @scope
(using_statement) @scope
(catch_clause) @scope
(switch_body) @scope
(switch_expression_arm) @scope
(query_expression) @scope

; A definition's own name belongs to the scope around it.
(class_declaration name: (identifier) @bind.outer)
(struct_declaration name: (identifier) @bind.outer)
(record_declaration name: (identifier) @bind.outer)
(interface_declaration name: (identifier) @bind.outer)
(enum_declaration name: (identifier) @bind.outer)
(delegate_declaration name: (identifier) @bind.outer)
(method_declaration name: (identifier) @bind.outer)
(local_function_statement name: (identifier) @bind.outer)
(property_declaration name: (identifier) @bind)
(event_declaration name: (identifier) @bind)
(enum_member_declaration name: (identifier) @bind)
; A constructor is reached through its class.
(constructor_declaration name: (identifier) @skip)
(destructor_declaration name: (identifier) @skip)

(record_declaration (parameter_list (parameter name: (identifier) @bind)))
(method_declaration parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(method_declaration parameters: (parameter_list name: (identifier) @bind.parameter))
(constructor_declaration parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(constructor_declaration parameters: (parameter_list name: (identifier) @bind.parameter))
(class_declaration (parameter_list (parameter name: (identifier) @bind.parameter)))
(struct_declaration (parameter_list (parameter name: (identifier) @bind.parameter)))
(operator_declaration parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(conversion_operator_declaration parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(delegate_declaration parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(local_function_statement parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(lambda_expression parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(anonymous_method_expression parameters: (parameter_list (parameter name: (identifier) @bind.parameter)))
(indexer_declaration parameters: (bracketed_parameter_list (parameter name: (identifier) @bind.parameter)))
(lambda_expression parameters: (implicit_parameter) @bind.parameter)
(type_parameter name: (identifier) @bind)

(variable_declarator name: (identifier) @bind)
(tuple_pattern name: (identifier) @bind)
(foreach_statement left: (identifier) @bind)
(catch_declaration name: (identifier) @bind.parameter)
(declaration_expression name: (identifier) @bind)
(declaration_pattern name: (identifier) @bind)
(recursive_pattern name: (identifier) @bind)
(var_pattern name: (identifier) @bind)
(parenthesized_variable_designation name: (identifier) @bind)
(from_clause name: (identifier) @bind)
(let_clause . (identifier) @bind)
(join_clause . (identifier) @bind)

(using_directive name: (identifier) @bind)

; Not names of a scope
(using_directive !name (identifier) @skip)
(using_directive (qualified_name name: (identifier) @skip))
(qualified_name qualifier: (qualified_name (identifier) @skip))
(using_directive (qualified_name qualifier: (identifier) @skip))
(namespace_declaration name: (identifier) @skip)
(namespace_declaration name: (qualified_name (identifier) @skip))
(file_scoped_namespace_declaration name: (identifier) @skip)
(file_scoped_namespace_declaration name: (qualified_name (identifier) @skip))
(argument name: (identifier) @skip)
(attribute_argument name: (identifier) @skip)
(subpattern . (identifier) @skip . (_))
(labeled_statement . (identifier) @skip)
(goto_statement (identifier) @skip)
(alias_qualified_name alias: (identifier) @skip)
(preproc_if condition: (_) @skip)
(preproc_elif condition: (_) @skip)

(member_access_expression name: (identifier) @member)
(member_access_expression name: (generic_name . (identifier) @member))
(member_binding_expression name: (identifier) @member)
(member_binding_expression name: (generic_name . (identifier) @member))
(qualified_name qualifier: (_) name: (identifier) @member)
(qualified_name qualifier: (_) name: (generic_name . (identifier) @member))
(initializer_expression (assignment_expression left: (identifier) @member))

(invocation_expression function: (identifier) @call)
(invocation_expression function: (generic_name . (identifier) @call))
(invocation_expression function: (member_access_expression name: (identifier) @call))
(invocation_expression function: (member_access_expression name: (generic_name . (identifier) @call)))
(invocation_expression function: (conditional_access_expression (member_binding_expression name: (identifier) @call)))
(object_creation_expression type: (identifier) @call)
(object_creation_expression type: (generic_name . (identifier) @call))
(object_creation_expression type: (qualified_name name: (identifier) @call))
