; What a file of C or C++ defines and includes alike. Vocabulary: grammars/README.md.

(union_specifier name: (type_identifier) @name body: (_) @body) @definition.class
(type_definition
  type: [(struct_specifier !name body: (_) @body) (union_specifier !name body: (_) @body)]
  declarator: (type_identifier) @name) @definition.class
(type_definition type: (enum_specifier !name) declarator: (type_identifier) @name) @definition.enum

; a struct without a name is the type of its field
(field_declaration
  type: [(struct_specifier !name body: (_) @body) (union_specifier !name body: (_) @body)]
  declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (array_declarator declarator: (field_identifier) @name)]) @definition.class

(preproc_def name: (identifier) @name) @definition.constant
(preproc_function_def name: (identifier) @name) @definition.function

(preproc_include path: [(string_literal (string_content) @module @all) (system_lib_string) @module @all]) @import
