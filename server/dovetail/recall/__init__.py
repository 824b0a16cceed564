"""The project's own next words: what followed where the text went like this before.

A copy model. Texts are words (`tokens.py`), kept where they were read (`library.py`); the words before the
cursor are looked for in the file itself, the open files and the rest of the project, and the places vote for
how the line goes on (`recall.py`); their lines are what a model is shown to go by (`alike.py`). Knows bytes;
does not know languages, trees or models.
Invariant: deterministic; it proposes, says why and how sure it is, and never decides. A library that was lost
costs nothing but time.
"""

from dovetail.recall.alike import MOST_PLACES, alike, pieces
from dovetail.recall.library import Library, Shelf
from dovetail.recall.recall import Recalled, Search, Source, recall
from dovetail.recall.tokens import Tokens

__all__ = [
    "MOST_PLACES",
    "Library",
    "Recalled",
    "Search",
    "Shelf",
    "Source",
    "Tokens",
    "alike",
    "pieces",
    "recall",
]
