; What *Add validation* reads of a function. Run on one function's node.
; Vocabulary: grammars/README.md.

(function_definition
  name: (identifier) @function.name
  parameters: (parameters) @function.parameters
  body: (block) @function.body) @function

(function_definition
  body: (block . (expression_statement . [(string) (concatenated_string)] .) @documentation))

; A body of these alone is not there yet.
(block (pass_statement) @stub)
(block (expression_statement (ellipsis)) @stub)
(block (raise_statement) @stub)

; Parameters that hold one argument each. `*args` and `**kwargs` match nothing here.
(parameters (identifier) @parameter.name) @parameter
(parameters (default_parameter
  name: (identifier) @parameter.name
  value: (_) @parameter.default)) @parameter
(parameters (typed_parameter
  . (identifier) @parameter.name
  type: (type) @parameter.type)) @parameter
(parameters (typed_default_parameter
  name: (identifier) @parameter.name
  type: (type) @parameter.type
  value: (_) @parameter.default)) @parameter

; What the body needs of a name that it uses.
(binary_operator left: (_) @dividend operator: ["/" "//" "%"] right: (identifier) @use.divisor)
(augmented_assignment left: (_) @dividend operator: ["/=" "//=" "%="] right: (identifier) @use.divisor)
(binary_operator operator: ["/" "//" "%"]
  right: (call
    function: (identifier) @_len
    arguments: (argument_list . (identifier) @use.length-divisor .))
  (#eq? @_len "len"))
(subscript
  value: (identifier) @use.indexed
  subscript: [(integer) (unary_operator (integer))] @index
  (#match? @index "^(0|-1)$"))
(call
  function: [(identifier) (attribute)] @called
  arguments: (argument_list . (identifier) @use.argument .))
(call
  function: (attribute
    object: (identifier) @use.method
    attribute: (identifier) @method)
  arguments: (argument_list))
(call
  function: (identifier) @_range
  arguments: (argument_list . (_) . (_) . (identifier) @use.step .)
  (#eq? @_range "range"))

; Checks that may stand at the top of a body; new ones go below.
(if_statement
  consequence: (block . (raise_statement) .)
  !alternative) @guard
(assert_statement) @guard

; What the body checks or deals with already.
(if_statement
  condition: (_) @checked
  consequence: (block (raise_statement)))
(elif_clause
  condition: (_) @checked
  consequence: (block (raise_statement)))
(if_statement
  condition: (_) @checked
  alternative: (else_clause body: (block (raise_statement))))
(match_statement
  subject: (_) @checked
  body: (block (case_clause consequence: (block (raise_statement)))))
(assert_statement . (_) @checked)
(expression_statement
  (call
    function: [(identifier) (attribute attribute: (identifier))] @_checker
    arguments: (argument_list (identifier) @checked.wholly))
  (#match? @_checker "(^|[._])(check|validate|verify|ensure|require|assert|enforce|coerce)"))

(if_statement condition: (_) @handled)
(elif_clause condition: (_) @handled)
(while_statement condition: (_) @handled)
(conditional_expression (_) . (_) @handled . (_))
(match_statement subject: (_) @handled)
(case_clause guard: (_) @handled)
(if_clause (_) @handled)
(boolean_operator left: (_) @handled)
(call
  function: (identifier) @_asks
  arguments: (argument_list . (identifier) @handled.type)
  (#any-of? @_asks "isinstance" "issubclass" "hasattr" "getattr" "type" "callable"))
(comparison_operator (identifier) @handled.missing operators: ["is" "is not"])
(boolean_operator left: (identifier) @handled.missing operator: "or")
(boolean_operator left: (not_operator argument: (identifier) @handled.missing))
(match_statement subject: (identifier) @handled.type)

; Counts only inside of what is refused: `if not is_path(x): raise …`
(call
  function: (_) @_asks
  arguments: (argument_list (identifier) @handled.call)
  (#not-eq? @_asks "len"))

; What gives a parameter another value.
(assignment left: (identifier) @assigned)
(assignment left: (pattern_list (identifier) @assigned))
(augmented_assignment left: (identifier) @assigned)
(named_expression name: (identifier) @assigned)
(for_statement left: (identifier) @assigned)
(delete_statement (identifier) @assigned)
(as_pattern_target (identifier) @assigned)
(global_statement (identifier) @assigned)
(nonlocal_statement (identifier) @assigned)

; `x = int(x)`: the function takes more than it says.
(assignment
  left: (identifier) @_name
  right: (call arguments: (argument_list . (identifier) @handled.type))
  (#eq? @_name @handled.type))

; After these, the rest of the function may not run.
(return_statement) @leaves
