; What *Add validation* reads of a method. Run on one method's node. Vocabulary: grammars/README.md.

(method_declaration
  parameters: (parameter_list) @function.parameters
  body: (block) @function.body) @function
(constructor_declaration
  parameters: (parameter_list) @function.parameters
  body: (block) @function.body) @function
(local_function_statement
  parameters: (parameter_list) @function.parameters
  body: (block) @function.body) @function

; A body of these alone is not there yet.
(block (throw_statement) @stub)

(parameter_list (parameter
  type: (_) @parameter.type
  name: (identifier) @parameter.name)) @parameter
(parameter_list (parameter
  type: (nullable_type) @parameter.type @parameter.optional
  name: (identifier) @parameter.name)) @parameter
(parameter_list (parameter
  type: (_) @parameter.type
  name: (identifier) @parameter.name
  . (null_literal) @parameter.optional)) @parameter

; What the body needs of a name that it uses. What is called on it may be an extension, which null can be given to; a
; property is none.
(member_access_expression expression: (member_access_expression expression: (identifier) @use.member))
(element_access_expression expression: (member_access_expression expression: (identifier) @use.member))
(binary_expression (member_access_expression expression: (identifier) @use.member))
(assignment_expression left: (member_access_expression expression: (identifier) @use.member))
(foreach_statement right: (member_access_expression expression: (identifier) @use.member))
(_
  (member_access_expression expression: (identifier) @use.member name: (identifier) @_property) @_whole
  (#any-of? @_property "Length" "Name" "Keys" "Message" "FullName"))
(await_expression (identifier) @use.member)
(element_access_expression expression: (identifier) @use.member)
(foreach_statement right: (identifier) @use.member)
(invocation_expression function: (identifier) @use.called)
(binary_expression left: (_) @dividend operator: ["/" "%"] right: (identifier) @use.divisor)
(element_access_expression
  expression: (identifier) @use.indexed
  subscript: (bracketed_argument_list . (argument (integer_literal) @index) .)
  (#eq? @index "0"))
(element_access_expression
  expression: (identifier) @indexed
  subscript: (bracketed_argument_list . (argument (identifier) @use.index) .))
(array_creation_expression type: (array_type rank: (array_rank_specifier . (identifier) @use.size .)))

; Checks that may stand at the top of a body; new ones go below.
(if_statement consequence: (block . (throw_statement) .) !alternative) @guard
(if_statement consequence: (throw_statement) !alternative) @guard
(expression_statement (invocation_expression
  function: (member_access_expression name: (identifier) @_checker)
  (#match? @_checker "ThrowIf|NotNull|NotEmpty|^Requires"))) @guard

; What the body checks or deals with already.
(if_statement condition: (_) @checked consequence: (block (throw_statement)))
(if_statement condition: (_) @checked consequence: (throw_statement))
(if_statement condition: (_) @checked alternative: (block (throw_statement)))
(binary_expression left: (identifier) @checked.wholly operator: "??" right: (throw_expression))
(invocation_expression
  function: [
    (identifier) @_checker
    (member_access_expression name: (identifier) @_checker)
  ]
  arguments: (argument_list (argument (identifier) @checked.wholly))
  (#match? @_checker "(?i)^(check|validate|verify|ensure|require|assert|against|guard)|throwif|notnull|notempty"))

(if_statement condition: (_) @handled)
(while_statement condition: (_) @handled)
(do_statement condition: (_) @handled)
(for_statement condition: (_) @handled)
(conditional_expression condition: (_) @handled)
(switch_statement value: (_) @handled)
(binary_expression left: (_) @handled operator: ["&&" "||" "??"])
(conditional_access_expression condition: (identifier) @handled @handled.missing)
(is_pattern_expression expression: (identifier) @handled @handled.missing)
(is_expression left: (identifier) @handled @handled.missing)
(as_expression left: (identifier) @handled @handled.missing)
(binary_expression left: (identifier) @handled @handled.missing operator: ["==" "!="] right: (null_literal))
(binary_expression left: (null_literal) operator: ["==" "!="] right: (identifier) @handled @handled.missing)

; What gives a parameter another value, or its name to something else.
(assignment_expression left: (identifier) @assigned)
(prefix_unary_expression (identifier) @assigned)
(postfix_unary_expression (identifier) @assigned)
(variable_declarator name: (identifier) @assigned)
(foreach_statement left: (identifier) @assigned)
(argument "ref" (identifier) @assigned)
(argument "out" (identifier) @assigned)

; After these, the rest of the method may not run.
(return_statement) @leaves
(yield_statement) @leaves
(goto_statement) @leaves
