; Where a program that runs but answers wrongly may be wrong. Vocabulary: grammars/README.md.

(function_definition name: (identifier) @function.name body: (block) @function.body) @function

(binary_operator left: (_) @left operator: _ @operator right: (_) @right) @binary
(comparison_operator . (_) @left operators: _ @operator . (_) @right .) @comparison
(boolean_operator left: (_) @left operator: _ @operator right: (_) @right) @boolean
(augmented_assignment left: (_) @target operator: _ @operator right: (_) @value) @augmented
(assignment left: (_) @target right: (_) @value) @assignment
(not_operator argument: (_) @inner) @wrapping
(unary_operator argument: (_) @inner) @wrapping
(call arguments: (argument_list . (_) @inner .)) @wrapping
(subscript value: (_) @inner) @wrapping
(parenthesized_expression (_) @inner)

(if_statement condition: (_) @condition)
(elif_clause condition: (_) @condition)
(while_statement condition: (_) @condition)
(if_clause (_) @condition)
(conditional_expression (_) . (_) @condition . (_))
(assert_statement . (_) @condition)

; values, by what they are used for
(argument_list (_) @argument)
(keyword_argument value: (_) @argument)
(subscript subscript: (_) @index)
(slice (_) @index)
(slice) @sliced
(return_statement (_) @returned)
(yield (_) @returned)
(lambda body: (_) @returned)
(assignment right: (_) @assigned)
(augmented_assignment right: (_) @assigned)
(for_statement right: (_) @walked)
(for_in_clause right: (_) @walked)
(binary_operator left: (_) @operand)
(binary_operator right: (_) @operand)
(comparison_operator (_) @operand)
(boolean_operator left: (_) @operand)
(boolean_operator right: (_) @operand)
(list (_) @element)
(tuple (_) @element)
(expression_list (_) @element)
(list_comprehension body: (_) @element)
(generator_expression body: (_) @element)
(pair value: (_) @element)
(conditional_expression . (_) @element)
(conditional_expression (_) @element .)

; things that stand side by side and can be mixed up
(argument_list (_) @beside)
(subscript subscript: (_) @beside)
(expression_list (_) @beside)
(tuple (_) @beside)

(call function: (identifier) @called)
(call function: (attribute attribute: (identifier) @called.member))
(attribute object: (_) @receiver attribute: (identifier) @member)
(integer) @number
(true) @truth
(false) @truth
(none) @truth

(block (_) @statement)
