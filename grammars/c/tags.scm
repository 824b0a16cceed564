; What a file defines and includes. Vocabulary: grammars/README.md.

; ---- functions: `f()`, `*f()`, `**f()`, and what only promises one

(function_definition type: (_) @returns
  declarator: (function_declarator declarator: (identifier) @name)
  body: (_) @body) @definition.function
(function_definition type: (_) @returns
  declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  body: (_) @body) @definition.function
(function_definition type: (_) @returns
  declarator: (pointer_declarator declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name)))
  body: (_) @body) @definition.function

(declaration type: (_) @returns
  declarator: (function_declarator declarator: (identifier) @name)) @definition.function
(declaration type: (_) @returns
  declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @definition.function
(declaration type: (_) @returns
  declarator: (pointer_declarator declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name)))) @definition.function

; ---- structs, unions, enums, types

(struct_specifier name: (type_identifier) @name body: (_) @body) @definition.class
; The names of an enum's values belong to what is around it.
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.constant

(type_definition
  type: [
    (struct_specifier name: (_) @type) (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
    (type_identifier) @type (primitive_type) @type (sized_type_specifier) @type]
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
    (function_declarator declarator: (type_identifier) @name)]) @definition.type

; ---- fields

(field_declaration
  type: (_) @type
  declarator: [
    (field_identifier) @name
    (_ declarator: (field_identifier) @name)
    (_ declarator: (_ declarator: (field_identifier) @name))
    (_ declarator: (_ declarator: (_ declarator: (field_identifier) @name)))
    (function_declarator declarator: (parenthesized_declarator (_ declarator: (field_identifier) @name)))
    (pointer_declarator declarator: (function_declarator
      declarator: (parenthesized_declarator (_ declarator: (field_identifier) @name))))]) @definition.field

; ---- variables and constants

(declaration
  type: (_) @type
  declarator: [
    (identifier) @name
    (pointer_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
    (array_declarator declarator: (identifier) @name)
    (array_declarator declarator: (array_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
    (function_declarator declarator: (parenthesized_declarator (_ declarator: (identifier) @name)))
    (init_declarator declarator: (identifier) @name)
    (init_declarator declarator: (_ declarator: (identifier) @name))
    (init_declarator declarator: (_ declarator: (_ declarator: (identifier) @name)))
    (init_declarator declarator: (function_declarator
      declarator: (parenthesized_declarator (_ declarator: (identifier) @name))))]) @definition.variable
