"""What of a function's arguments can be checked, and how this project would write it.

`reading` finds the function and what it does with its parameters, `types` and `documents` say what
annotations and documentation promise, `callers` what calls give, `derive` turns all that into checks,
`habits` reads how the project raises, `writing` makes the guards and the grammar. Knows no language:
that is in `grammars/<language>/validation.*`, `callers.scm`, `habits.scm` and `docstrings.toml`.
Invariant: a check never refuses what the annotation, the default or the documentation allows, nor
what a call that is known gives.
"""
