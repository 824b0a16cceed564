"""Longest match over the raw text. Nothing to keep current, so a keystroke costs nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(rb"\w+|[^\w\s]")
_LOOK_BACK = 400
"""Bytes before the cursor that are compared."""
_SHORTEST = 3
"""Words that must match."""
_MOST_PLACES = 200
"""Places that are compared in one text; a phrase that stands more often says little."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What followed the same words elsewhere, to the end of the line."""

    text: str
    words: int
    """How many words before the cursor are the same there."""
    times: int
    """At how many places the longest match goes on like this …"""
    of: int
    """… of how many."""
    path: str
    offset: int
    """Where it stands, the first of the places."""

    @property
    def sure(self) -> bool:
        """True where it was right about two times in three on projects that were left out."""
        return (self.times > 1 and self.times >= 0.8 * self.of) or (self.of == 1 and self.words >= 6)


def recall(before: bytes, sources: Iterable[tuple[str, bytes, int]]) -> Recalled | None:
    """The most frequent continuation of the longest match.

    before: the text of the file up to the cursor. sources: (path, text, offset of that text in its
    file), nearest first; the line of the cursor must not be among them. None where no three words match.
    """
    tail = before[-_LOOK_BACK:]
    words = [match.start() for match in _WORD.finditer(tail)]
    if len(words) < _SHORTEST:
        return None
    needle = tail[words[-_SHORTEST] :]
    longest = 0
    found: Counter[bytes] = Counter()
    first: dict[bytes, tuple[str, int]] = {}
    for path, text, shift in sources:
        at = text.find(needle)
        for _ in range(_MOST_PLACES):
            if at < 0:
                break
            end = at + len(needle)
            same = _shared_words(tail, text[max(0, end - _LOOK_BACK) : end], words)
            if same > longest:
                longest = same
                found.clear()
                first.clear()
            stop = text.find(b"\n", end)
            rest = text[end : len(text) if stop < 0 else stop].rstrip()
            if same == longest and rest:
                found[rest] += 1
                first.setdefault(rest, (path, shift + end))
            at = text.find(needle, at + 1)
    if not found or longest < _SHORTEST:
        return None
    rest, times = max(found.items(), key=lambda pair: pair[1])  # the nearest of equals: it came in first
    path, offset = first[rest]
    return Recalled(rest.decode("utf-8", "replace"), longest, times, found.total(), path, offset)


def _shared_words(one: bytes, two: bytes, words: list[int]) -> int:
    """How many whole words the ends of two texts share; `words` are where those of `one` begin."""
    size = min(len(one), len(two))
    same = 0
    step = 32
    while (
        same < size
        and one[len(one) - min(same + step, size) : len(one) - same]
        == (two[len(two) - min(same + step, size) : len(two) - same])
    ):
        same = min(same + step, size)
    while same < size and one[-same - 1] == two[-same - 1]:
        same += 1
    start = len(one) - same
    return sum(begin >= start for begin in words)
