"""What the model may see, and why.

Knows the graph and a budget in tokens. Does not know what the answer is for.
Invariant: never over budget in the model's own tokens; deterministic to the byte.
"""
