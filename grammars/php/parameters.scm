; Who may call what is not named where it is called. Vocabulary: grammars/README.md.

(attribute [(name) (qualified_name)] @mark)

((object_creation_expression . (name) @made.own (arguments) @made.arguments) (#eq? @made.own "self"))
((object_creation_expression . (name) @made.derived (arguments) @made.arguments) (#eq? @made.derived "static"))
((object_creation_expression . (name) @made.above (arguments) @made.arguments) (#eq? @made.above "parent"))

(anonymous_class (base_clause [(name) (qualified_name)] @unnamed.class))
(anonymous_class (class_interface_clause [(name) (qualified_name)] @unnamed.class))

; what a class takes from a trait under another name
(use_as_clause . (name) @renamed)
(use_as_clause . (class_constant_access_expression (_) (name) @renamed))
