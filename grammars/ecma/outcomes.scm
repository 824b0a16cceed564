; How a function ends: what it gives back, yields and raises. Vocabulary: grammars/README.md.

(return_statement (_) @returns)
(arrow_function body: (expression) @returns)
(yield_expression) @yields
(throw_statement (new_expression
  constructor: (_) @error
  arguments: (arguments . (string) @message .))) @raises
(throw_statement (new_expression constructor: (_) @error)) @raises

; When it does: the condition right around it.
(if_statement
  condition: (parenthesized_expression (_) @when)
  consequence: (statement_block (throw_statement) @ends))
(if_statement
  condition: (parenthesized_expression (_) @when)
  consequence: (throw_statement) @ends)
(if_statement
  condition: (parenthesized_expression (_) @unless)
  alternative: (else_clause (statement_block (throw_statement) @ends)))

; What is raised in here may be dealt with before it leaves the function.
(try_statement body: (statement_block) @tried handler: (catch_clause))

; What happens in here is not done by the function itself.
(function_declaration) @apart
(function_expression) @apart
(generator_function) @apart
(arrow_function) @apart
(method_definition) @apart
(class_declaration) @apart
(class) @apart
