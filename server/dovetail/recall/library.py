"""Tokens by text, kept as long as there is room. Found again by the text itself, so nothing can be stale."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from immutables import Map

from dovetail.recall.tokens import LINE, NOTHING, Numbers, Tokens

if TYPE_CHECKING:
    from dovetail.recall.recall import Recalled


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Texts side by side, as one to look through."""

    hashes: Numbers
    """With `NOTHING` behind each text."""
    starts: Numbers
    """Offsets in `text`."""
    line_ends: Numbers
    """Indexes of what ends a line: a line end, or the end of a text."""
    text: bytes
    bases: list[int]
    """Where each text begins in `text`."""
    paths: list[str]
    shifts: list[int]
    """What to add to an offset in each to get the one in its file, of which it may be a part."""

    @classmethod
    def of(cls, texts: Sequence[tuple[str, bytes, Tokens]], shifts: Sequence[int] = ()) -> Shelf:
        hashes: list[Numbers] = []
        starts: list[Numbers] = []
        bases: list[int] = []
        parts: list[bytes] = []
        size = 0
        nothing = np.array([NOTHING], np.uint32)
        for _, text, words in texts:
            bases.append(size)
            hashes += [words.hashes, nothing]
            starts += [words.starts + np.uint32(size), np.array([size + len(text)], np.uint32)]
            parts += [text, b"\n"]
            size += len(text) + 1
        joined = np.concatenate(hashes) if hashes else np.zeros(0, np.uint32)
        ends = np.flatnonzero((joined == LINE) | (joined == NOTHING)).astype(np.uint32)
        return cls(
            joined,
            np.concatenate(starts) if starts else np.zeros(0, np.uint32),
            ends,
            b"".join(parts),
            bases,
            [path for path, _, _ in texts],
            list(shifts) or [0] * len(texts),
        )

    def place(self, offset: int) -> tuple[str, int]:
        """(path, offset in that file) of an offset in `text`."""
        which = bisect_right(self.bases, offset) - 1
        return self.paths[which], offset - self.bases[which] + self.shifts[which]


class Library:
    """What was made of texts, so that it need not be made again."""

    def __init__(self, room: int = 64 * 1024 * 1024) -> None:
        """`room`: bytes of text whose words are kept; the rest is forgotten, what was used longest ago first."""
        self._room = room
        self._kept: OrderedDict[bytes, Tokens] = OrderedDict()
        self._size = 0
        self._newest: dict[str, tuple[bytes, Tokens]] = {}
        """By path, for files that change: the words of the next version are told from these."""
        self._shelf: tuple[Map[str, bytes], frozenset[str], Shelf] | None = None
        self._lines: dict[str, list[tuple[bytes, bytes, list[Recalled]]]] = {}

    def know(self, text: bytes, words: Tokens) -> None:
        """Take words that were made elsewhere."""
        if text in self._kept:
            self._kept.move_to_end(text)
            return
        self._kept[text] = words
        self._size += len(text)
        while self._size > self._room and len(self._kept) > 1:
            gone, _ = self._kept.popitem(last=False)
            self._size -= len(gone)

    def tokens(self, text: bytes) -> Tokens:
        """Of a text that is not being written."""
        found = self._kept.get(text)
        if found is None:
            found = Tokens.of(text)
        self.know(text, found)
        return found

    def newest(self, path: str, text: bytes) -> Tokens:
        """Of a file that is being written."""
        known = self._newest.get(path)
        words = known[1].after(known[0], text) if known else Tokens.of(text)
        self._newest[path] = (text, words)
        return words

    def forget(self, path: str) -> None:
        """A file is not being written any more."""
        self._newest.pop(path, None)
        self._lines.pop(path, None)

    def lines(self, path: str, above: bytes, below: bytes) -> list[Recalled] | None:
        """What was chosen for the line between these, if it was one of the newest two."""
        same = (lines for one, two, lines in self._lines.get(path, ()) if (one, two) == (above, below))
        return next(same, None)

    def keep_lines(self, path: str, above: bytes, below: bytes, lines: list[Recalled]) -> None:
        """Keep them while this line is written and the next one is made ready: what a model has read of them it need
        not read again with each key."""
        others = [kept for kept in self._lines.get(path, ()) if kept[:2] != (above, below)]
        self._lines[path] = [*others, (above, below, lines)][-2:]

    def shelf(self, texts: Map[str, bytes], without: frozenset[str]) -> Shelf:
        """All texts but those `without`; the newest shelf is kept."""
        known = self._shelf
        if known is None or known[0] is not texts or known[1] != without:
            some = [(path, text, self.tokens(text)) for path, text in sorted(texts.items()) if path not in without]
            known = self._shelf = (texts, without, Shelf.of(some))
        return known[2]
