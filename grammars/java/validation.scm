; What *Add validation* reads of a method. Run on one method's node. Vocabulary: grammars/README.md.

(method_declaration
  parameters: (formal_parameters) @function.parameters
  body: (block) @function.body) @function
(constructor_declaration
  parameters: (formal_parameters) @function.parameters
  body: (constructor_body) @function.body) @function

; A body of these alone is not there yet.
(block (throw_statement) @stub)

(formal_parameters (formal_parameter
  type: (_) @parameter.type
  name: (identifier) @parameter.name)) @parameter
(formal_parameters (formal_parameter
  (modifiers (marker_annotation name: (identifier) @_may) @parameter.optional)
  type: (_) @parameter.type
  name: (identifier) @parameter.name)
  (#match? @_may "^(Nullable|CheckForNull|PossiblyNull)$")) @parameter

; What the body needs of a name that it uses.
(method_invocation object: (identifier) @use.member)
(field_access object: (identifier) @use.member)
(array_access array: (identifier) @use.member)
(enhanced_for_statement value: (identifier) @use.walked)
(synchronized_statement (parenthesized_expression (identifier) @use.member))
(binary_expression left: (_) @dividend operator: ["/" "%"] right: (identifier) @use.divisor)
(array_access array: (identifier) @use.indexed index: (decimal_integer_literal) @index (#eq? @index "0"))
(array_access array: (identifier) @indexed index: (identifier) @use.index)
(method_invocation
  object: (identifier) @use.first
  name: (identifier) @_asks
  arguments: (argument_list . (decimal_integer_literal) @index .)
  (#any-of? @_asks "charAt" "get")
  (#eq? @index "0"))
(array_creation_expression dimensions: (dimensions_expr (identifier) @use.size))

; Checks that may stand at the top of a body; new ones go below. So do they below what makes the object.
(if_statement consequence: (block . (throw_statement) .) !alternative) @guard
(if_statement consequence: (throw_statement) !alternative) @guard
(expression_statement (method_invocation
  name: (identifier) @_checker
  (#match? @_checker "(?i)^(requireNonNull|check|validate|verify|ensure|require|assert)|NotNull|notNull|NotEmpty|notEmpty"))) @guard
(explicit_constructor_invocation) @guard

; What the body checks or deals with already.
(if_statement condition: (_) @checked consequence: (block (throw_statement)))
(if_statement condition: (_) @checked consequence: (throw_statement))
(if_statement condition: (_) @checked alternative: (block (throw_statement)))
(assert_statement . (_) @checked)
(method_invocation
  name: (identifier) @_checker
  arguments: (argument_list (identifier) @checked.wholly)
  (#match? @_checker "(?i)^(requireNonNull|checkNotNull|check|validate|verify|ensure|require|assert|hasText|hasLength)|NotNull|notNull|NotEmpty|notEmpty"))

(if_statement condition: (_) @handled)
(while_statement condition: (_) @handled)
(do_statement condition: (_) @handled)
(for_statement condition: (_) @handled)
(ternary_expression condition: (_) @handled)
(switch_expression condition: (_) @handled)
(binary_expression left: (_) @handled operator: ["&&" "||"])
(instanceof_expression left: (identifier) @handled.type)
(binary_expression left: (identifier) @handled @handled.missing operator: ["==" "!="] right: (null_literal))
(binary_expression left: (null_literal) operator: ["==" "!="] right: (identifier) @handled @handled.missing)

; What gives a parameter another value, or its name to something else.
(assignment_expression left: (identifier) @assigned)
(update_expression (identifier) @assigned)
(variable_declarator name: (identifier) @assigned)
(enhanced_for_statement name: (identifier) @assigned)

; After these, the rest of the method may not run.
(return_statement) @leaves
(yield_statement) @leaves
