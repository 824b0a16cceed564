"""Ask, and maybe be answered.

One port, many backends: the worker process that owns llama.cpp, an HTTP endpoint, the script of a
test. Knows prompts, tokens and patience. Does not know editors, graphs or what an answer is for.
Invariant: nothing here raises at a feature; no answer is a `Silence` that says why.
"""
