
(type_identifier) @read

(abstract_class_declaration) @scope
(interface_declaration) @scope
(type_alias_declaration) @scope
(function_signature) @scope
(method_signature) @scope
(abstract_method_signature) @scope
(call_signature) @scope
(construct_signature) @scope
(function_type) @scope
(constructor_type) @scope
(index_signature) @scope
(enum_declaration) @scope
(internal_module) @scope.function
(module) @scope.function

(abstract_class_declaration name: (_) @bind.outer)
(interface_declaration name: (_) @bind.outer)
(type_alias_declaration name: (_) @bind.outer)
(enum_declaration name: (_) @bind.outer)
(function_signature name: (_) @bind.outer)
(internal_module name: (identifier) @bind.outer)
(internal_module name: (nested_identifier . (identifier) @bind.outer))
(internal_module name: (nested_identifier . (member_expression . (identifier) @bind.outer)))
(internal_module name: (nested_identifier . (member_expression . (member_expression . (identifier) @bind.outer))))
(module name: (identifier) @bind.outer)
(module name: (nested_identifier . (identifier) @bind.outer))
(import_alias . (identifier) @bind)
(import_require_clause (identifier) @bind)

(required_parameter pattern: (identifier) @bind.parameter)
(required_parameter pattern: (rest_pattern (identifier) @bind.parameter))
(optional_parameter pattern: (identifier) @bind.parameter)
(index_signature name: (identifier) @bind.parameter)
(mapped_type_clause name: (type_identifier) @bind.parameter)
; What a condition infers is seen in the whole of it.
(conditional_type) @scope.function
(infer_type "infer" . (type_identifier) @bind.function)

; Type parameters. The members of a class are told without its head, so there they are names of the file.
(type_parameter name: (type_identifier) @bind.parameter)
(class_declaration type_parameters: (type_parameters (type_parameter name: (type_identifier) @bind.outer)))
(abstract_class_declaration type_parameters: (type_parameters (type_parameter name: (type_identifier) @bind.outer)))
(interface_declaration type_parameters: (type_parameters (type_parameter name: (type_identifier) @bind.outer)))

; Not names of a scope
(nested_identifier property: (property_identifier) @member)
(nested_type_identifier name: (type_identifier) @member)
(tuple_type (required_parameter name: (identifier) @skip))
(tuple_type (optional_parameter name: (identifier) @skip))
(tuple_type (required_parameter name: (rest_pattern (identifier) @skip)))
