; Where a function is named and neither called nor handed on: what a file gives away under its own name.
; Vocabulary: grammars/README.md.

(export_specifier name: (identifier) @exported)
