; Which calls a test expects to fail. Vocabulary: grammars/README.md.
; Beside calls.scm.

; Where a test expects an error.
(method_invocation
  name: (identifier) @_throws
  arguments: (argument_list . (class_literal (_) @error) . (_) @expects)
  (#match? @_throws "^assertThrows"))
(method_invocation
  name: (identifier) @_throws
  arguments: (argument_list . (lambda_expression) @expects)
  (#any-of? @_throws "assertThatThrownBy" "catchThrowable"))
(method_declaration
  (modifiers (annotation
    name: (identifier) @_test
    arguments: (annotation_argument_list
      (element_value_pair key: (identifier) @_expected value: (class_literal (_) @error)))))
  body: (block) @expects
  (#eq? @_test "Test")
  (#eq? @_expected "expected"))
