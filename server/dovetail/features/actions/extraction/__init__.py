"""Which values a piece of a function takes and gives back, and whether it can be a function of its own.

`flow` follows the names by their scopes, `plan` decides, `writing` makes the edit. No model has a say in it.
Invariant: what cannot be shown to mean the same is refused with a reason.
"""
