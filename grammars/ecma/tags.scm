; What a file of JavaScript or TypeScript defines, imports and exports. Vocabulary: grammars/README.md.

(function_declaration
  name: (identifier) @name
  body: (statement_block) @body) @definition.function
(generator_function_declaration
  name: (identifier) @name
  body: (statement_block) @body) @definition.function
(function_expression
  name: (identifier) @name
  body: (statement_block) @body) @definition.function

; A function that is given a name.
(lexical_declaration
  (variable_declarator
    name: (identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
      (generator_function body: (_) @body)
    ])) @definition.function
(variable_declaration
  (variable_declarator
    name: (identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
      (generator_function body: (_) @body)
    ])) @definition.function
(pair
  key: [(property_identifier) (string) (private_property_identifier)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(export_statement
  "default" @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression !name body: (_) @body)
    (generator_function !name body: (_) @body)
  ]) @definition.function

; A class that is given a name.
(lexical_declaration
  (variable_declarator
    name: (identifier) @name
    value: (class body: (class_body) @body))) @definition.class
(variable_declaration
  (variable_declarator
    name: (identifier) @name
    value: (class body: (class_body) @body))) @definition.class

; A class without a name is called by the word that makes it.
[
  (return_statement (class !name "class" @name body: (class_body) @body) @definition.class)
  (arguments (class !name "class" @name body: (class_body) @body) @definition.class)
  (parenthesized_expression (class !name "class" @name body: (class_body) @body) @definition.class)
  (arrow_function body: (class !name "class" @name body: (class_body) @body) @definition.class)
  (export_statement "default" value: (class !name "class" @name body: (class_body) @body) @definition.class)
]

; Exports and members that are assigned.
(assignment_expression
  left: (member_expression
    object: (identifier) @_exports
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]
  (#eq? @_exports "exports")) @definition.function
(assignment_expression
  left: (member_expression
    object: (member_expression
      object: (identifier) @_module
      property: (property_identifier) @_exports)
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]
  (#eq? @_module "module")
  (#eq? @_exports "exports")) @definition.function
(assignment_expression
  left: (member_expression
    object: (identifier) @receiver.type
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]
  (#not-any-of? @receiver.type "exports" "module")) @definition.function
(assignment_expression
  left: (member_expression
    object: (member_expression
      object: (identifier) @receiver.type
      property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]
  (#eq? @_prototype "prototype")) @definition.function

(method_definition
  name: [(property_identifier) (private_property_identifier) (string)] @name
  body: (statement_block) @body) @definition.function

; Names. What a class, a function or an object literal holds is told with it.
(lexical_declaration
  kind: "const"
  (variable_declarator
    name: (identifier) @name
    "=" @body
    value: (object))) @definition.constant
(lexical_declaration
  kind: "const"
  (variable_declarator name: (identifier) @name)) @definition.constant
(lexical_declaration
  kind: "let"
  (variable_declarator
    name: (identifier) @name
    "=" @body
    value: (object))) @definition.variable
(lexical_declaration
  kind: "let"
  (variable_declarator name: (identifier) @name)) @definition.variable
(variable_declaration
  (variable_declarator
    name: (identifier) @name
    "=" @body
    value: (object))) @definition.variable
(variable_declaration
  (variable_declarator name: (identifier) @name)) @definition.variable
(lexical_declaration
  (variable_declarator
    name: (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)
      (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name)
      (rest_pattern (identifier) @name)
    ]))) @definition.constant
(variable_declaration
  (variable_declarator
    name: (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)
      (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name)
      (rest_pattern (identifier) @name)
    ]))) @definition.variable
(lexical_declaration
  (variable_declarator name: (array_pattern (identifier) @name))) @definition.constant
(variable_declaration
  (variable_declarator name: (array_pattern (identifier) @name))) @definition.variable

; this.name = …, in a method
(assignment_expression
  left: (member_expression
    object: (this) @receiver
    property: [(property_identifier) (private_property_identifier)] @name)) @definition.field

; ---- imports ----------------------------------------------------------------------------------

(import_statement
  (import_clause (identifier) @imported.default)
  source: (string) @module) @import
(import_statement
  (import_clause (namespace_import (identifier) @alias))
  source: (string) @module) @import
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @imported !alias)))
  source: (string) @module) @import
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @imported alias: (identifier) @alias)))
  source: (string) @module) @import

; const name = require("module"), const {name, other: alias} = require("module")
(variable_declarator
  name: (identifier) @alias
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string) @module .))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern (shorthand_property_identifier_pattern) @imported)
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string) @module .))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern
    (pair_pattern key: (property_identifier) @imported value: (identifier) @alias))
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string) @module .))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (identifier) @alias
  value: (member_expression
    object: (call_expression
      function: (identifier) @_require
      arguments: (arguments . (string) @module .))
    property: (property_identifier) @imported)
  (#eq? @_require "require")) @import

; ---- exports ----------------------------------------------------------------------------------

(export_statement
  (export_clause (export_specifier name: (_) @exported !alias))
  !source) @export
(export_statement
  (export_clause (export_specifier name: (_) @exported alias: (_) @alias))
  !source) @export
(export_statement
  (export_clause (export_specifier name: (_) @exported !alias))
  source: (string) @module) @export
(export_statement
  (export_clause (export_specifier name: (_) @exported alias: (_) @alias))
  source: (string) @module) @export
(export_statement
  "*" @all
  source: (string) @module) @export
(export_statement
  (namespace_export (identifier) @alias) @all
  source: (string) @module) @export

((export_statement declaration: (_ name: (_) @exported)) @export
  (#not-match? @export "^export\\s+default"))
(export_statement
  declaration: (lexical_declaration (variable_declarator name: (identifier) @exported))) @export
(export_statement
  declaration: (variable_declaration (variable_declarator name: (identifier) @exported))) @export
(export_statement
  declaration: (_ (variable_declarator
    name: (object_pattern [
      (shorthand_property_identifier_pattern) @exported
      (pair_pattern value: (identifier) @exported)
    ])))) @export

(export_statement "default" declaration: (_ name: (_) @export.default))
(export_statement "default" value: (identifier) @export.default)
(export_statement "default" value: (function_expression name: (identifier) @export.default))
(export_statement "default" value: (class name: (_) @export.default))
(export_statement
  "default" @export.default
  value: [(arrow_function) (function_expression !name) (object) (array) (call_expression) (new_expression)])
(export_statement
  "default" @name
  value: [(object) (array) (call_expression) (new_expression)]) @definition.constant

; module.exports = name, module.exports = {name, alias: other}
(assignment_expression
  left: (member_expression
    object: (identifier) @_module
    property: (property_identifier) @_exports)
  right: (identifier) @export.default
  (#eq? @_module "module")
  (#eq? @_exports "exports"))
(assignment_expression
  left: (member_expression
    object: (identifier) @_module
    property: (property_identifier) @_exports)
  right: (object (shorthand_property_identifier) @exported)
  (#eq? @_module "module")
  (#eq? @_exports "exports")) @export
(assignment_expression
  left: (member_expression
    object: (identifier) @_module
    property: (property_identifier) @_exports)
  right: (object (pair key: (property_identifier) @alias value: (identifier) @exported))
  (#eq? @_module "module")
  (#eq? @_exports "exports")) @export
(assignment_expression
  left: (member_expression
    object: [
      (identifier) @_exports
      (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
    ]
    property: (property_identifier) @alias)
  right: (identifier) @exported
  (#eq? @_exports "exports")) @export
; exports.name = function …: what the file calls it itself is only this
(assignment_expression
  left: (member_expression
    object: [
      (identifier) @_exports
      (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
    ]
    property: (property_identifier) @exported)
  right: [(arrow_function) (function_expression) (generator_function)]
  (#eq? @_exports "exports")) @export
