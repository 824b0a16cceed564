; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

(identifier) @read

(function_definition) @scope
(lambda) @scope
(list_comprehension) @scope
(set_comprehension) @scope
(dictionary_comprehension) @scope
(generator_expression) @scope
(class_definition) @scope.class

; Written inside, read outside: defaults, annotations, bases, and what a comprehension walks first.
(typed_parameter type: (_) @scope.outside)
(typed_default_parameter type: (_) @scope.outside)
(function_definition return_type: (_) @scope.outside)
(class_definition superclasses: (_) @scope.outside)
(default_parameter value: (_) @scope.outside)
(typed_default_parameter value: (_) @scope.outside)
(list_comprehension body: (_) . (for_in_clause right: (_) @scope.outside))
(set_comprehension body: (_) . (for_in_clause right: (_) @scope.outside))
(dictionary_comprehension body: (_) . (for_in_clause right: (_) @scope.outside))
(generator_expression body: (_) . (for_in_clause right: (_) @scope.outside))

; A definition's own name belongs to the scope around it.
(function_definition name: (identifier) @bind.outer)
(class_definition name: (identifier) @bind.outer)

(parameters (identifier) @bind.parameter)
(lambda_parameters (identifier) @bind.parameter)
(default_parameter name: (identifier) @bind.parameter)
(typed_parameter . (identifier) @bind.parameter)
(typed_parameter . (list_splat_pattern (identifier) @bind.parameter))
(typed_parameter . (dictionary_splat_pattern (identifier) @bind.parameter))
(typed_default_parameter name: (identifier) @bind.parameter)
(dictionary_splat_pattern (identifier) @bind.parameter)

(assignment left: (identifier) @bind)
(augmented_assignment left: (identifier) @bind)
(named_expression name: (identifier) @bind)
(for_statement left: (identifier) @bind)
(for_in_clause left: (identifier) @bind)
(pattern_list (identifier) @bind)
(tuple_pattern (identifier) @bind)
(list_pattern (identifier) @bind)
(list_splat_pattern (identifier) @bind)
(as_pattern_target (identifier) @bind)
(as_pattern_target (tuple (identifier) @bind))
(as_pattern_target (list (identifier) @bind))
(as_pattern_target (list (list_splat (identifier) @bind)))
(as_pattern_target (tuple (list_splat (identifier) @bind)))
(type_alias_statement left: (type (identifier) @bind))
(type_alias_statement left: (type (generic_type . (identifier) @bind)))
(type_alias_statement left: (type (generic_type (type_parameter (type (identifier) @bind)))))
; Type parameters are seen in annotations, which are read outside; a class's members are told without their class.
(function_definition type_parameters: (type_parameter (type (identifier) @bind.outer)))
(function_definition type_parameters: (type_parameter (type (constrained_type . (type (identifier) @bind.outer)))))
(function_definition type_parameters: (type_parameter (type (splat_type (identifier) @bind.outer))))
(class_definition type_parameters: (type_parameter (type (splat_type (identifier) @bind.outer))))
(class_definition type_parameters: (type_parameter (type (identifier) @bind.outer)))
(class_definition type_parameters: (type_parameter (type (constrained_type . (type (identifier) @bind.outer)))))

(case_pattern (dotted_name . (identifier) @bind .))
(keyword_pattern (dotted_name . (identifier) @bind .))
(case_pattern (as_pattern (identifier) @bind))
(splat_pattern (identifier) @bind)

(import_statement name: (dotted_name . (identifier) @bind))
(aliased_import alias: (identifier) @bind)
(import_from_statement name: (dotted_name . (identifier) @bind))

(global_statement (identifier) @global)
(nonlocal_statement (identifier) @nonlocal)

; Not names of a scope
(dotted_name (identifier) @skip)
(keyword_argument name: (identifier) @skip)
(keyword_pattern . (identifier) @skip)

(attribute object: (_) @holder attribute: (identifier) @member)
(call function: (identifier) @call)
(call function: (attribute attribute: (identifier) @call))
