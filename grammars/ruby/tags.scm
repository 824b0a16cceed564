; What a file defines and requires. Vocabulary: grammars/README.md.

(module name: [(constant) @name (scope_resolution name: (_) @name)] body: (_)? @body) @definition.module
(class name: [(constant) @name (scope_resolution name: (_) @name)] body: (_)? @body) @definition.class
(assignment
  left: (constant) @name
  right: (call receiver: (constant) @_maker method: (identifier) @_make block: (_)? @body)
  (#any-of? @_maker "Struct" "Class" "Data" "Module")
  (#any-of? @_make "new" "define")) @definition.class

(method name: (_) @name body: (_)? @body) @definition.function
(singleton_method name: (_) @name body: (_)? @body) @definition.function

(assignment
  left: (constant) @name
  right: (_) @_value
  (#not-match? @_value "^(Struct|Class|Data|Module)[.](new|define)")) @definition.constant
(assignment left: (left_assignment_list (constant) @name)) @definition.constant
(assignment left: (identifier) @name) @definition.variable
(assignment left: (global_variable) @name) @definition.variable
(assignment left: [(instance_variable) (class_variable)] @name) @definition.field
(operator_assignment left: [(instance_variable) (class_variable)] @name) @definition.field
(assignment left: (left_assignment_list (instance_variable) @name)) @definition.field
(call
  method: (identifier) @_attribute
  arguments: (argument_list (simple_symbol) @name @definition.field)
  (#any-of? @_attribute "attr_reader" "attr_writer" "attr_accessor"))

(class superclass: (superclass [(constant) @base (scope_resolution name: (_) @base)])) @inherits
(call
  method: (identifier) @_mix
  arguments: (argument_list [(constant) @base (scope_resolution name: (_) @base)])
  (#any-of? @_mix "include" "extend" "prepend")) @inherits

(call
  method: (identifier) @_require
  arguments: (argument_list . (string . (string_content) @module @all .) .)
  (#any-of? @_require "require" "load")) @import
(call
  method: (identifier) @_require @relative
  arguments: (argument_list . (string . (string_content) @module @all .) .)
  (#eq? @_require "require_relative")) @import
(call
  method: (identifier) @_require
  arguments: (argument_list . (call
    receiver: (constant) @_file
    method: (identifier) @_join
    arguments: (argument_list . (identifier) @_here @relative . (string . (string_content) @module @all .) .)) .)
  (#any-of? @_require "require" "load")
  (#eq? @_file "File")
  (#eq? @_join "join")
  (#eq? @_here "__dir__")) @import
(call
  method: (identifier) @_require
  arguments: (argument_list . (call
    receiver: (constant) @_file
    method: (identifier) @_expand
    arguments: (argument_list . (string . (string_content) @module @all .) . (identifier) @_here @relative .)) .)
  (#any-of? @_require "require" "load")
  (#eq? @_file "File")
  (#eq? @_expand "expand_path")
  (#eq? @_here "__dir__")) @import
(call
  method: (identifier) @_autoload
  arguments: (argument_list . (simple_symbol) . (string . (string_content) @module @all .) .)
  (#eq? @_autoload "autoload")) @import
