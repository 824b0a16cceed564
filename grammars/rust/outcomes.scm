; How a function ends: what it gives back. Vocabulary: grammars/README.md.

(return_expression (_) @returns)
(function_item body: (block (_) @returns .))

; What happens in here is not done by the function itself.
(closure_expression) @apart
(function_item) @apart
(async_block) @apart
