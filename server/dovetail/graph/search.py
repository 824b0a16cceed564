"""Finding names by a few letters: exact, prefix, part, initials of its words, letters in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

_MOST = 4000
"""Names that are ranked; of a query that so many hold, the first letters decide nothing yet."""


class Names:
    """All names of a graph, laid out so that one pass of a regular expression finds those that hold a query."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names, key=lambda name: (len(name), name))

    @cached_property
    def _text(self) -> str:
        # `lower` may change the length of a text, which would move everything behind it
        return "\n".join(name.lower() if len(name.lower()) == len(name) else name for name in self._names)

    def matching(self, query: str, most: int) -> list[str]:
        """The names that hold the letters of a query in their order, the best first; all of them for ""."""
        query = "".join(query.lower().split())
        if not query:
            return self._names[:most]
        found = [m.group() for m in re.finditer(_loosely(query), self._text)] if len(query) < 40 else []
        if len(found) > _MOST:
            found = found[:_MOST]
        spelled = self._spelling
        ranked = sorted({name for lower in found for name in spelled[lower]}, key=lambda name: _rank(name, query))
        return ranked[:most]

    @cached_property
    def _spelling(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._names:
            found.setdefault(name.lower() if len(name.lower()) == len(name) else name, []).append(name)
        return found


@lru_cache(maxsize=256)
def _loosely(query: str) -> re.Pattern[str]:
    """Each letter after any others but itself: no place to go back to, so one pass whatever the text."""
    parts = "".join(f"[^\n{re.escape(letter)}]*{re.escape(letter)}" for letter in query)
    return re.compile(f"^{parts}.*$", re.MULTILINE)


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _rank(name: str, query: str) -> tuple[int, int, str]:
    lower = name.lower()
    if lower == query:
        kind = 0
    elif lower.startswith(query):
        kind = 1
    elif "".join(word[0] for word in _WORDS.findall(name)).lower().startswith(query):
        kind = 2
    elif query in lower:
        kind = 3
    else:
        kind = 4
    return kind, len(name), name


_LAST: list[tuple[object, Names]] = []


def names_of(definers: Iterable[str]) -> Names:
    """The names of an index; made again only where the index is another."""
    if not _LAST or _LAST[0][0] is not definers:
        _LAST[:] = [(definers, Names(definers))]
    return _LAST[0][1]
