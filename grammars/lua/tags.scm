; What a file defines and requires. Vocabulary: grammars/README.md.

(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
(function_declaration
  name: (dot_index_expression table: (_) @receiver.type field: (identifier) @name)
  body: (_)? @body) @definition.function
(function_declaration
  name: (method_index_expression table: (_) @receiver.type method: (identifier) @name)
  body: (_)? @body) @definition.function
(assignment_statement
  (variable_list . name: (dot_index_expression table: (_) @receiver.type field: (identifier) @name) .)
  (expression_list . value: (function_definition body: (_)? @body) .)) @definition.function
(assignment_statement
  (variable_list . name: (identifier) @name .)
  (expression_list . value: (function_definition body: (_)? @body) .)) @definition.function

; A table that has a name is what functions are put in.
(variable_declaration (assignment_statement
  (variable_list . name: (identifier) @name .)
  (expression_list . value: (table_constructor) @body .))) @definition.class
(variable_declaration (assignment_statement
  (expression_list . value: (table_constructor
    (field name: (identifier) @name value: (function_definition body: (_)? @body)) @definition.function) .)))
(variable_declaration (assignment_statement
  (expression_list . value: (table_constructor
    (field name: (identifier) @name) @definition.field) .)))

(variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @definition.variable
(variable_declaration (variable_list name: (identifier) @name)) @definition.variable
(assignment_statement (variable_list name: (identifier) @name)) @definition.variable @item
(assignment_statement
  (variable_list name: (dot_index_expression table: (identifier) @receiver field: (identifier) @name))) @definition.field
(assignment_statement
  (variable_list name: (dot_index_expression
    table: (identifier) @receiver.type
    field: (identifier) @name))) @definition.field @item

(variable_declaration (assignment_statement
  (variable_list . name: (identifier) @imported.default .)
  (expression_list . value: (function_call
    name: (identifier) @_require
    arguments: (arguments (string content: (_) @module))) .))
  (#eq? @_require "require")) @import

; What a file gives to those that require it
(return_statement (expression_list . (identifier) @export.default .)) @item
