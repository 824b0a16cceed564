; What a signature says, in the order of its text. Vocabulary: grammars/README.md.

(function_definition return_type: (type) @returns)

(parameters (identifier) @name) @parameters
(parameters (default_parameter name: (identifier) @name value: (_) @default)) @parameters
(parameters (typed_parameter . (identifier) @name type: (type) @type)) @parameters
(parameters (typed_default_parameter
  name: (identifier) @name
  type: (type) @type
  value: (_) @default)) @parameters

(parameters [
  (list_splat_pattern (identifier) @name) @rest
  (typed_parameter (list_splat_pattern (identifier) @name) @rest type: (type) @type)]) @parameters
(parameters [
  (dictionary_splat_pattern (identifier) @name) @rest.named
  (typed_parameter (dictionary_splat_pattern (identifier) @name) @rest.named type: (type) @type)]) @parameters

(parameters (positional_separator) @unnamed.above) @parameters
(parameters (keyword_separator) @named.below) @parameters
