; What a file defines and imports. Vocabulary: grammars/README.md.

(function_definition
  name: (identifier) @name
  body: (block) @body) @definition.function

(class_definition
  name: (identifier) @name
  body: (block) @body) @definition.class

(class_definition
  superclasses: (argument_list
    [(identifier) (attribute) (subscript)] @base)) @inherits

; Documentation belongs to the body that it opens.
(block . (expression_statement . (string (string_content) @doc) .)) @documents

; A name at the top of a file or of a class. The scope rules tell the two from a local variable.
(expression_statement
  (assignment left: (identifier) @name type: (type)? @type)) @definition.variable
(expression_statement
  (assignment left: (pattern_list (identifier) @name))) @definition.variable
(type_alias_statement left: (type (identifier) @name)) @definition.variable

; self.name = …, in a method
(assignment
  left: (attribute
    object: (identifier) @receiver
    attribute: (identifier) @name)
  type: (type)? @type) @definition.field

(import_statement
  name: (dotted_name) @module) @import
(import_statement
  name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias)) @import
(import_from_statement
  module_name: (_) @module
  name: (dotted_name) @imported) @import
(import_from_statement
  module_name: (_) @module
  name: (aliased_import name: (dotted_name) @imported alias: (identifier) @alias)) @import
(import_from_statement
  module_name: (_) @module
  (wildcard_import) @all) @import

; What `import *` brings.
(assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @listed)) (tuple (string (string_content) @listed))]
  (#eq? @_all "__all__"))
(augmented_assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @listed)) (tuple (string (string_content) @listed))]
  (#eq? @_all "__all__"))
