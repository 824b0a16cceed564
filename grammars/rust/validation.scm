; What *Add validation* reads of a function. Run on one function's node. Vocabulary: grammars/README.md.

(function_item
  parameters: (parameters) @function.parameters
  body: (block) @function.body) @function

; A body of these alone is not there yet.
(block (expression_statement (macro_invocation macro: (identifier) @_stops
  (#any-of? @_stops "todo" "unimplemented" "panic"))) @stub)
(block (macro_invocation macro: (identifier) @_stops
  (#any-of? @_stops "todo" "unimplemented" "panic")) @stub)

(parameters (parameter
  pattern: (identifier) @parameter.name
  type: (_) @parameter.type)) @parameter

; What the body needs of a name that it uses.
(binary_expression left: (_) @dividend operator: ["/" "%"] right: (identifier) @use.divisor)
(compound_assignment_expr left: (_) @dividend operator: ["/=" "%="] right: (identifier) @use.divisor)
(index_expression . (identifier) @use.indexed . (integer_literal) @index (#eq? @index "0"))
(index_expression . (identifier) @indexed . (identifier) @use.index)
(call_expression
  function: (field_expression value: (identifier) @use.opened field: (field_identifier) @_opens)
  (#any-of? @_opens "unwrap" "expect"))
(call_expression
  function: (field_expression field: (field_identifier) @_steps)
  arguments: (arguments . (identifier) @use.step .)
  (#any-of? @_steps "chunks" "chunks_exact" "windows" "step_by" "rchunks"))

; Checks that may stand at the top of a body; new ones go below.
(expression_statement (macro_invocation macro: (identifier) @_checks
  (#match? @_checks "^(debug_)?assert"))) @guard
(expression_statement (if_expression
  consequence: (block . (expression_statement [(return_expression) (macro_invocation)]) .)
  !alternative)) @guard

; What the body checks or deals with already.
(macro_invocation macro: (identifier) @_checks (token_tree (identifier) @checked.wholly)
  (#match? @_checks "^(debug_)?assert|^ensure$|^bail$"))
(macro_invocation macro: (identifier) @_checks (token_tree (token_tree (identifier) @checked.wholly))
  (#match? @_checks "^(debug_)?assert|^ensure$|^bail$"))
(if_expression condition: (_) @handled)
(while_expression condition: (_) @handled)
(match_expression value: (_) @handled)
(binary_expression left: (_) @handled operator: ["&&" "||"])

; What gives a parameter another value, or its name to something else.
(assignment_expression left: (identifier) @assigned)
(compound_assignment_expr left: (identifier) @assigned)
(let_declaration pattern: (identifier) @assigned)
(let_declaration pattern: (mut_pattern (identifier) @assigned))
(let_declaration pattern: (tuple_pattern (identifier) @assigned))
(for_expression pattern: (identifier) @assigned)
(reference_expression (mutable_specifier) value: (identifier) @assigned)

; After these, the rest of the function may not run.
(return_expression) @leaves
(try_expression) @leaves
(break_expression) @leaves
