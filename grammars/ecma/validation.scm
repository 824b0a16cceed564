; What *Add validation* reads of a function of JavaScript or TypeScript. Run on one function's node.
; Vocabulary: grammars/README.md.

(function_declaration
  parameters: (formal_parameters) @function.parameters
  body: (statement_block) @function.body) @function
(generator_function_declaration
  parameters: (formal_parameters) @function.parameters
  body: (statement_block) @function.body) @function
(function_expression
  parameters: (formal_parameters) @function.parameters
  body: (statement_block) @function.body) @function
(method_definition
  parameters: (formal_parameters) @function.parameters
  body: (statement_block) @function.body) @function

; A function that is given a name.
(_
  (variable_declarator value: [
    (arrow_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
    (arrow_function parameter: (identifier) @function.parameters body: (statement_block) @function.body)
    (function_expression parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
    (generator_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  ])) @function
(pair value: [
  (arrow_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (arrow_function parameter: (identifier) @function.parameters body: (statement_block) @function.body)
  (function_expression parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (generator_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
]) @function
(assignment_expression right: [
  (arrow_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (arrow_function parameter: (identifier) @function.parameters body: (statement_block) @function.body)
  (function_expression parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (generator_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
]) @function
(export_statement value: [
  (arrow_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (arrow_function parameter: (identifier) @function.parameters body: (statement_block) @function.body)
  (function_expression parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
  (generator_function parameters: (formal_parameters) @function.parameters body: (statement_block) @function.body)
]) @function

; `"use strict"` stays the first thing of a body.
(statement_block . (expression_statement . (string) .) @documentation)

; A body of these alone is not there yet.
(statement_block (throw_statement) @stub)
(statement_block (empty_statement) @stub)

(arrow_function parameter: (identifier) @parameter @parameter.name)

; What the body needs of a name that it uses.
(member_expression object: (identifier) @use.member !optional_chain)
(subscript_expression object: (identifier) @use.member !optional_chain)
(call_expression function: (identifier) @use.called . arguments: (arguments))
(for_in_statement operator: "of" right: (identifier) @use.walked)
(array (spread_element (identifier) @use.walked))
(arguments (spread_element (identifier) @use.walked))
(variable_declarator name: [(object_pattern) (array_pattern)] value: (identifier) @use.apart)
(member_expression
  object: (subscript_expression object: (identifier) @use.first index: (number) @index !optional_chain)
  !optional_chain
  (#eq? @index "0"))
(call_expression
  function: [(identifier) (member_expression)] @called
  arguments: (arguments . (identifier) @use.argument .))
(new_expression
  constructor: (identifier) @called
  arguments: (arguments . (identifier) @use.argument .))

; Checks that may stand at the top of a body; new ones go below. So do they below what makes the object.
(if_statement
  consequence: (statement_block . (throw_statement) .)
  !alternative) @guard
(if_statement consequence: (throw_statement) !alternative) @guard
(expression_statement (call_expression function: (super))) @guard

; What the body checks or deals with already.
(if_statement condition: (_) @checked consequence: (statement_block (throw_statement)))
(if_statement condition: (_) @checked consequence: (throw_statement))
(if_statement condition: (_) @checked alternative: (else_clause (statement_block (throw_statement))))
(if_statement condition: (_) @checked alternative: (else_clause (throw_statement)))
(switch_statement value: (_) @checked)
(expression_statement
  (call_expression
    function: [(identifier) (member_expression property: (property_identifier))] @_checker
    arguments: (arguments (identifier) @checked.wholly))
  (#match? @_checker "(?i)(^|[._])(check|validate|verify|ensure|require|assert|enforce|invariant|expect)"))
(expression_statement
  (call_expression
    function: [(identifier) (member_expression)] @_checker
    arguments: (arguments . (_) @checked))
  (#match? @_checker "(?i)(^|[._])(assert|invariant|ok$)"))

(if_statement condition: (_) @handled)
(while_statement condition: (_) @handled)
(do_statement condition: (_) @handled)
(for_statement condition: (_) @handled)
(ternary_expression condition: (_) @handled)
(switch_statement value: (_) @handled)
(binary_expression left: (_) @handled operator: ["&&" "||" "??"])
(member_expression object: (identifier) @handled @handled.missing optional_chain: (optional_chain))
(subscript_expression object: (identifier) @handled @handled.missing optional_chain: (optional_chain))

(unary_expression operator: "typeof" argument: (identifier) @handled.type)
(binary_expression left: (identifier) @handled.type operator: ["instanceof" "in"])
(call_expression
  function: (member_expression property: (property_identifier) @_asks)
  arguments: (arguments . (identifier) @handled.type)
  (#match? @_asks "^is[A-Z]"))
(call_expression
  function: (identifier) @_asks
  arguments: (arguments . (identifier) @handled.type)
  (#match? @_asks "^is([A-Z]|$)"))
(binary_expression
  left: (identifier) @handled.missing
  operator: ["==" "===" "!=" "!=="]
  right: [(null) (undefined)])
(unary_expression operator: "!" argument: (identifier) @handled @handled.missing)
(parenthesized_expression (identifier) @handled.missing)
(ternary_expression condition: (identifier) @handled.missing)
(binary_expression left: (identifier) @handled.missing operator: ["&&" "||" "??"])
(augmented_assignment_expression left: (identifier) @handled @handled.missing operator: ["??=" "||=" "&&="])

; Counts only inside of what is refused: `if (!isPath(x)) throw …`
(call_expression arguments: (arguments (identifier) @handled.call))

; What gives a parameter another value, or its name to something else.
(assignment_expression left: (identifier) @assigned)
(augmented_assignment_expression left: (identifier) @assigned)
(update_expression argument: (identifier) @assigned)
(for_in_statement left: (identifier) @assigned)
(variable_declarator name: (identifier) @assigned)
(array_pattern (identifier) @assigned)
(shorthand_property_identifier_pattern) @assigned
(pair_pattern value: (identifier) @assigned)

; `x = String(x)`: the function takes more than it says.
(assignment_expression
  left: (identifier) @_name
  right: (call_expression arguments: (arguments . (identifier) @handled.type))
  (#eq? @_name @handled.type))

; After these, the rest of the function may not run.
(return_statement) @leaves
(yield_expression) @leaves
