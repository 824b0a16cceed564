"""A lexical index: BM25 over the words of the names that each file says, of its documentation and of its path.

It is made of the graph's facts and of nothing else. So it is as live and as exact as the graph, unsaved text
included; it needs no disk and no text; and it ranks better than one over whole texts, whose comments and literals
dilute it (`tests/bench/context_recall.py`). It is brought up to date when it is asked, never on a keystroke.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dovetail.context.words import names, number, numbers
from dovetail.graph import Facts, FileFacts, Graph
from dovetail.model.ask import Stage, Steps

Field = Literal["words", "names", "docs", "path"]
"""Everything a file says; the names that it defines; its documentation; where it lies."""
FIELDS: tuple[Field, ...] = ("words", "names", "docs", "path")

_K1 = 1.5
_B: Mapping[Field, float] = {"words": 0.75, "names": 0.75, "docs": 0.75, "path": 0.3}
"""How far a long text counts against itself."""
_AT_ONCE = 8
"""Files that are read between two breaths."""
_AHEAD = 64
"""Changed files that are looked at one by one before the postings are laid out anew."""
_KEPT = 2
"""Indexes of different workspaces that are remembered."""


class Bag(NamedTuple):
    """The words of one text, each once, in the order of their numbers."""

    numbers: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    length: int

    def times(self, wanted: NDArray[np.uint32]) -> NDArray[np.float64]:
        """How often each of these words is said."""
        if not len(self.numbers):
            return np.zeros(len(wanted))
        at = np.minimum(self.numbers.searchsorted(wanted), len(self.numbers) - 1)
        return np.where(self.numbers[at] == wanted, self.counts[at], 0).astype(np.float64)


class Entry(NamedTuple):
    """One file in the index."""

    facts: FileFacts
    bags: tuple[Bag, ...]
    """In the order of `FIELDS`."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """A value; `after` brings it up to date."""

    entries: Mapping[str, Entry]
    base: _Postings
    """The postings of most files …"""
    ahead: frozenset[str]
    """… and the files for which they are out of date, or which they do not have."""

    @cached_property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.entries))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {path: place for place, path in enumerate(self.paths)}

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """For each file of the base its place in `paths`, -1 where the base is out of date."""
        return np.array(
            [-1 if path in self.ahead else self._places.get(path, -1) for path in self.base.paths], dtype=np.int64
        )

    @cached_property
    def _lengths(self) -> NDArray[np.float64]:
        """By field and file."""
        return np.array(
            [[self.entries[path].bags[field].length for path in self.paths] for field in range(len(FIELDS))],
            dtype=np.float64,
        ).reshape(len(FIELDS), len(self.paths))

    def lengths(self, field: Field) -> list[float]:
        """How many words each file, in the order of `paths`, says."""
        return self._lengths[FIELDS.index(field)].tolist()

    def times(self, field: Field, word: str) -> NDArray[np.float64]:
        """How often each file, in the order of `paths`, says a word."""
        index, wanted = FIELDS.index(field), number(word)
        found = np.zeros(len(self.paths))
        files, counts = self.base.of(index, wanted)
        rows = self._rows[files]
        found[rows[rows >= 0]] = counts[rows >= 0]
        one = np.array([wanted], dtype=np.uint32)
        for path in self.ahead:
            if path in self.entries:
                found[self._places[path]] = self.entries[path].bags[index].times(one)[0]
        return found

    def rarity(self, word: str) -> float:
        """How much it says that a file has this word: 0 where all have it."""
        return _rarity(int(np.count_nonzero(self.times("words", word))), len(self.paths))

    def scores(self, field: Field, query: Mapping[str, float]) -> NDArray[np.float64]:
        """BM25 of each file, in the order of `paths`, for words with their weights."""
        total = np.zeros(len(self.paths))
        if not len(self.paths):
            return total
        lengths = self._lengths[FIELDS.index(field)]
        b = _B[field]
        # whole numbers divided once: the same mean in whatever order the files came
        drag = _K1 * (1 - b + b * lengths / max(1.0, float(lengths.sum()) / len(lengths)))
        for word in sorted(query):
            times = self.times(field, word)
            files = int(np.count_nonzero(times))
            if files:
                total += query[word] * _rarity(files, len(self.paths)) * times * (_K1 + 1) / (times + drag)
        return total


class _Postings:
    """For each field and word the files that say it."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.paths = tuple(sorted(entries))
        self._fields = [
            self._laid_out([entries[path].bags[field] for path in self.paths]) for field in range(len(FIELDS))
        ]

    @staticmethod
    def _laid_out(bags: Sequence[Bag]) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.uint16]]:
        if not bags:
            return np.array([], np.uint32), np.array([], np.int32), np.array([], np.uint16)
        words = np.concatenate([bag.numbers for bag in bags])
        files = np.repeat(np.arange(len(bags), dtype=np.int32), [len(bag.numbers) for bag in bags])
        counts = np.concatenate([bag.counts for bag in bags])
        order = np.argsort(words, kind="stable")
        return words[order], files[order], counts[order]

    def of(self, field: int, wanted: int) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
        words, files, counts = self._fields[field]
        first, last = words.searchsorted(np.uint32(wanted), "left"), words.searchsorted(np.uint32(wanted), "right")
        return files[first:last], counts[first:last]


_EMPTY = Lexicon({}, _Postings({}), frozenset())
_remembered: dict[tuple[str, ...], Lexicon] = {}
"""By the roots of the workspace, the one used last at the end. What it holds follows from the graph alone."""


def lexicon(graph: Graph, roots: tuple[str, ...]) -> Steps[Lexicon]:
    """The index of a graph. Costs what changed since it was last asked for; breathes on the way."""
    known = _remembered.pop(roots, _EMPTY)
    entries = dict(known.entries)
    changed = [path for path, facts in graph.files.items() if path not in entries or entries[path].facts is not facts]
    gone = [path for path in entries if path not in graph.files]
    if changed or gone:
        for path in gone:
            del entries[path]
        for done, path in enumerate(sorted(changed)):
            if done % _AT_ONCE == 0 and len(changed) > _AT_ONCE:
                yield Stage("READ NAMES", done, len(changed))
            entries[path] = _entry(path, graph.files[path], roots)
        ahead = known.ahead.union(changed, gone)
        if len(ahead) > max(_AHEAD, len(entries) // 16):
            known = Lexicon(entries, _Postings(entries), frozenset())
        else:
            known = Lexicon(entries, known.base, ahead)
    _remembered[roots] = known
    while len(_remembered) > _KEPT:
        _remembered.pop(next(iter(_remembered)))
    return known


def bag(said: Iterable[tuple[str, int]]) -> Bag:
    """Count words."""
    found: Counter[int] = Counter()
    for name, times in said:
        for one in numbers(name):
            found[one] += times
    order = sorted(found)
    return Bag(
        np.array(order, dtype=np.uint32),
        np.array([min(found[one], 65535) for one in order], dtype=np.uint16),
        sum(found.values()),
    )


def said_by(facts: Facts) -> Counter[str]:
    """The names and the words of documentation of one item."""
    said = Counter(use.name for use in facts.uses)
    for definition in facts.definitions:
        said[definition.name] += 1
        said.update(names(definition.signature))
        said.update(names(definition.doc))
    for found in facts.imports:
        said.update(names(found.module))
        said[found.name] += 1
    return said


def below(path: str, roots: Sequence[str]) -> str:
    """A path as it is written below its root."""
    for root in roots:
        if path.startswith(f"{root.rstrip('/')}/"):
            return path[len(root.rstrip("/")) + 1 :]
    return path


def _entry(path: str, facts: FileFacts, roots: Sequence[str]) -> Entry:
    whole: Counter[str] = Counter()
    defined: Counter[str] = Counter()
    docs: Counter[str] = Counter()
    prose = Graph.settings(facts.language).get("prose", False)
    for _, item, _ in facts:
        whole.update(said_by(item))
        for definition in item.definitions:
            defined[definition.name] += 1
            docs.update(names(definition.name if prose else definition.doc))
    return Entry(
        facts,
        (
            bag(whole.items()),
            bag(defined.items()),
            bag(docs.items()),
            bag((part, 1) for part in re.split(r"[/.\-]", below(path, roots))),
        ),
    )


def _rarity(files: int, of: int) -> float:
    return log(1 + (of - files + 0.5) / (files + 0.5)) if files else 0.0
