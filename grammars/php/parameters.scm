; Who may call what is not named where it is called. Vocabulary: grammars/README.md.

(attribute [(name) (qualified_name)] @mark)

((object_creation_expression . (name) @made.own (arguments) @made.arguments) (#eq? @made.own "self"))
((object_creation_expression . (name) @made.derived (arguments) @made.arguments) (#eq? @made.derived "static"))
((object_creation_expression . (name) @made.above (arguments) @made.arguments) (#eq? @made.above "parent"))

(anonymous_class (base_clause [(name) (qualified_name)] @unnamed.class))
(anonymous_class (class_interface_clause [(name) (qualified_name)] @unnamed.class))
