; Which names live where. An identifier that no other pattern claims is read.
; Vocabulary: grammars/README.md.

[(identifier) (type_identifier)] @read

(function_item) @scope.function
(function_signature_item) @scope.function
(closure_expression) @scope.function
(function_type) @scope
(macro_definition) @scope
(block) @scope
(match_arm) @scope
(for_expression) @scope
(if_expression) @scope
(while_expression) @scope
(impl_item) @scope
(trait_item) @scope
(struct_item) @scope
(enum_item) @scope
(union_item) @scope
(type_item) @scope
(mod_item) @scope

; A definition's own name belongs to the scope around it.
(function_item name: (identifier) @bind.outer)
(function_signature_item name: (identifier) @bind.outer)
(macro_definition name: (identifier) @bind.outer)
(struct_item name: (type_identifier) @bind.outer)
(union_item name: (type_identifier) @bind.outer)
(enum_item name: (type_identifier) @bind.outer)
(trait_item name: (type_identifier) @bind.outer)
(type_item name: (type_identifier) @bind.outer)
(mod_item name: (identifier) @bind.outer)
(associated_type name: (type_identifier) @bind)
(const_item name: (identifier) @bind)
(static_item name: (identifier) @bind)
(extern_crate_declaration name: (identifier) @bind !alias)
(extern_crate_declaration alias: (identifier) @bind)

; Type parameters. The members of a container are told without its head, so there they are names of the file.
(type_parameter name: (type_identifier) @bind.parameter)
(const_parameter name: (identifier) @bind.parameter)
(impl_item type_parameters: (type_parameters [
  (type_parameter name: (type_identifier) @bind.outer)
  (const_parameter name: (identifier) @bind.outer)
]))
(trait_item type_parameters: (type_parameters [
  (type_parameter name: (type_identifier) @bind.outer)
  (const_parameter name: (identifier) @bind.outer)
]))
(enum_item type_parameters: (type_parameters [
  (type_parameter name: (type_identifier) @bind.outer)
  (const_parameter name: (identifier) @bind.outer)
]))

; Patterns. A name that begins with a capital is a constant, a unit or a variant, which is read.
((parameter pattern: (identifier) @bind.parameter) (#match? @bind.parameter "^[_a-z]"))
((closure_parameters (identifier) @bind.parameter) (#match? @bind.parameter "^[_a-z]"))
((let_declaration pattern: (identifier) @bind) (#match? @bind "^[_a-z]"))
((let_condition pattern: (identifier) @bind) (#match? @bind "^[_a-z]"))
((for_expression pattern: (identifier) @bind) (#match? @bind "^[_a-z]"))
((match_pattern . (identifier) @bind) (#match? @bind "^[_a-z]"))
((tuple_pattern (identifier) @bind) (#match? @bind "^[_a-z]"))
((tuple_struct_pattern (identifier) @bind) (#match? @bind "^[_a-z]"))
((slice_pattern (identifier) @bind) (#match? @bind "^[_a-z]"))
((or_pattern (identifier) @bind) (#match? @bind "^[_a-z]"))
((reference_pattern (identifier) @bind) (#match? @bind "^[_a-z]"))
(ref_pattern (identifier) @bind)
(mut_pattern (identifier) @bind)
(captured_pattern . (identifier) @bind)
(field_pattern name: (shorthand_field_identifier) @bind)
((field_pattern pattern: (identifier) @bind) (#match? @bind "^[_a-z]"))

(use_declaration argument: (identifier) @bind)
(use_declaration argument: (scoped_identifier name: (identifier) @bind))
(use_list (identifier) @bind)
(use_list (scoped_identifier name: (identifier) @bind))
(use_as_clause alias: (identifier) @bind)
; use a::b::{self}
(scoped_use_list path: (identifier) @bind list: (use_list (self)))
(scoped_use_list path: (scoped_identifier name: (identifier) @bind) list: (use_list (self)))

; Not names of a scope
(enum_variant name: (identifier) @skip)
(lifetime (identifier) @skip)
(label (identifier) @skip)
(type_binding name: (type_identifier) @skip)
(token_tree_pattern (identifier) @skip)
(scoped_use_list path: (identifier) @skip)
(use_wildcard (identifier) @skip)
(use_as_clause path: (identifier) @skip)
(visibility_modifier (identifier) @skip)
(attribute (identifier) @skip)

; A path may begin with the name of a crate, and what a macro makes of a name is its own affair.
(scoped_identifier path: (identifier) @mention)
(scoped_type_identifier path: (identifier) @mention)
(macro_invocation macro: (identifier) @mention @call)
(token_tree (identifier) @mention)

; What a macro is told alone, at the top of a file, it makes.
(macro_invocation (token_tree . (identifier) @bind.top .))

(field_expression value: (_) @holder field: (field_identifier) @member)
(field_initializer field: (field_identifier) @member)
(field_pattern name: (field_identifier) @member)
(scoped_identifier name: (identifier) @member)
(scoped_type_identifier name: (type_identifier) @member)
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (scoped_identifier name: (identifier) @call))
(call_expression function: (generic_function function: (identifier) @call))
(call_expression function: (generic_function function: (field_expression field: (field_identifier) @call)))
(call_expression function: (generic_function function: (scoped_identifier name: (identifier) @call)))
(macro_invocation macro: (scoped_identifier name: (identifier) @call))
(token_tree "." . (identifier) @member)
