"""How a function is put to the test: which arguments, in which file, in which words.

`inputs` derives arguments from what is written about the function and from its calls, `place` finds the file, its
manner and what it imports, `writing` puts what was seen into words. Nothing here runs anything.
Invariant: no argument is made up by a rule; each has its reason in the project's text.
"""
