"""A parameter comes or goes: the function, those that it overrides, and every call, or nothing.

Which functions change is derived from the graph, callee first; no model has a part in it. Calls that the graph does
not know for certain, and a function that is handed on as a value, are told, and what could break them is refused.
"""

from dovetail.features.parameters.adding import adding
from dovetail.features.parameters.plan import RULES, New, Planned, asked
from dovetail.features.parameters.removing import removing

__all__ = ["RULES", "New", "Planned", "adding", "asked", "removing"]
