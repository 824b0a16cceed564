; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

[(identifier) (type_identifier)] @read

(class_declaration) @scope.class
(record_declaration) @scope.class
(interface_declaration) @scope.class
(annotation_type_declaration) @scope.class
(enum_declaration) @scope.class
(object_creation_expression (class_body) @scope.class)
(enum_constant body: (class_body) @scope.class)

(method_declaration) @scope.function
(constructor_declaration) @scope.function
(compact_constructor_declaration) @scope.function
(lambda_expression) @scope.function

(block) @scope
(for_statement) @scope
(enhanced_for_statement) @scope
(try_with_resources_statement) @scope
(catch_clause) @scope
(labeled_statement) @scope
(switch_block) @scope
(switch_rule) @scope

; A definition's own name belongs to the scope around it.
(class_declaration name: (identifier) @bind.outer)
(record_declaration name: (identifier) @bind.outer)
(interface_declaration name: (identifier) @bind.outer)
(annotation_type_declaration name: (identifier) @bind.outer)
(enum_declaration name: (identifier) @bind.outer)
(method_declaration name: (identifier) @bind.outer)
(annotation_type_element_declaration name: (identifier) @bind)
(enum_constant name: (identifier) @bind)
; A constructor is reached through its class.
(constructor_declaration name: (identifier) @skip)
(compact_constructor_declaration name: (identifier) @skip)

; What a record is made of are its fields; what any other thing is given are parameters.
(record_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @bind)))
(method_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @bind.parameter)))
(constructor_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @bind.parameter)))
(lambda_expression parameters: (formal_parameters (formal_parameter name: (identifier) @bind.parameter)))
(spread_parameter (variable_declarator name: (identifier) @bind.parameter))
(lambda_expression parameters: (identifier) @bind.parameter)
(inferred_parameters (identifier) @bind.parameter)
(catch_formal_parameter name: (identifier) @bind.parameter)

(type_parameter . (type_identifier) @bind)
(type_parameter . (_) . (type_identifier) @bind)

(field_declaration declarator: (variable_declarator name: (identifier) @bind))
(constant_declaration declarator: (variable_declarator name: (identifier) @bind))
(local_variable_declaration declarator: (variable_declarator name: (identifier) @bind))
(enhanced_for_statement name: (identifier) @bind)
(resource name: (identifier) @bind)
(instanceof_expression name: (identifier) @bind)
(type_pattern (_) (identifier) @bind)
(record_pattern_component (_) (identifier) @bind)
(labeled_statement . (identifier) @bind)

; Imported names
(import_declaration (scoped_identifier name: (identifier) @bind) .)
(import_declaration (scoped_identifier scope: (identifier) @skip))
(import_declaration (identifier) @skip (asterisk))
(scoped_identifier scope: (identifier) @skip)
(import_declaration (scoped_identifier name: (identifier) @skip) (asterisk))
(package_declaration (identifier) @skip)
(package_declaration (scoped_identifier name: (identifier) @skip))
(scoped_identifier scope: (scoped_identifier name: (identifier) @skip))
(module_declaration name: (_) @skip)
(requires_module_directive (identifier) @skip)
(exports_module_directive (identifier) @skip)

; Not names of a scope
(element_value_pair key: (identifier) @skip)
((type_identifier) @skip (#eq? @skip "var"))

(field_access object: (_) @holder field: (identifier) @member)
(method_invocation object: (_) @holder name: (identifier) @member)
(method_reference (_) . (identifier) @member)
(scoped_type_identifier (_) (type_identifier) @member)
(method_invocation name: (identifier) @call)
(object_creation_expression type: [(type_identifier) @call (generic_type . (type_identifier) @call)])
(object_creation_expression type: [
  (scoped_type_identifier (_) (type_identifier) @call)
  (generic_type . (scoped_type_identifier (_) (type_identifier) @call))])
