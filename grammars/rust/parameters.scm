; Who may call what is not named where it is called. Vocabulary: grammars/README.md.

(attribute_item (attribute . (_) @mark))
