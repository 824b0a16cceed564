"""What a function's documentation has to say, and how this project would write it.

`target` finds the function and everything that is true of it, `style` reads how the project documents,
`words` says in words what signature and body say, `writing` puts the parts together or mends what is there.
Knows no language: that is in `grammars/<language>/docstrings.toml`, `signature.scm` and `outcomes.scm`.
Invariant: what is written names the parameters, results and errors that there are, and no others.
"""
