"""How a function is put to the test: which arguments, in which file, in which words.

`inputs` derives arguments from what is written about the function and from its calls, `probe` has it called with them
in the sandbox, `place` finds the file of tests, its manner and what the module is imported as, `writing` puts what was
seen into words. `related` knows the tests that there are.
Invariant: no argument is made up by a rule; each has its reason in the project's text.
"""
