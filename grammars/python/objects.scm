; Which local names hold an object of which class. Vocabulary: grammars/README.md.

(assignment left: (identifier) @object right: (call function: [(identifier) (attribute)] @made))
