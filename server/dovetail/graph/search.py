"""Finding names by a few letters: exact, prefix, initials of its words, part, letters in their order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_MOST = 400
"""Names that begin with a query and are ranked."""
_LOOKED_AT = 6000
"""Names, the shortest first, in which the letters are looked for one after another."""
_LONGEST = 40
"""Letters of a query."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class Names:
    """All names of a graph, laid out for questions."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names, key=lambda name: (len(name), name))

    @cached_property
    def _lower(self) -> list[str]:
        return [name.lower() for name in self._names]

    @cached_property
    def _letters(self) -> NDArray[np.uint64]:
        """For each name the set of its letters, a bit for each."""
        return np.array([_bits(name) for name in self._lower], dtype=np.uint64)

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((name, place) for place, name in enumerate(self._lower))

    def matching(self, query: str, most: int) -> list[str]:
        """The names that hold the letters of a query in their order, the best first; all of them for ""."""
        query = "".join(query.lower().split())
        if not query or len(query) > _LONGEST:
            return self._names[:most] if not query else []
        places = set(self._beginning(query))
        wanted = np.uint64(_bits(query))
        holds = re.compile("".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in query)).match
        held: list[int] = np.flatnonzero((self._letters & wanted) == wanted)[:_LOOKED_AT].tolist()
        for place in held:
            if holds(self._lower[place]):
                places.add(place)
        return sorted((self._names[place] for place in places), key=lambda name: _rank(name, query))[:most]

    def _beginning(self, query: str) -> list[int]:
        first = bisect_left(self._sorted, (query, 0))
        found: list[int] = []
        for name, place in self._sorted[first : first + _MOST]:
            if not name.startswith(query):
                break
            found.append(place)
        return found


def _bits(name: str) -> int:
    bits = 0
    for letter in set(name):
        bits |= 1 << (ord(letter) % 64)
    return bits


def _rank(name: str, query: str) -> tuple[int, int, str]:
    lower = name.lower()
    if lower == query:
        kind = 0
    elif lower.startswith(query):
        kind = 1
    elif query in lower:
        kind = 3
    elif "".join(word[0] for word in _WORDS.findall(name)).lower().startswith(query):
        kind = 2
    else:
        kind = 4
    return kind, len(name), name


_LAST: list[tuple[object, Names]] = []


def names_of(definers: Iterable[str]) -> Names:
    """The names of an index; laid out again only where the index is another."""
    if not _LAST or _LAST[0][0] is not definers:
        _LAST[:] = [(definers, Names(definers))]
    return _LAST[0][1]
