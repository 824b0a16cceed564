; What a file defines and sources. Vocabulary: grammars/README.md.

(function_definition name: (word) @name body: (_) @body) @definition.function

(declaration_command "readonly" (variable_assignment name: (variable_name) @name) @definition.constant)
(variable_assignment name: (variable_name) @name) @definition.variable

(command
  name: (command_name (word) @_source)
  argument: [(word) @module @all (string (string_content) @module @all .) (raw_string) @module @all]
  (#any-of? @_source "source" ".")) @import
