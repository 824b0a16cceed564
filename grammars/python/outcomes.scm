; How a function ends: what it gives back, yields and raises. Vocabulary: grammars/README.md.

(return_statement (_) @returns)
(yield) @yields
(raise_statement . [
  (call function: [(identifier) (attribute)] @error arguments: (argument_list . (string) @message .))
  (call function: [(identifier) (attribute)] @error)
  (identifier) @error
  (attribute) @error]) @raises

; When it does: the condition right around it.
(if_statement condition: (_) @when consequence: (block (raise_statement) @ends))
(elif_clause condition: (_) @when consequence: (block (raise_statement) @ends))
(if_statement
  condition: (_) @unless
  consequence: (_)
  .
  alternative: (else_clause body: (block (raise_statement) @ends)))
(except_clause . [(identifier) (attribute)] @after (block (raise_statement) @ends))
(except_clause . (as_pattern . [(identifier) (attribute)] @after) (block (raise_statement) @ends))

; What is raised in here may be dealt with before it leaves the function.
(try_statement body: (block) @tried (except_clause))
(with_statement body: (block) @tried)

; What happens in here is not done by the function itself.
(function_definition) @apart
(lambda) @apart
(class_definition) @apart
(list_comprehension) @apart
(set_comprehension) @apart
(dictionary_comprehension) @apart
(generator_expression) @apart
