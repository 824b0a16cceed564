; Which names live where, beside `c_family`. Vocabulary: grammars/README.md.

(qualified_identifier scope: (namespace_identifier) @read)
; `Order::Order(int id) : id_(id)`
(field_initializer (field_identifier) @read)

(lambda_expression) @scope.function
(for_range_loop) @scope
(if_statement) @scope
(while_statement) @scope
(switch_statement) @scope
(catch_clause) @scope
(requires_expression) @scope
(enum_specifier ["class" "struct"] body: (_) @scope.class)
; The parameters of what is only promised, or pointed to, are seen by nobody else.
(declaration declarator: (_ (function_declarator parameters: (_) @scope)))
(declaration declarator: (_ (_ (function_declarator parameters: (_) @scope))))
(field_declaration declarator: (function_declarator parameters: (_) @scope))
(field_declaration declarator: (_ (function_declarator parameters: (_) @scope)))
(field_declaration declarator: (_ (_ (function_declarator parameters: (_) @scope))))
(type_descriptor declarator: (abstract_function_declarator parameters: (_) @scope))
(parameter_declaration declarator: (abstract_function_declarator parameters: (_) @scope))

; A function's own name belongs to the scope around it.
(function_definition type: (_)
  declarator: (function_declarator declarator: [(identifier) (field_identifier)] @bind.outer))
(function_definition type: (_)
  declarator: (_ (function_declarator declarator: [(identifier) (field_identifier)] @bind.outer)))
(function_definition type: (_)
  declarator: (_ (_ (function_declarator declarator: [(identifier) (field_identifier)] @bind.outer))))
; A constructor is reached through its class, and what stands outside of its class as well.
(function_definition !type declarator: (function_declarator declarator: (identifier) @skip))
(declaration !type declarator: (function_declarator declarator: (identifier) @skip))
(destructor_name (identifier) @skip)
(function_declarator declarator: (qualified_identifier name: (identifier) @skip))
(function_declarator declarator: (qualified_identifier name: (qualified_identifier name: (identifier) @skip)))

(class_specifier name: (type_identifier) @bind body: (_))
(namespace_definition name: (namespace_identifier) @bind)
(namespace_alias_definition name: (namespace_identifier) @bind)
(alias_declaration name: (type_identifier) @bind)
(concept_definition name: (identifier) @bind)
(using_declaration (qualified_identifier name: [(identifier) (type_identifier)] @bind))
(field_declaration declarator: (field_identifier) @bind)
(field_declaration declarator: (_ declarator: (field_identifier) @bind))
(field_declaration declarator: (_ (function_declarator declarator: (field_identifier) @bind)))
(field_declaration declarator: (_ (_ declarator: (field_identifier) @bind)))
(field_declaration declarator: (reference_declarator (field_identifier) @bind))

(type_parameter_declaration (type_identifier) @bind)
(variadic_type_parameter_declaration (type_identifier) @bind)
(optional_type_parameter_declaration name: (type_identifier) @bind)
(template_parameter_list (parameter_declaration declarator: (identifier) @bind))
(template_parameter_list (optional_parameter_declaration declarator: (identifier) @bind))

(parameter_list [
  (parameter_declaration declarator: [
    (identifier) @bind.parameter
    (_ declarator: (identifier) @bind.parameter)
    (reference_declarator (identifier) @bind.parameter)
    (reference_declarator (variadic_declarator (identifier) @bind.parameter))
    (_ declarator: (_ declarator: (identifier) @bind.parameter))
    (_ declarator: (parenthesized_declarator (_ declarator: (identifier) @bind.parameter)))
    (reference_declarator (parenthesized_declarator (_ declarator: (identifier) @bind.parameter)))])
  (optional_parameter_declaration declarator: [
    (identifier) @bind.parameter
    (_ declarator: (identifier) @bind.parameter)
    (reference_declarator (identifier) @bind.parameter)
    (_ declarator: (_ declarator: (identifier) @bind.parameter))])
  (variadic_parameter_declaration declarator: [
    (variadic_declarator (identifier) @bind.parameter)
    (reference_declarator (variadic_declarator (identifier) @bind.parameter))])])

(declaration declarator: (reference_declarator (identifier) @bind))
(declaration declarator: (reference_declarator (function_declarator declarator: (identifier) @bind)))
(declaration type: (_) declarator: (_ declarator: (_ declarator: (identifier) @bind)))
(declaration declarator: (_ declarator: (reference_declarator (identifier) @bind)))
(for_range_loop declarator: (identifier) @bind)
(for_range_loop declarator: (_ (identifier) @bind))
(structured_binding_declarator (identifier) @bind)
(lambda_capture_initializer left: (identifier) @bind)
(init_statement (alias_declaration name: (type_identifier) @bind))

; Not names of a scope
(template_function name: (identifier) @skip (#any-of? @skip "static_cast" "dynamic_cast" "const_cast" "reinterpret_cast"))

(field_expression field: (template_method name: (field_identifier) @member))
(qualified_identifier scope: (_) name: [(identifier) (type_identifier)] @member)
(qualified_identifier scope: (_) name: (template_type name: (type_identifier) @member))
(qualified_identifier scope: (_) name: (template_function name: (identifier) @member))
(qualified_identifier scope: (_) name: (qualified_identifier scope: (namespace_identifier) @member))

(call_expression function: (template_function name: (identifier) @call))
(call_expression function: (field_expression field: (template_method name: (field_identifier) @call)))
(call_expression function: (qualified_identifier name: (identifier) @call))
(call_expression function: (qualified_identifier name: (qualified_identifier name: (identifier) @call)))
(call_expression function: (qualified_identifier name: (template_function name: (identifier) @call)))
(new_expression type: (type_identifier) @call)
(new_expression type: (template_type name: (type_identifier) @call))
