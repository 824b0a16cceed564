; What can be said more simply and means the same, whatever the values are. Vocabulary: grammars/README.md.

(not_operator argument: [
  (comparison_operator . (_) @a . "is" . (_) @b .)
  (parenthesized_expression (comparison_operator . (_) @a . "is" . (_) @b .))]) @simplify.is-not
(not_operator argument: [
  (comparison_operator . (_) @a . "in" . (_) @b .)
  (parenthesized_expression (comparison_operator . (_) @a . "in" . (_) @b .))]) @simplify.not-in
(not_operator argument: (parenthesized_expression
  (comparison_operator . (_) @a . "is not" . (_) @b .))) @simplify.is
(not_operator argument: (parenthesized_expression
  (comparison_operator . (_) @a . "not in" . (_) @b .))) @simplify.in
(conditional_expression . (true) . (_) @test . (false) .) @simplify.truth
(conditional_expression . (false) . (_) @test . (true) .) @simplify.untruth
((conditional_expression . (identifier) @a . (identifier) @same . (_) @b .) @simplify.or
  (#eq? @a @same))

(if_statement
  condition: (_) @test
  consequence: (block . (return_statement (true)) .)
  . alternative: (else_clause body: (block . (return_statement (false)) .)) .) @simplify.return-truth
(if_statement
  condition: (_) @test
  consequence: (block . (return_statement (false)) .)
  . alternative: (else_clause body: (block . (return_statement (true)) .)) .) @simplify.return-untruth

(if_statement
  condition: (_) @outer
  consequence: (block . (if_statement
    condition: (_) @inner
    consequence: (block) @body
    !alternative) .)
  !alternative) @simplify.nested

(if_statement alternative: (else_clause body: (block . (if_statement
  condition: (_) @inner
  consequence: (block) @body
  !alternative) .)) @simplify.elif)

((list_comprehension
  body: (identifier) @x
  . (for_in_clause left: (identifier) @same "in" . (_) @all .) .) @simplify.list
  (#eq? @x @same) (#not-match? @all "^\\*"))
