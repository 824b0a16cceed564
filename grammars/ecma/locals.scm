; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

[(identifier) (shorthand_property_identifier)] @read

(function_declaration) @scope.function
(function_expression) @scope.function
(arrow_function) @scope.function
(generator_function) @scope.function
(generator_function_declaration) @scope.function
(method_definition) @scope.function
(class_static_block) @scope.function
(class_declaration) @scope
(class) @scope
(statement_block) @scope
(switch_body) @scope
(if_statement) @scope
(else_clause) @scope
(while_statement) @scope
(do_statement) @scope
(with_statement) @scope
(for_statement) @scope
(for_in_statement) @scope
(catch_clause) @scope

; A definition's own name belongs to the scope around it; that of an expression is seen inside of it alone.
(function_declaration name: (identifier) @bind.outer)
(generator_function_declaration name: (identifier) @bind.outer)
(class_declaration name: (_) @bind.outer)
(function_expression name: (identifier) @bind)
(generator_function name: (identifier) @bind)
(class name: (_) @bind)
(export_statement "default" @bind value: [
  (arrow_function) (function_expression !name) (generator_function !name)
  (object) (array) (call_expression) (new_expression)
])

(arrow_function parameter: (identifier) @bind.parameter)
(catch_clause parameter: (identifier) @bind)

(lexical_declaration (variable_declarator name: (identifier) @bind))
(variable_declaration (variable_declarator name: (identifier) @bind.function))
(for_in_statement kind: ["let" "const"] left: (identifier) @bind)
(for_in_statement kind: "var" left: (identifier) @bind.function)

; Patterns, however deep.
(shorthand_property_identifier_pattern) @bind
(pair_pattern value: (identifier) @bind)
(assignment_pattern left: (identifier) @bind)
(array_pattern (identifier) @bind)
(rest_pattern (identifier) @bind)
(variable_declaration
  (variable_declarator name: [
    (array_pattern (identifier) @bind.function)
    (object_pattern [
      (shorthand_property_identifier_pattern) @bind.function
      (pair_pattern value: (identifier) @bind.function)
      (object_assignment_pattern left: (shorthand_property_identifier_pattern) @bind.function)
      (rest_pattern (identifier) @bind.function)
    ])
  ]))

; … unless they are assigned to.
(assignment_expression left: [(array_pattern) (object_pattern)] @assign.pattern)
(for_in_statement !kind left: [(array_pattern) (object_pattern)] @assign.pattern)

(import_clause (identifier) @bind)
(namespace_import (identifier) @bind)
(import_specifier name: (identifier) @bind !alias)
(import_specifier alias: (identifier) @bind)

; Not names of a scope
(import_specifier name: (identifier) @skip alias: (_))
(export_specifier alias: (identifier) @skip)
(export_statement (export_clause (export_specifier name: (identifier) @skip)) source: (_))
(namespace_export (identifier) @skip)

(member_expression object: (_) @holder property: [(property_identifier) (private_property_identifier)] @member)
(call_expression function: (identifier) @call)
(call_expression function: (member_expression property: (_) @call))
(new_expression constructor: (identifier) @call)
(new_expression constructor: (member_expression property: (_) @call))
