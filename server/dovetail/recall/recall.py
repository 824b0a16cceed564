"""Places where the text went like this before, and their vote for how the line goes on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dovetail.recall.library import Shelf
from dovetail.recall.tokens import LINE, NOTHING, TOKEN, hashes
from dovetail.text.keys import holds_key

LONGEST = 16
"""Tokens before the cursor that are compared."""
_LOOK_BACK = 2000
"""Bytes before the cursor in which they are looked for."""
_MOST_PLACES = 250
"""Places of one source that vote, the longest matches first."""
_MOST_LOOKED_AT = 20_000
"""Places that match equally far, of which that many are looked at: a match that is so common says little."""
_LONG = 400
"""Bytes around a place within which its lines are."""
_NEXT_LINE = 5
"""Tokens of the line below that are compared."""

# What a place's vote weighs. Flat around these values: half or twice as much moves a hit rate by less than
# a point on projects that were not looked at before.
_BASE = 3.0
"""For each word that matches."""
_SAME_LINE_BELOW = 20.0
_SAME_STEP = 6.0
"""The line is indented against the one above as here."""

_CHANCE = (-0.58, 0.98, 1.81, 1.39, 0.49, -0.03, 1.43, -2.63)
"""Logistic regression of "it is what the author wrote" on `Recalled.signs`; see `tests/bench/lines.py --fit`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where to look, and how much a place there counts."""

    shelf: Shelf
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Recalled:
    """How the line goes on, to its end, and what speaks for it."""

    text: str
    chance: float
    """That it is what the author would write, from 0 to 1."""
    words: int
    """Before the cursor, the same at the best of its places."""
    times: int
    """Places that go on like this …"""
    of: int
    """… of those that match as far as the best of them."""
    path: str
    offset: int
    """The best of the places."""
    lines: str = ""
    """The whole line there; where nothing of the line was typed, with the one above it, which tells it apart. "" where
    they are long, have other line ends inside, or hold what looks like a key."""
    signs: tuple[float, ...] = field(default=(), repr=False)
    """What `chance` was told from."""


@dataclass(slots=True)
class _Votes:
    weight: float = 0.0
    words: int = 0
    times: int = 0
    near: bool = False
    below: bool = False
    path: str = ""
    offset: int = 0
    shelf: Shelf | None = None
    start: int = 0
    end: int = 0
    """Where that is on the shelf, to the end of the line."""


class Search:
    """Looks through one source after the other, so that whoever waits for something else need not wait for all."""

    def __init__(self, before: bytes, after: bytes) -> None:
        """before, after: the file up to the cursor, and from the cursor's next line on."""
        tail = before[-_LOOK_BACK:]
        if len(before) > len(tail):
            tail = tail[tail.find(b"\n") + 1 :] if b"\n" in tail else tail
        words = TOKEN.findall(tail)
        self._begun = begun = words.pop() if words and words[-1][:1] not in (b"\n", b"\r") else b""
        self._head = _line(words) + begun
        self._context = hashes(words[-LONGEST:])
        self._below = _line_below(after)
        self._next_line = after.lstrip().split(b"\n", 1)[0].strip()
        self._step = _step(before) if words and not begun and self._context[-1] == LINE else None
        self._votes: dict[bytes, _Votes] = {}
        self._matches: list[int] = []
        self._sources = 0

    def look(self, source: Source) -> None:
        """Count the votes of a source's places. The nearest first; the line of the cursor must not be in it."""
        begun, shelf, nearest = self._begun, source.shelf, not self._sources
        self._sources += 1
        for start, end, same, is_below in _places(shelf, self._context, begun, self._below):
            rest = shelf.text[start + len(begun) : end].rstrip()
            if not rest or (self._head + rest).strip() == self._next_line:
                continue
            weight = source.weight * _BASE**same
            if is_below:
                weight *= _SAME_LINE_BELOW
            if self._step is not None and _step(shelf.text[max(0, start - _LOOK_BACK) : start]) == self._step:
                weight *= _SAME_STEP
            vote = self._votes.setdefault(rest, _Votes())
            vote.weight += weight
            vote.times += 1
            vote.near |= nearest
            vote.below |= is_below
            if same > vote.words or not vote.path:
                vote.words = same
                vote.path, vote.offset = shelf.place(start + len(begun))
                vote.shelf, vote.start, vote.end = shelf, start + len(begun), end
            self._matches.append(same)

    def _lines(self, vote: _Votes) -> str:
        if vote.shelf is None or vote.end - vote.start > _LONG:
            return ""
        text = vote.shelf.text[max(0, vote.start - _LONG) : vote.end]
        at = min(vote.start, _LONG)
        begin = text.rfind(b"\n", 0, at) + 1
        above = text[: text.rfind(b"\n", 0, len(text[:begin].rstrip())) + 1]
        both = text[len(above) :].rstrip().replace(b"\r\n", b"\n").decode("utf-8", "replace")
        if b"\r" in text[begin:].rstrip() or holds_key(both):
            return ""
        return both if not self._head.strip() else both.rsplit("\n", 1)[-1]

    def found(self, most: int = 1) -> list[Recalled]:
        """The `most` likeliest rests of the line, best first. A word that the cursor cuts is finished as well."""
        total = sum(vote.weight for vote in self._votes.values())
        # the nearest of equals: it came in first
        ranked = sorted(self._votes.items(), key=lambda pair: -pair[1].weight)
        found: list[Recalled] = []
        for place, (rest, vote) in enumerate(ranked[:most]):
            rival = next((other.weight for n, (_, other) in enumerate(ranked[:2]) if n != place), 0.0)
            signs = (
                1.0,
                math.log(vote.weight / total),
                math.log((vote.weight + 1e-9) / (vote.weight + rival + 1e-9)),
                min(vote.words, LONGEST) / LONGEST,
                math.log(vote.times),
                float(vote.near),
                float(vote.below),
                min(len(rest), 80) / 80,
            )
            chance = 1 / (1 + math.exp(-sum(w * sign for w, sign in zip(_CHANCE, signs, strict=True))))
            of = sum(same >= vote.words for same in self._matches)
            text, times = rest.decode("utf-8", "replace"), min(vote.times, of)
            lines = self._lines(vote)
            found.append(Recalled(text, chance, vote.words, times, of, vote.path, vote.offset, lines, signs))
        return found


def recall(before: bytes, after: bytes, sources: Iterable[Source], most: int = 1) -> list[Recalled]:
    """All in one go, for whoever has the time."""
    search = Search(before, after)
    for source in sources:
        search.look(source)
    return search.found(most)


def _places(
    shelf: Shelf, context: list[int], begun: bytes, below: NDArray[np.uint32]
) -> Iterator[tuple[int, int, int, bool]]:
    """(start, end of the line, words that match, whether the line below is the same), best first."""
    words = shelf.hashes
    if len(words) < 2 or not context:
        return
    at = np.flatnonzero(words[:-1] == context[-1]) + 1
    levels = [at]
    for back in range(2, min(LONGEST, len(context)) + 1):
        at = at[at >= back]
        at = at[words[at - back] == context[-back]]
        if not len(at):
            break
        levels.append(at)
    parts: list[NDArray[np.int64]] = []
    lengths: list[int] = []
    room = _MOST_PLACES
    for same in range(len(levels), 0, -1):
        here = levels[same - 1]
        if same < len(levels):  # those that match further were taken already
            fresh = np.ones(len(here), np.bool_)
            fresh[np.searchsorted(here, levels[same])] = False
            here = here[fresh]
        here = _going_on(shelf, here[-_MOST_LOOKED_AT:], begun)[-room:][::-1]
        parts.append(here)
        lengths += [same] * len(here)
        room -= len(here)
        if not room:
            break
    indexes = np.concatenate(parts)
    if not len(indexes):
        return
    lines = np.searchsorted(shelf.line_ends, indexes)
    ends = shelf.line_ends[np.minimum(lines, len(shelf.line_ends) - 1)]
    is_below = np.full(len(indexes), len(below) > 0)
    for step, word in enumerate(below.tolist()):
        is_below &= words[np.minimum(ends + 1 + step, len(words) - 1)] == word
    starts, stops = shelf.starts[indexes].tolist(), shelf.starts[ends].tolist()
    yield from zip(starts, stops, lengths, is_below.tolist(), strict=True)


def _going_on(shelf: Shelf, at: NDArray[np.int64], begun: bytes) -> NDArray[np.int64]:
    """Of many places those where the line goes on, with a word that begins like this."""
    words = shelf.hashes[at]
    at = at[(words != NOTHING) & (words != LINE)]
    text = np.frombuffer(shelf.text, np.uint8)
    for offset, byte in enumerate(begun):
        if not len(at):
            break
        at = at[text[np.minimum(shelf.starts[at] + np.uint32(offset), np.uint32(len(text) - 1))] == byte]
    return at


def _line_below(after: bytes) -> NDArray[np.uint32]:
    words = TOKEN.findall(after.lstrip()[:400])[:_NEXT_LINE]
    found = hashes(words)
    if LINE in found:
        found = found[: found.index(LINE) + 1]
    return np.array(found, np.uint32)


def _line(words: list[bytes]) -> bytes:
    """What stands on the last line."""
    for number in range(len(words) - 1, -1, -1):
        if words[number][:1] in (b"\n", b"\r"):
            return b"".join(words[number + 1 :])
    return b"".join(words)


def _step(before: bytes) -> tuple[int, bool]:
    """How the line that begins here is indented against the last one with text, and whether lines lie between."""
    bare = before.rstrip()
    line = bare[bare.rfind(b"\n") + 1 :]
    above = len(line) - len(line.lstrip())
    here = len(before) - before.rfind(b"\n") - 1
    return (here > above) - (here < above), before.count(b"\n", len(bare)) > 1
