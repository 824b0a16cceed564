"""Which files a question is about, by rules that a person can read: every point has a reason.

Each kind of evidence gives its points (`Weights`) times a strength between 0 and about 1; a weight of 0 switches it
off. What costs an index or the graph is only looked at where its weight is not 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import log, sqrt
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dovetail.context.lexicon import Bag, Lexicon, bag, below, lexicon, said_by
from dovetail.context.query import Manner, Query
from dovetail.context.words import number, words
from dovetail.graph import CLASSES, FileFacts, Graph, Symbol
from dovetail.model.ask import Stage, Steps
from dovetail.world import Snapshot


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each kind of evidence.

    What is written comes first; the others' points, and the strengths below, follow from a fit to commits of
    four projects and their messages.
    """

    tagged: float = 40
    """`@file` or `#symbol`: the user said it."""
    mentioned: float = 24
    """The file's name, path or module is written, or it stands in a stack trace."""
    modified: float = 8
    """Changed since the last commit."""
    path: float = 8
    """Words of the question in the path."""
    symbol: float = 7
    """A name of the question is defined here."""
    heading: float = 5
    """Words of the question in headings and documentation."""
    imports: float = 4
    """It imports what the question names."""
    content: float = 2
    """It has the question's words at all."""
    lexical: float = 20
    """BM25 of all that the file says."""
    subject: float = 16
    """BM25 for the first line of the question alone."""
    passage: float = 11
    """BM25 of the best single definition."""
    meaning: float = 6
    """An embedding model finds it near to the question (`meaning.py`); no points where the user named none."""
    graph: float = 6
    """Near in the graph to what the question names or the cursor is in."""
    recent: float = 4
    """Edited in this session, the latest most."""
    size: float = 5
    """It says much: where more is, more is to be changed. Only beside other evidence."""
    vendored: float = -10
    """A copy of somebody else's code."""

    @classmethod
    def of(cls, points: Iterable[str]) -> Weights:
        """With other points, `kind=points` each; of two for one kind the last."""
        return cls(**{kind: float(worth) for kind, worth in (one.split("=", 1) for one in points)})

    def without(self, *kinds: str) -> Weights:
        """The same with some kinds switched off."""
        return Weights(**{f.name: 0 if f.name in kinds else getattr(self, f.name) for f in fields(self)})


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason."""

    kind: str
    points: float
    why: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A file and what speaks for it, the strongest first."""

    path: str
    score: float
    signals: tuple[Signal, ...]
    symbols: tuple[Symbol, ...] = ()
    """Those of its definitions that the question names, the best first; then the one that says most of its words."""

    @property
    def why(self) -> str:
        return "; ".join(signal.why for signal in self.signals[:3])


@dataclass(frozen=True, slots=True)
class About:
    """What is known beside the question."""

    anchors: tuple[Symbol, ...] = ()
    """What the cursor is in or on."""
    modified: frozenset[str] | None = None
    """Paths that differ from what git keeps; None where it was not asked."""
    recent: tuple[str, ...] = ()
    """Paths, the one edited last first."""
    skip: frozenset[str] = frozenset()
    """Files that are shown anyway."""


_SAID: Mapping[Manner, float] = {"title": 2.2, "quoted": 1.0, "place": 1.0, "code": 0.8, "shaped": 0.8, "plain": 0.35}
_VENDORED = re.compile(r"(^|/)(_?vendor(ed|s)?|extern(als?)?|third[_-]?party)/|[^/]/packages/")
"""At the root of a repository `packages/` holds its own, inside of a package the copies of others'."""
_LONG = 30
"""Words of a question from which on all of it counts in full; a shorter one says little beside its first line."""
_COMMON = 50
"""A name that so many definitions have says nothing."""
_ANCHORS = 8
"""Definitions named by a question from which the graph is walked."""
_NEAR = 24
"""Neighbours of one of them that are looked at."""
_PASSAGES = 40
"""Files whose single definitions are looked at."""
_AT_ONCE = 8
"""Of these between two breaths."""
_MOST_POINTS = 2.5
"""A kind gives at most so many times its points, however often it applies …"""
_ONCE = frozenset(("imports", "graph", "mentioned"))
"""… and these once."""


def rank(
    snapshot: Snapshot, query: Query, weights: Weights = Weights(), about: About = About(), most: int = 200
) -> Steps[list[Scored]]:
    """The files that a question is about, best first; files without any evidence are left out."""
    points = _Points(snapshot, weights)
    _tagged(points, query)
    _mentioned(points, query, about)
    for path in about.modified or ():
        points.add("modified", path, 1.0, "changed since the last commit")
    for place, path in enumerate(about.recent):
        points.add("recent", path, 1 / (1 + place), "edited just now" if not place else "edited in this session")
    named = _named(points, query)
    if weights.imports:
        _imports(points, query)
    if any((weights.path, weights.heading, weights.content, weights.lexical, weights.subject, weights.passage)):
        index = yield from lexicon(snapshot.graph, snapshot.roots)
        yield Stage("WEIGH WORDS")
        _lexical(points, query, index)
        if weights.passage:
            yield from _passages(points, query, index)
    if weights.graph:
        yield Stage("WALK THE GRAPH")
        _graph(points, about.anchors, named)
    for path in points.best(len(snapshot.graph.files)) if weights.vendored else ():
        if _VENDORED.search(below(path, snapshot.roots)):
            points.add("vendored", path, 1.0, "a copy of somebody else's code")
    return points.ranked(named, about.skip, most)


class _Points:
    """Collects reasons by file."""

    def __init__(self, snapshot: Snapshot, weights: Weights) -> None:
        self.snapshot, self.graph, self.weights = snapshot, snapshot.graph, weights
        self.passages: dict[str, str] = {}
        """By path the name of the definition that says most of the question's words."""
        self._by_path: dict[str, dict[str, tuple[float, dict[str, None]]]] = {}

    def add(self, kind: str, path: str, strength: float, why: str) -> None:
        if getattr(self.weights, kind) and strength > 0 and path in self.graph.files:
            kinds = self._by_path.setdefault(path, {})
            known, reasons = kinds.get(kind, (0.0, dict[str, None]()))
            reasons[why] = None
            kinds[kind] = (known + strength, reasons)

    def total(self, path: str) -> float:
        kinds = self._by_path.get(path, {})
        return sum(self._worth(kind, kinds[kind][0]) for kind in sorted(kinds))

    def _worth(self, kind: str, strength: float) -> float:
        return getattr(self.weights, kind) * min(strength, 1.0 if kind in _ONCE else _MOST_POINTS)

    def best(self, most: int) -> list[str]:
        return sorted(self._by_path, key=lambda path: (-self.total(path), path))[:most]

    def ranked(self, named: Mapping[str, Sequence[Symbol]], skip: frozenset[str], most: int) -> list[Scored]:
        found: list[Scored] = []
        for path, kinds in self._by_path.items():
            if path in skip:
                continue
            signals = [
                Signal(
                    kind,
                    round(self._worth(kind, strength), 4),
                    ", ".join(list(reasons)[:3]) + (" …" if len(reasons) > 3 else ""),
                )
                for kind, (strength, reasons) in kinds.items()
            ]
            signals.sort(key=lambda signal: (-signal.points, signal.kind))
            score = round(sum(signal.points for signal in signals), 4)
            found.append(Scored(path, score, tuple(signals), self._symbols(path, named.get(path, ()))))
        return sorted(found, key=lambda scored: (-scored.score, scored.path))[:most]

    def _symbols(self, path: str, named: Sequence[Symbol]) -> tuple[Symbol, ...]:
        best = (
            [s for s in self.graph.named(self.passages[path], 200) if s.path == path] if path in self.passages else []
        )
        return tuple(dict.fromkeys((*named, *best[:1])))


# ---- what is said -------------------------------------------------------------------------------


def lost(graph: Graph, query: Query) -> list[str]:
    """The tags that lead to no file and to no definition."""
    files = [f"@{path}" for path in query.tagged_paths if not any(True for _ in _files_called(graph, (path,)))]
    return files + [f"#{tag}" for tag in query.tagged_names if not _symbols_tagged(graph, tag)]


def _symbols_tagged(graph: Graph, tag: str) -> list[Symbol]:
    *_, container, name = ("", *tag.split("."))
    return [s for s in graph.named(name, _COMMON) if not container or s.container == container]


def _tagged(points: _Points, query: Query) -> None:
    for path, share in _files_called(points.graph, query.tagged_paths):
        points.add("tagged", path, share, f"tagged @{path.rsplit('/', 1)[-1]}")
    for tag in query.tagged_names:
        symbols = _symbols_tagged(points.graph, tag)
        for symbol in symbols:
            points.add("tagged", symbol.path, 1 / len(symbols), f"tagged #{tag}")


def _mentioned(points: _Points, query: Query, about: About) -> None:
    if not points.weights.mentioned:
        return
    for path, share in _files_called(points.graph, query.paths):
        points.add("mentioned", path, share, f"{path.rsplit('/', 1)[-1]} is mentioned")
    innermost = dict.fromkeys(
        path
        for written, _ in reversed(query.frames)
        for path, share in _files_called(points.graph, (written,))
        if share == 1
    )
    for order, path in enumerate(innermost):
        points.add("mentioned", path, 0.15 if order else 0.3, "in the stack trace")
    start = next(iter(about.anchors), None)
    beside = start.path if start else next(iter(sorted(points.graph.files)), None)
    if beside is None:
        return
    for dotted in query.dotted:
        parts = dotted.split(".")
        for count in range(len(parts), 1, -1):
            if module := points.graph.module(beside, ".".join(parts[:count])):
                points.add("mentioned", module, 0.35, f"{'.'.join(parts[:count])} is mentioned")
                break


def _files_called(graph: Graph, written: Sequence[str]) -> Iterable[tuple[str, float]]:
    """(path, share) of the files that a written path may mean: those that agree with it longest."""
    wanted = {path.rsplit("/", 1)[-1] for path in written}
    if not wanted:
        return
    by_name: dict[str, list[str]] = {}
    for path in graph.files:
        name = path.rsplit("/", 1)[-1]
        for said in (name, name.rsplit(".", 1)[0]):
            if said in wanted:
                by_name.setdefault(said, []).append(path)
    for path in written:
        found = sorted(by_name.get(path.rsplit("/", 1)[-1], ()))
        if found:
            agree = [_agreeing(path, candidate) for candidate in found]
            best = [candidate for candidate, parts in zip(found, agree, strict=True) if parts == max(agree)]
            for candidate in best:
                yield candidate, 1 / len(best)


def _agreeing(written: str, path: str) -> int:
    """How many last parts two paths share, the file's name left out."""
    count = 0
    for one, two in zip(reversed(written.split("/")[:-1]), reversed(path.split("/")[:-1]), strict=False):
        if one != two:
            break
        count += 1
    return count


def _named(points: _Points, query: Query) -> dict[str, list[Symbol]]:
    """Give points for definitions of the question's names; told by path, the most telling first."""
    found: dict[str, dict[Symbol, float]] = {}
    pairs = {
        (one, two)
        for dotted in query.dotted
        for one, two in zip(dotted.split("."), dotted.split(".")[1:], strict=False)
    }
    for name, manner in query.names.items():
        symbols = points.graph.named(name, _COMMON)
        if len(symbols) == _COMMON:
            continue
        paths: dict[str, float] = {}
        for symbol in symbols:
            worth = _worth(symbol)
            if symbol.container and (symbol.container, name) in pairs:
                worth = 1.5
            paths[symbol.path] = max(paths.get(symbol.path, 0), worth)
            by_symbol = found.setdefault(symbol.path, {})
            by_symbol[symbol] = max(by_symbol.get(symbol, 0), worth * _SAID[manner] / len(symbols))
        for path, worth in paths.items():
            points.add("symbol", path, worth * _SAID[manner] / len(paths), f"defines {name}")
    return {path: sorted(symbols, key=lambda s: (-symbols[s], s.span.start)) for path, symbols in sorted(found.items())}


def _worth(symbol: Symbol) -> float:
    if symbol.kind in ("variable", "constant", "field"):
        return 0.4
    return 0.8 if symbol.container else 1.0


def _imports(points: _Points, query: Query) -> None:
    """Files that import a name or a module of the question."""
    by_name: dict[str, list[str]] = {}
    wanted = {name for name, manner in query.names.items() if manner != "plain"}
    if not wanted:
        return
    for path, facts in points.graph.files.items():
        for name in {found.name or found.module for _, found in facts.imports} & wanted:
            by_name.setdefault(name, []).append(path)
    for name, paths in by_name.items():
        for path in paths:
            points.add("imports", path, _SAID[query.names[name]] / len(paths), f"imports {name}")


# ---- what the words say -------------------------------------------------------------------------


def _lexical(points: _Points, query: Query, index: Lexicon) -> None:
    said = {word: sqrt(times) for word, times in query.words.items()}
    once = dict.fromkeys(query.words, 1.0)
    subject = dict.fromkeys(query.subject, 1.0)
    rarity = {word: index.rarity(word) for word in sorted(query.words)}
    top = sorted(rarity, key=lambda word: (-rarity[word], word))
    for kind, share, scores, why in (
        ("lexical", min(1.0, len(said) / _LONG), index.scores("words", said), "says the question's words"),
        ("subject", 1.0, index.scores("words", subject), "says the words of its first line"),
        ("heading", 1.0, index.scores("docs", said), "documentation says them"),
        ("symbol", 1.0, index.scores("names", said), "defines names like them"),
        ("path", 1.0, index.scores("path", once), "its path says them"),
    ):
        best = float(scores.max(initial=0))
        if best > 0 and getattr(points.weights, kind):
            for place in np.flatnonzero(scores):
                points.add(kind, index.paths[place], share * float(scores[place]) / best, why)
    if points.weights.content and (whole := sum(rarity.values())):
        has = np.zeros(len(index.paths))
        for word in top:
            has += rarity[word] * (index.times("words", word) > 0)
        for place in np.flatnonzero(has):
            points.add("content", index.paths[place], float(has[place]) / whole, "has the question's words")
    if points.weights.path:
        _stems(points, query, rarity)
    if points.weights.size:
        lengths = dict(zip(index.paths, index.lengths("words"), strict=True))
        for path in points.best(len(index.paths)):
            points.add("size", path, log(1 + lengths[path]) / 8, "it says much")


def _stems(points: _Points, query: Query, rarity: Mapping[str, float]) -> None:
    """The name of a file, or of the folder that it stands for, made of the question's words."""
    found: dict[str, float] = {}
    for path in points.graph.files:
        *_, folder, name = ("", *path.split("/"))
        stem = name.rsplit(".", 1)[0]
        parts = words(folder if stem in ("__init__", "index", "mod", "lib", "main") else stem)
        if parts and (said := [part for part in parts if part in query.words]):
            found[path] = sum(rarity[part] * sqrt(query.words[part]) for part in said) / len(parts)
    best = max(found.values(), default=0)
    for path, value in found.items():
        if best:
            points.add("path", path, 0.6 * value / best, "its name is made of them")


_passage_bags: WeakKeyDictionary[FileFacts, list[tuple[str, Bag]]] = WeakKeyDictionary()


def _passages(points: _Points, query: Query, index: Lexicon) -> Steps[None]:
    """The best single definition of the files that lead so far."""
    said = sorted(query.words)
    wanted = np.array([number(word) for word in said], dtype=np.uint32)
    weights = np.array([sqrt(query.words[word]) * index.rarity(word) for word in said])
    found: list[tuple[str, str, Bag]] = []
    for done, path in enumerate(points.best(_PASSAGES)):
        if done % _AT_ONCE == 0:
            yield Stage("WEIGH DEFINITIONS", done, _PASSAGES)
        facts = points.graph.files[path]
        bags = _passage_bags.get(facts)
        if bags is None:
            bags = _passage_bags[facts] = [
                (item.definitions[0].name, bag(said_by(item).items())) for _, item, _ in facts if item.definitions
            ]
        found += [(path, name, one) for name, one in bags]
    if not found or not len(wanted):
        return
    times = np.stack([one.times(wanted) for _, _, one in found])
    lengths: NDArray[np.float64] = np.array([one.length for _, _, one in found], dtype=np.float64)
    drag = 1.5 * (0.25 + 0.75 * lengths / max(1.0, float(lengths.sum()) / len(lengths)))
    scores = (times * 2.5 / (times + drag[:, None])) @ weights
    best: dict[str, tuple[float, str]] = {}
    for (path, name, _), score in zip(found, scores.tolist(), strict=True):
        if score > best.get(path, (0.0, ""))[0]:
            best[path] = (score, name)
    most = max((score for score, _ in best.values()), default=0)
    for path, (score, name) in best.items():
        points.passages[path] = name
        points.add("passage", path, score / most, f"{name} says most of them")


# ---- what the graph says ------------------------------------------------------------------------


def _graph(points: _Points, anchors: Sequence[Symbol], named: Mapping[str, Sequence[Symbol]]) -> None:
    """What is called from, calls, and is above what the question names or the cursor is in."""
    starts = [(symbol, 1.0) for symbol in anchors]
    if not starts:
        leading = [(symbol, points.total(path)) for path, symbols in named.items() for symbol in symbols[:2]]
        leading.sort(key=lambda pair: (-pair[1], pair[0].path, pair[0].span.start))
        most = leading[0][1] if leading else 0
        starts = [(symbol, total / most) for symbol, total in leading[:_ANCHORS] if most]
    for symbol, strength in starts:
        seen = {symbol.path}
        # what a question names is rarely wrong in those who call it; what the cursor is in may well be
        for near, how in _around(points, symbol, callers=bool(anchors)):
            if near.path not in seen:
                seen.add(near.path)
                points.add("graph", near.path, strength * 0.25, f"{how} {symbol.name}")


def _around(points: _Points, symbol: Symbol, callers: bool) -> Iterable[tuple[Symbol, str]]:
    graph = points.graph
    if symbol.kind in CLASSES:
        for _, base in graph.bases(symbol):
            if base is not None:
                yield base, "is a base of"
    else:
        for callee, _ in graph.callees(symbol)[:_NEAR]:
            yield callee, "is called by"
        for caller, _ in graph.callers(symbol)[:_NEAR] if callers else ():
            yield caller, "calls"
