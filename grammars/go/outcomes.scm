; How a function ends: what it gives back. Vocabulary: grammars/README.md.

(return_statement (expression_list (_) @returns))

; What happens in here is not done by the function itself.
(func_literal) @apart
