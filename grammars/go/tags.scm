; What a file of Go defines and imports. Vocabulary: grammars/README.md.

; Tests that stand outside of the package that they test are one of their own, in the same folder.
((package_clause (package_identifier) @name) @definition.module
  (#match? @name "_test$"))

(function_declaration
  name: (identifier) @name
  result: (_)? @returns
  body: (block) @body) @definition.function
(function_declaration
  name: (identifier) @name
  result: (_)? @returns
  !body) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @receiver.type
    (pointer_type (type_identifier) @receiver.type)
    (generic_type type: (type_identifier) @receiver.type)
    (pointer_type (generic_type type: (type_identifier) @receiver.type))
  ]))
  name: (field_identifier) @name
  result: (_)? @returns
  body: (block) @body) @definition.function

; `type T struct { … }` is whole with its keyword; in a group each stands for itself.
((type_declaration
  (type_spec
    name: (type_identifier) @name
    type: (struct_type (field_declaration_list) @body))) @definition.class
  (#not-match? @definition.class "^type\\s*\\("))
((type_declaration
  (type_spec
    name: (type_identifier) @name
    type: (interface_type "{" @body))) @definition.interface
  (#not-match? @definition.interface "^type\\s*\\("))
((type_declaration
  (type_spec
    name: (type_identifier) @name
    type: [
      (array_type) (channel_type) (function_type) (generic_type) (map_type) (negated_type)
      (pointer_type) (qualified_type) (slice_type) (type_identifier) (parenthesized_type)
    ] @type)) @definition.type
  (#not-match? @definition.type "^type\\s*\\("))
((type_declaration
  (type_alias name: (type_identifier) @name type: (_) @type)) @definition.type
  (#not-match? @definition.type "^type\\s*\\("))
(type_declaration
  "("
  (type_spec
    name: (type_identifier) @name
    type: (struct_type (field_declaration_list) @body)) @definition.class)
(type_declaration
  "("
  (type_spec
    name: (type_identifier) @name
    type: (interface_type "{" @body)) @definition.interface)
(type_declaration
  "("
  (type_spec
    name: (type_identifier) @name
    type: [
      (array_type) (channel_type) (function_type) (generic_type) (map_type) (negated_type)
      (pointer_type) (qualified_type) (slice_type) (type_identifier) (parenthesized_type)
    ] @type) @definition.type)
(type_declaration
  "("
  (type_alias name: (type_identifier) @name type: (_) @type) @definition.type)

(field_declaration
  name: (field_identifier) @name
  type: (_) @type) @definition.field
; An embedded type is a field of its own name, and what it has is had as well.
(field_declaration
  !name
  type: [
    (type_identifier) @name @type
    (pointer_type (type_identifier) @name @type)
    (qualified_type name: (type_identifier) @name) @type
    (pointer_type (qualified_type name: (type_identifier) @name) @type)
    (generic_type type: (type_identifier) @name) @type
    (generic_type type: (qualified_type name: (type_identifier) @name)) @type
  ]) @definition.field
(method_elem
  name: (field_identifier) @name
  result: (_)? @returns) @definition.function

((const_declaration
  (const_spec name: (identifier) @name type: (_)? @type)) @definition.constant
  (#not-match? @definition.constant "^const\\s*\\("))
(const_declaration
  "("
  (const_spec name: (identifier) @name type: (_)? @type) @definition.constant)
((var_declaration
  (var_spec name: (identifier) @name type: (_)? @type)) @definition.variable
  (#not-match? @definition.variable "^var\\s*\\("))
(var_spec_list
  (var_spec name: (identifier) @name type: (_)? @type) @definition.variable)

((type_declaration
  (type_spec
    type: (struct_type (field_declaration_list (field_declaration
      !name
      type: [
        (type_identifier) @base
        (qualified_type) @base
        (pointer_type (type_identifier) @base)
        (pointer_type (qualified_type) @base)
        (generic_type type: (_) @base)
      ]))))) @inherits
  (#not-match? @inherits "^type\\s*\\("))
((type_declaration
  (type_spec
    type: (interface_type (type_elem . [(type_identifier) (qualified_type)] @base .)))) @inherits
  (#not-match? @inherits "^type\\s*\\("))
(type_declaration
  "("
  (type_spec
    type: (struct_type (field_declaration_list (field_declaration
      !name
      type: [
        (type_identifier) @base
        (qualified_type) @base
        (pointer_type (type_identifier) @base)
        (pointer_type (qualified_type) @base)
        (generic_type type: (_) @base)
      ])))) @inherits)
(type_declaration
  "("
  (type_spec
    type: (interface_type (type_elem . [(type_identifier) (qualified_type)] @base .))) @inherits)

(import_spec
  !name
  path: [
    (interpreted_string_literal (interpreted_string_literal_content) @module)
    (raw_string_literal (raw_string_literal_content) @module)
  ]) @import
(import_spec
  name: [(package_identifier) (blank_identifier)] @alias
  path: [
    (interpreted_string_literal (interpreted_string_literal_content) @module)
    (raw_string_literal (raw_string_literal_content) @module)
  ]) @import
(import_spec
  name: (dot) @all
  path: [
    (interpreted_string_literal (interpreted_string_literal_content) @module)
    (raw_string_literal (raw_string_literal_content) @module)
  ]) @import
