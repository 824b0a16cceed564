; How a method ends: what it gives back and raises. Vocabulary: grammars/README.md.

(return_statement (_) @returns)
(throw_statement (object_creation_expression
  type: (_) @error
  arguments: (argument_list . (string_literal) @message .))) @raises
(throw_statement (object_creation_expression type: (_) @error)) @raises

; What it declares, and types that a caller chooses.
(throws (_) @declared)
(type_parameters (type_parameter . (type_identifier) @generic))

; When it does: the condition right around it.
(if_statement
  condition: (parenthesized_expression (_) @when)
  consequence: (block (throw_statement) @ends))
(if_statement
  condition: (parenthesized_expression (_) @when)
  consequence: (throw_statement) @ends)
(if_statement
  condition: (parenthesized_expression (_) @unless)
  alternative: (block (throw_statement) @ends))
(catch_clause
  (catch_formal_parameter (catch_type (_) @after))
  body: (block (throw_statement) @ends))

; What is raised in here may be dealt with before it leaves the method.
(try_statement body: (block) @tried (catch_clause))
(try_with_resources_statement body: (block) @tried (catch_clause))

; What happens in here is not done by the method itself.
(lambda_expression) @apart
(class_declaration) @apart
(class_body) @apart
