; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

[(identifier) (type_identifier) (package_identifier)] @read

(function_declaration) @scope.function
(method_declaration) @scope.function
(func_literal) @scope.function
(function_type) @scope
(method_elem) @scope
(type_spec) @scope
(type_alias) @scope
(block) @scope
(if_statement) @scope
(for_statement) @scope
(expression_switch_statement) @scope
(type_switch_statement) @scope
(expression_case) @scope
(type_case) @scope
(default_case) @scope
(communication_case) @scope

; A definition's own name belongs to the scope around it.
(function_declaration name: (identifier) @bind.outer)
(type_spec name: (type_identifier) @bind.outer)
(type_alias name: (type_identifier) @bind.outer)

(const_spec name: (identifier) @bind)
(var_spec name: (identifier) @bind)
(short_var_declaration left: (expression_list (identifier) @bind))
(range_clause left: (expression_list (identifier) @bind) ":=")
(receive_statement left: (expression_list (identifier) @bind) ":=")
(type_switch_statement alias: (expression_list (identifier) @bind))
(parameter_declaration name: (identifier) @bind.parameter)
(variadic_parameter_declaration name: (identifier) @bind.parameter)
(type_parameter_declaration name: (identifier) @bind.parameter)
; func (list *List[T]) …: the receiver names the type's parameters.
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (generic_type type_arguments: (type_arguments (type_elem (type_identifier) @bind.parameter)))
    (pointer_type (generic_type type_arguments: (type_arguments (type_elem (type_identifier) @bind.parameter))))
  ])))

(import_spec name: (package_identifier) @bind)

; Not names of a scope
(package_clause (package_identifier) @skip)
; A field of the struct that is written, or a variable where it is a map: nobody can tell here.
(keyed_element key: (literal_element (identifier) @mention))

(selector_expression operand: (_) @holder field: (field_identifier) @member)
(qualified_type name: (type_identifier) @member)
(call_expression function: (identifier) @call)
(call_expression function: (selector_expression field: (field_identifier) @call))
(call_expression function: (parenthesized_expression (identifier) @call))
; `T(x)` is read as a conversion or as a call, as it happens.
(type_conversion_expression type: (type_identifier) @call)
(type_conversion_expression type: (qualified_type name: (type_identifier) @call))
; `F[T](x)`: an index, or type arguments.
(call_expression function: (index_expression operand: (identifier) @call))
(call_expression function: (index_expression operand: (selector_expression field: (field_identifier) @call)))
(type_conversion_expression type: (generic_type type: (type_identifier) @call))
(type_conversion_expression type: (generic_type type: (qualified_type name: (type_identifier) @call)))
