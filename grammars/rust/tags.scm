; What a file of Rust defines and imports. Vocabulary: grammars/README.md.

(function_item
  name: (identifier) @name
  return_type: (_)? @returns
  body: (block) @body) @definition.function
(function_signature_item
  name: (identifier) @name
  return_type: (_)? @returns) @definition.function
(macro_definition name: (identifier) @name) @definition.function

(struct_item
  name: (type_identifier) @name
  body: (field_declaration_list) @body) @definition.class
(struct_item
  name: (type_identifier) @name
  body: (ordered_field_declaration_list)) @definition.class
(struct_item
  name: (type_identifier) @name
  !body) @definition.class
(union_item
  name: (type_identifier) @name
  body: (field_declaration_list) @body) @definition.class
(enum_item
  name: (type_identifier) @name
  body: (enum_variant_list) @body) @definition.enum
(trait_item
  name: (type_identifier) @name
  body: (declaration_list) @body) @definition.interface
; What is written for a type adds to what the type has.
(impl_item
  type: [
    (type_identifier) @name
    (generic_type type: (type_identifier) @name)
    (scoped_type_identifier name: (type_identifier) @name)
    (generic_type type: (scoped_type_identifier name: (type_identifier) @name))
    (reference_type type: (type_identifier) @name)
    (primitive_type) @name
  ]
  body: (declaration_list) @body) @definition.class
(mod_item
  name: (identifier) @name
  body: (declaration_list) @body) @definition.module
(type_item
  name: (type_identifier) @name
  type: (_) @type) @definition.type
(associated_type name: (type_identifier) @name) @definition.type
(const_item
  name: (identifier) @name
  type: (_) @type) @definition.constant
(static_item
  name: (identifier) @name
  type: (_) @type) @definition.variable
(field_declaration
  name: (field_identifier) @name
  type: (_) @type) @definition.field
(enum_variant
  name: (identifier) @name
  body: (_) @body) @definition.field
(enum_variant
  name: (identifier) @name
  !body) @definition.field

(impl_item
  trait: [
    (type_identifier) @base
    (generic_type type: (_) @base)
    (scoped_type_identifier) @base
  ]) @inherits
(trait_item
  bounds: (trait_bounds [
    (type_identifier) @base
    (generic_type type: (_) @base)
    (scoped_type_identifier) @base
  ])) @inherits

; mod name; – a file of its own
(mod_item
  name: (identifier) @module @alias
  !body) @import
(extern_crate_declaration
  name: (identifier) @module
  !alias) @import
(extern_crate_declaration
  name: (identifier) @module
  alias: (identifier) @alias) @import

; use a::b, use a::{b, c as d, e::*}, one match a name
(use_declaration
  argument: (identifier) @module) @import
(use_declaration
  argument: (scoped_identifier path: (_) @module name: (identifier) @imported)) @import
(use_declaration
  argument: (use_as_clause path: (identifier) @module alias: (identifier) @alias)) @import
(use_declaration
  argument: (use_as_clause
    path: (scoped_identifier path: (_) @module name: (identifier) @imported)
    alias: (identifier) @alias)) @import
(use_declaration
  argument: (use_wildcard . (_) @module) @all) @import
(use_declaration
  argument: (use_list [
    (identifier) @module
    (scoped_identifier path: (_) @module name: (identifier) @imported)
    (use_as_clause path: (identifier) @module alias: (identifier) @alias)
    (use_as_clause
      path: (scoped_identifier path: (_) @module name: (identifier) @imported)
      alias: (identifier) @alias)
    (use_wildcard . (_) @module) @all
  ])) @import
; lists in lists, three deep
(use_declaration
  argument: (scoped_use_list
    path: (_) @module
    list: (use_list [
      (identifier) @imported
      (self) @_itself
      (scoped_identifier path: (_) @module name: (identifier) @imported)
      (use_as_clause path: (identifier) @imported alias: (identifier) @alias)
      (use_as_clause path: (self) alias: (identifier) @alias)
      (use_as_clause
        path: (scoped_identifier path: (_) @module name: (identifier) @imported)
        alias: (identifier) @alias)
      (use_wildcard . (_) @module) @all
      (use_wildcard . "*") @all
    ]))) @import
(use_declaration
  argument: (_
    path: (_) @module
    list: (use_list
      (scoped_use_list
        path: (_) @module
        list: (use_list [
          (identifier) @imported
          (self) @_itself
          (scoped_identifier path: (_) @module name: (identifier) @imported)
          (use_as_clause path: (identifier) @imported alias: (identifier) @alias)
          (use_as_clause path: (self) alias: (identifier) @alias)
          (use_as_clause
            path: (scoped_identifier path: (_) @module name: (identifier) @imported)
            alias: (identifier) @alias)
          (use_wildcard . (_) @module) @all
          (use_wildcard . "*") @all
        ]))))) @import
(use_declaration
  argument: (use_list
    (scoped_use_list
      path: (_) @module
      list: (use_list [
        (identifier) @imported
        (self) @_itself
        (scoped_identifier path: (_) @module name: (identifier) @imported)
        (use_as_clause path: (identifier) @imported alias: (identifier) @alias)
        (use_as_clause path: (self) alias: (identifier) @alias)
        (use_as_clause
          path: (scoped_identifier path: (_) @module name: (identifier) @imported)
          alias: (identifier) @alias)
        (use_wildcard . (_) @module) @all
        (use_wildcard . "*") @all
      ])))) @import
(use_declaration
  argument: (_
    path: (_) @module
    list: (use_list
      (scoped_use_list
        path: (_) @module
        list: (use_list
          (scoped_use_list
            path: (_) @module
            list: (use_list [
              (identifier) @imported
              (self) @_itself
              (scoped_identifier path: (_) @module name: (identifier) @imported)
              (use_as_clause path: (identifier) @imported alias: (identifier) @alias)
              (use_as_clause path: (self) alias: (identifier) @alias)
              (use_as_clause
                path: (scoped_identifier path: (_) @module name: (identifier) @imported)
                alias: (identifier) @alias)
              (use_wildcard . (_) @module) @all
              (use_wildcard . "*") @all
            ]))))))) @import
