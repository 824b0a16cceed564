; What *Add validation* reads of a function. Run on one function's node. Vocabulary: grammars/README.md.

(function_definition
  parameters: (formal_parameters) @function.parameters
  body: (compound_statement) @function.body) @function
(method_declaration
  parameters: (formal_parameters) @function.parameters
  body: (compound_statement) @function.body) @function

; A body of these alone is not there yet.
(compound_statement (expression_statement (throw_expression)) @stub)

; Parameters that hold one argument each; one that is a reference is given a value here.
(formal_parameters (simple_parameter
  !reference_modifier
  type: (_)? @parameter.type
  name: (variable_name (name) @parameter.name)
  default_value: (_)? @parameter.default)) @parameter
(formal_parameters (property_promotion_parameter
  type: (_)? @parameter.type
  name: (variable_name (name) @parameter.name)
  default_value: (_)? @parameter.default)) @parameter

; What the body needs of a name that it uses. A member of nothing is nothing; a call of it fails.
(member_call_expression object: (variable_name (name) @use.member))
(function_call_expression function: (variable_name (name) @use.member))
(binary_expression left: (_) @dividend operator: ["/" "%"] right: (variable_name (name) @use.divisor))
(augmented_assignment_expression left: (_) @dividend operator: ["/=" "%="] right: (variable_name (name) @use.divisor))
(function_call_expression
  function: (name) @_divides
  arguments: (arguments (argument) . (argument . (variable_name (name) @use.divisor)))
  (#eq? @_divides "intdiv"))

; Checks that may stand at the top of a body; new ones go below. So do they below what makes the object.
(if_statement
  body: (compound_statement . (expression_statement (throw_expression)) .)
  !alternative) @guard
(expression_statement (scoped_call_expression
  scope: (relative_scope)
  name: (name) @_makes
  (#eq? @_makes "__construct"))) @guard

; What the body checks or deals with already.
(if_statement condition: (_) @checked body: (compound_statement (expression_statement (throw_expression))))
(if_statement condition: (_) @checked body: (expression_statement (throw_expression)))
([
  (function_call_expression function: (_) @_checker arguments: (arguments (argument (variable_name (name) @checked.wholly))))
  (scoped_call_expression name: (name) @_checker arguments: (arguments (argument (variable_name (name) @checked.wholly))))
  (member_call_expression name: (name) @_checker arguments: (arguments (argument (variable_name (name) @checked.wholly))))
] (#match? @_checker "(?i)^(assert|check|validate|verify|ensure|require|guard)|notnull|notempty|throwif"))

(if_statement condition: (_) @handled)
(else_if_clause condition: (_) @handled)
(while_statement condition: (_) @handled)
(do_statement condition: (_) @handled)
(for_statement condition: (_) @handled)
(conditional_expression condition: (_) @handled)
(match_expression condition: (_) @handled)
(match_condition_list (_) @handled)
(switch_statement condition: (_) @handled)
(binary_expression left: (_) @handled operator: ["&&" "||" "??" "and" "or"])
(binary_expression left: (variable_name (name) @handled.missing) operator: ["==" "===" "!=" "!=="] right: (null))
(binary_expression left: (null) operator: ["==" "===" "!=" "!=="] right: (variable_name (name) @handled.missing))
(binary_expression left: (variable_name (name) @handled.type) operator: "instanceof")
(binary_expression left: (variable_name (name) @handled.missing) operator: "??")
(nullsafe_member_call_expression object: (variable_name (name) @handled @handled.missing))
(nullsafe_member_access_expression object: (variable_name (name) @handled @handled.missing))
(augmented_assignment_expression left: (variable_name (name) @handled @handled.missing) operator: "??=")
(function_call_expression
  function: (name) @_asks
  arguments: (arguments . (argument (variable_name (name) @handled.type)))
  (#match? @_asks "^(is_|isset|empty|get_debug_type|gettype|method_exists)"))

; What gives a parameter another value, or may: arguments can be references.
(assignment_expression left: (variable_name (name) @assigned))
(augmented_assignment_expression left: (variable_name (name) @assigned))
(reference_assignment_expression left: (variable_name (name) @assigned))
(update_expression (variable_name (name) @assigned))
(list_literal (variable_name (name) @assigned))
(foreach_statement (variable_name (name) @assigned) . body: (_))
(argument (variable_name (name) @assigned))

; After these, the rest of the function may not run.
(return_statement) @leaves
(yield_expression) @leaves
(exit_statement) @leaves
