; What a file defines and includes. Vocabulary: grammars/README.md.

; ---- functions: `f()`, `*f()`, `&f()`, and what only promises one

(function_definition type: (_)? @returns
  declarator: [
    (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (reference_declarator (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))
    (pointer_declarator declarator: [
      (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
      (pointer_declarator declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))])]
  body: (_) @body) @definition.function
(function_definition
  declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
  [(default_method_clause) (delete_method_clause)]) @definition.function
(declaration type: (_)? @returns
  declarator: [
    (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (reference_declarator (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))
    (pointer_declarator declarator: [
      (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
      (pointer_declarator declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))])]) @definition.function
(field_declaration type: (_) @returns
  declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)) @definition.function
(field_declaration type: (_) @returns
  declarator: (pointer_declarator declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))) @definition.function
(field_declaration type: (_) @returns
  declarator: (reference_declarator (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))) @definition.function
(field_declaration type: (_) @returns
  declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)))) @definition.function
(function_definition declarator: (operator_cast) @name body: (_) @body) @definition.function

; ---- methods that stand outside of their class: `A::f()`, `space::A::f()`

(function_definition type: (_)? @returns
  declarator: (function_declarator declarator: [
    (qualified_identifier
      scope: [(namespace_identifier) @receiver.type (template_type name: (_) @receiver.type)]
      name: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (qualified_identifier name: (qualified_identifier
      scope: [(namespace_identifier) @receiver.type (template_type name: (_) @receiver.type)]
      name: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))])
  body: (_) @body) @definition.function
(function_definition type: (_)? @returns
  declarator: (pointer_declarator declarator: (function_declarator declarator: [
    (qualified_identifier
      scope: [(namespace_identifier) @receiver.type (template_type name: (_) @receiver.type)]
      name: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (qualified_identifier name: (qualified_identifier
      scope: [(namespace_identifier) @receiver.type (template_type name: (_) @receiver.type)]
      name: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))]))
  body: (_) @body) @definition.function
(function_definition type: (_)? @returns
  declarator: (reference_declarator (function_declarator declarator: [
    (qualified_identifier
      scope: [(namespace_identifier) @receiver.type (template_type name: (_) @receiver.type)]
      name: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (qualified_identifier name: (qualified_identifier
      scope: [(namespace_identifier) @receiver.type (template_type name: (_) @receiver.type)]
      name: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name))]))
  body: (_) @body) @definition.function
(namespace_definition name: (_) @name body: (_) @body) @definition.module
(namespace_alias_definition name: (namespace_identifier) @name (nested_namespace_specifier) @type) @definition.type
(class_specifier name: [(type_identifier) @name (template_type name: (_) @name)] body: (_) @body) @definition.class
(class_specifier
  name: (qualified_identifier scope: (namespace_identifier) @receiver.type name: (type_identifier) @name)
  body: (_) @body) @definition.class
(struct_specifier
  name: (qualified_identifier scope: (namespace_identifier) @receiver.type name: (type_identifier) @name)
  body: (_) @body) @definition.class
(struct_specifier name: [(type_identifier) @name (template_type name: (_) @name)] body: (_) @body) @definition.class
(concept_definition name: (identifier) @name) @definition.interface
; The names of a plain enum's values belong to what is around it, those of an `enum class` to itself.
(enum_specifier ["class" "struct"] name: (type_identifier) @name body: (_) @body) @definition.enum
(enum_specifier ["class" "struct"] body: (enumerator_list (enumerator name: (identifier) @name) @definition.field))
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(enum_specifier body: (enumerator_list (enumerator name: (identifier) @name) @definition.constant))

(alias_declaration name: (type_identifier) @name type: (_) @type) @definition.type
(type_definition
  type: [
    (struct_specifier name: (_) @type) (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
    (type_identifier) @type (qualified_identifier) @type (template_type) @type
    (primitive_type) @type (sized_type_specifier) @type]
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
    (reference_declarator (field_identifier) @name)
    (array_declarator declarator: [
      (field_identifier) @name
      (array_declarator declarator: (field_identifier) @name)])
    (function_declarator declarator: (parenthesized_declarator (_ declarator: (field_identifier) @name)))
    (pointer_declarator declarator: [
      (field_identifier) @name
      (pointer_declarator declarator: (field_identifier) @name)
      (array_declarator declarator: (field_identifier) @name)
      (function_declarator declarator: (parenthesized_declarator (_ declarator: (field_identifier) @name)))])
  ]) @definition.field

; ---- variables and constants

(declaration
  type: (_) @type
  declarator: [
    (identifier) @name
    (reference_declarator (identifier) @name)
    (array_declarator declarator: [
      (identifier) @name
      (array_declarator declarator: (identifier) @name)])
    (function_declarator declarator: (parenthesized_declarator (_ declarator: (identifier) @name)))
    (pointer_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)])
    (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (function_declarator declarator: (parenthesized_declarator (_ declarator: (identifier) @name)))
      (_ declarator: (_ declarator: (identifier) @name))])
  ]) @definition.variable

; ---- bases

(class_specifier (base_class_clause
  [(type_identifier) @base (template_type name: (_) @base)
   (qualified_identifier name: (type_identifier) @base)
   (qualified_identifier name: (template_type name: (_) @base))])) @inherits
(struct_specifier (base_class_clause
  [(type_identifier) @base (template_type name: (_) @base)
   (qualified_identifier name: (type_identifier) @base)
   (qualified_identifier name: (template_type name: (_) @base))])) @inherits
