"""Who defines, uses, calls, imports what.

Knows facts, not texts: `facts(tree)` is pure, plain and picklable, and `Graph` is a value that joins
the facts of many files. Does not know editors, disks or models.
Invariant: the live graph equals one built from scratch.
"""

from dovetail.graph.facts import CLASSES, Definition, Export, Facts, Import, Use
from dovetail.graph.file import FileFacts, Placed
from dovetail.graph.graph import Graph, Read, by_caller, surest, unread
from dovetail.graph.hops import Hop, Hops, Relation, Spot
from dovetail.graph.symbols import Found, Reference, Symbol, file_symbol

__all__ = [
    "CLASSES",
    "Definition",
    "Export",
    "Facts",
    "FileFacts",
    "Found",
    "Graph",
    "Hop",
    "Hops",
    "Import",
    "Placed",
    "Read",
    "Reference",
    "Relation",
    "Spot",
    "Symbol",
    "Use",
    "by_caller",
    "file_symbol",
    "surest",
    "unread",
]
