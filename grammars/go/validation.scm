; What *Add validation* reads of a function. Run on one function's node. Vocabulary: grammars/README.md.

(function_declaration
  parameters: (parameter_list) @function.parameters
  body: (block (statement_list) @function.statements) @function.body) @function
(method_declaration
  parameters: (parameter_list) @function.parameters
  body: (block (statement_list) @function.statements) @function.body) @function

(function_declaration parameters: (parameter_list
  (parameter_declaration name: (identifier) @parameter.name type: (_) @parameter.type)) @parameter)
(method_declaration parameters: (parameter_list
  (parameter_declaration name: (identifier) @parameter.name type: (_) @parameter.type)) @parameter)

; What it gives back, by which it can say that something is wrong.
(function_declaration result: (parameter_list (parameter_declaration !name type: (_) @result)))
(function_declaration result: (parameter_list
  (parameter_declaration name: (identifier) @result.name type: (_) @result)))
(function_declaration result: [(type_identifier) (pointer_type) (slice_type) (map_type) (qualified_type)] @result)
(method_declaration result: (parameter_list (parameter_declaration !name type: (_) @result)))
(method_declaration result: (parameter_list
  (parameter_declaration name: (identifier) @result.name type: (_) @result)))
(method_declaration result: [(type_identifier) (pointer_type) (slice_type) (map_type) (qualified_type)] @result)
(return_statement (expression_list) @returned)

; A body of these alone is not there yet.
(statement_list (expression_statement
  (call_expression function: (identifier) @_stops (#eq? @_stops "panic"))) @stub)

; What the body needs of a name that it uses. What is called on a pointer may deal with nil itself.
(unary_expression operator: "*" operand: (identifier) @use.member)
(selector_expression operand: (selector_expression operand: (identifier) @use.member))
(binary_expression (selector_expression operand: (identifier) @use.member))
(assignment_statement left: (expression_list (selector_expression operand: (identifier) @use.member)))
(index_expression operand: (selector_expression operand: (identifier) @use.member))
(slice_expression operand: (selector_expression operand: (identifier) @use.member))
(range_clause right: (selector_expression operand: (identifier) @use.member))
(inc_statement (selector_expression operand: (identifier) @use.member))
(dec_statement (selector_expression operand: (identifier) @use.member))
(call_expression function: (selector_expression operand: (identifier) @use.asked))
(call_expression function: (identifier) @use.called)
(assignment_statement left: (expression_list (index_expression operand: (identifier) @use.written)))
(binary_expression left: (_) @dividend operator: ["/" "%"] right: (identifier) @use.divisor)
(assignment_statement
  left: (expression_list (_) @dividend)
  operator: ["/=" "%="]
  right: (expression_list . (identifier) @use.divisor .))
(index_expression operand: (identifier) @use.indexed index: (int_literal) @index (#eq? @index "0"))
(index_expression operand: (identifier) @indexed index: (identifier) @use.index)
(call_expression
  function: (identifier) @_make
  arguments: (argument_list (slice_type) . (identifier) @use.size .)
  (#eq? @_make "make"))
(call_expression
  function: (selector_expression) @called
  arguments: (argument_list . (identifier) @use.argument .))

; Checks that may stand at the top of a body; new ones go below.
(if_statement
  !initializer
  consequence: (block (statement_list . (return_statement (expression_list [(call_expression) (selector_expression) (identifier)] .)) .))
  !alternative) @guard
(if_statement
  !initializer
  consequence: (block (statement_list . (expression_statement
    (call_expression function: (identifier) @_stops (#eq? @_stops "panic"))) .))
  !alternative) @guard

; What the body checks or deals with already.
(if_statement condition: (_) @handled)
(for_clause condition: (_) @handled)
(for_statement . (binary_expression) @handled)
(expression_switch_statement value: (_) @handled)
(expression_case value: (_) @handled)
(binary_expression left: (_) @handled operator: ["&&" "||"])
(type_switch_statement value: (identifier) @handled.type)
(type_assertion_expression operand: (identifier) @handled.type)
(binary_expression left: (identifier) @handled.missing operator: ["==" "!="] right: (nil))
(expression_statement
  (call_expression
    function: [(identifier) (selector_expression field: (field_identifier))] @_checker
    arguments: (argument_list (identifier) @checked.wholly))
  (#match? @_checker "(?i)(^|[._])(check|validate|verify|ensure|must|require|assert)"))

; What gives a parameter another value, or its name to something else.
(assignment_statement left: (expression_list (identifier) @assigned))
(short_var_declaration left: (expression_list (identifier) @assigned))
(range_clause left: (expression_list (identifier) @assigned))
(var_spec name: (identifier) @assigned)
(inc_statement (identifier) @assigned)
(dec_statement (identifier) @assigned)

; After these, the rest of the function may not run, or something else deals with what it does.
(return_statement) @leaves
(defer_statement) @leaves
(goto_statement) @leaves
