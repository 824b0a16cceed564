"""Trees and queries.

The only room that imports tree-sitter. Knows how a language is parsed and which queries its folder in
`grammars/` brings; does not know what the captures mean.
Invariant: parsing never fails; a `Tree` never changes.
"""

from dovetail.syntax.language import Language, LanguageMissing, language_for, languages
from dovetail.syntax.shape import shape
from dovetail.syntax.tree import DEEPEST, Match, Node, TooSlow, Tree

__all__ = [
    "DEEPEST",
    "Language",
    "LanguageMissing",
    "Match",
    "Node",
    "TooSlow",
    "Tree",
    "language_for",
    "languages",
    "shape",
]
