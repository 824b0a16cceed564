"""Which definitions a prompt shows, in a budget of tokens, with what was left out and why.

The same question about the same text gives the same bytes: nothing depends on the order of files, of edits or of a
hash. Least volatile first: files that are not open before open ones, each kind by path, definitions by place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.nearby import Near, Relation
from dovetail.context.scorer import Scored
from dovetail.graph import CLASSES, Symbol
from dovetail.model.ask import Count, Steps
from dovetail.syntax import language_for
from dovetail.text import Document, Span
from dovetail.world import Snapshot

SEPARATOR = 1
"""Tokens that a model's mark between two files takes."""
_LEAST = 3
"""A fuller shape pays where the shortest would save less than one part in so many of it …"""
_PROSE = 6
"""Lines of documentation that an installed package is shown with."""
_MEMBERS = 16
"""Members of a class that its skeleton shows."""


Shape = Literal["whole", "skeleton", "line"]
"""All of its text; signature, documentation and members; signature and the first line of the documentation."""
_PART: Mapping[Shape, int] = {"whole": 4, "skeleton": 2, "line": 1}
"""… or where it takes at most one part in so many of the budget."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens of the sections of a prompt; what remains of the context is for the answer."""

    system: int = 256
    code: int = 1536
    task: int = 512

    def within(self, context: int, answer: int) -> Budget:
        """Scaled down together where a model's context has no room for them and for its answer."""
        room, whole = max(0, context - answer), self.system + self.code + self.task
        if whole <= room:
            return self
        return Budget(self.system * room // whole, self.code * room // whole, self.task * room // whole)


@dataclass(frozen=True, slots=True)
class Item:
    """One definition that is shown."""

    path: str
    span: Span
    line: int
    """Where it begins, from 0."""
    kind: Relation
    name: str
    text: str
    whole: bool
    """All of its text."""
    tokens: int
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Pack:
    """What is shown, in its order, and what is not."""

    files: tuple[tuple[str, str], ...] = ()
    """(path, text), as they stand in the prompt."""
    items: tuple[Item, ...] = ()
    left_out: tuple[Item, ...] = ()
    tokens: int = 0
    """Of `files`, their paths and the marks between them; never more than the budget."""

    def tell(self, ledger: Ledger) -> None:
        """Write down what was chosen and what was not."""
        ledger.used += [_piece(item) for item in self.items]
        ledger.left_out += [_piece(item) for item in self.left_out]


def pack(
    snapshot: Snapshot,
    wanted: Sequence[Near],
    budget: int,
    *,
    shapes: Sequence[Shape] = ("whole", "skeleton", "line"),
    shown: Callable[[str], str] = lambda path: path,
) -> Steps[Pack]:
    """The best of `wanted` that fit into `budget` tokens together.

    shapes: how a definition may be shown, the fullest first. shown: how a path stands in the prompt.
    """
    source = _Source(snapshot)
    ranked, private = list[Near](), list[Item]()
    for near in sorted(wanted, key=lambda near: (-near.score, near.symbol.path, near.symbol.span.start)):
        if near.symbol.path in snapshot.private:
            private.append(_item(source, near, "", False, 0, f"{near.why}; the project leaves its file out"))
        else:
            ranked.append(near)
    if not ranked or budget <= 0:
        none = (_item(source, near, "", False, 0, f"{near.why}; there is no budget") for near in ranked)
        return Pack(left_out=(*none, *private))
    texts = [_shaped(source, near, shapes) for near in ranked]
    heads = [f"{shown(near.symbol.path)}\n" for near in ranked]
    counts: list[int] = yield Count((*heads, *(text for each in texts for text in each.values())))
    head_counts, text_counts = counts[: len(heads)], iter(counts[len(heads) :])
    chosen: list[Item] = []
    left: list[Item] = []
    paths: set[str] = set()
    spent = 0
    for near, each, head in zip(ranked, texts, head_counts, strict=True):
        costs: dict[Shape, int] = {shape: next(text_counts) for shape in each}
        opening = 0 if near.symbol.path in paths else head + SEPARATOR
        last: Shape = list(costs)[-1]
        shortest = costs[last]
        for shape, tokens in costs.items():
            # what only shows how one is written is shown whole or not at all
            if near.relation == "example" and (shape != "whole" or tokens * _PART[shape] > budget):
                continue
            pays = shape == last or tokens * _PART[shape] <= budget or (tokens - shortest) * _LEAST < tokens
            if pays and spent + opening + tokens + 1 <= budget:  # 1: its line end
                chosen.append(_item(source, near, each[shape], shape == "whole", tokens))
                paths.add(near.symbol.path)
                spent += opening + tokens + 1
                break
        else:
            left.append(_item(source, near, each[last], False, shortest, f"{near.why}; no room for it"))
    while True:
        files = _files(snapshot, chosen, shown)
        whole: list[int] = (yield Count(tuple(f"{path}\n{text}" for path, text in files))) if files else []
        tokens = sum(whole) + SEPARATOR * len(files)
        if tokens <= budget:
            break
        # texts that are joined may take more tokens than each by itself
        dropped = chosen.pop()
        left.insert(0, replace(dropped, why=f"{dropped.why}; no room for it"))
    order = {path: place for place, (path, _) in enumerate(_by_file(snapshot, chosen))}
    chosen.sort(key=lambda item: (order[item.path], item.span.start, item.span.end))
    return Pack(files, tuple(chosen), (*left, *private), tokens)


def asked_for(scored: Iterable[Scored], snapshot: Snapshot, most: int = 24) -> list[Near]:
    """The definitions that stand for the files which a question is about: those that it names or that
    say most of its words, else the first ones."""
    found: list[Near] = []
    for one in scored:
        symbols = (
            list(one.symbols[:3])
            or [
                symbol for symbol in snapshot.graph.symbols(one.path) if symbol.kind in ("function", "method", *CLASSES)
            ][:2]
        )
        for number, symbol in enumerate(symbols):
            found.append(Near(symbol, "asked", round(one.score / (2 + number), 4), one.why))
        if len(found) >= most:
            break
    return found[:most]


def skeleton(snapshot: Snapshot, symbol: Symbol) -> str:
    """Signature and the first line of the documentation; of a class also those of its members."""
    lines = [line(symbol)]
    if symbol.kind in CLASSES:
        members = [
            member
            for member in snapshot.graph.symbols_in(symbol.path, symbol.span)
            if member.container == symbol.name
            and symbol.span.holds(member.span)
            and member.kind in ("method", "field", "function", "constant")
        ]
        unique = {member.name: member for member in reversed(members)}
        kept = sorted(unique.values(), key=lambda member: member.span.start)
        lines += [f"    {line(member)}" for member in kept[:_MEMBERS]]
    return "\n".join(lines)


def line(symbol: Symbol) -> str:
    """Signature and the first line of the documentation."""
    first = symbol.doc.split("\n", 1)[0].strip()
    comment = _comment(symbol.path) if first else ""
    return f"{symbol.signature}  {comment}{first}" if comment else symbol.signature


@lru_cache(maxsize=4096)
def _comment(path: str) -> str:
    language = language_for(path)
    return language.settings.get("comment", "") if language is not None else ""


class _Source:
    """The texts of a snapshot, each looked at once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._known: dict[str, Document | None] = {}

    def document(self, symbol: Symbol) -> Document | None:
        """The text that a symbol stands in, as far as it is at hand and is the one that the graph speaks of."""
        path = symbol.path
        if path not in self._known:
            file = self.snapshot.file(path)
            data = self.snapshot.texts.get(path)
            self._known[path] = file.document if file is not None else Document(data) if data is not None else None
        document = self._known[path]
        return document if document is not None and symbol.span.end <= len(document) else None


def _shaped(source: _Source, near: Near, shapes: Sequence[Shape]) -> dict[Shape, str]:
    symbol, found = near.symbol, dict[Shape, str]()
    if near.relation == "package" and "skeleton" in shapes and symbol.doc:
        prose = symbol.doc.split("\n\n", 1)[0].splitlines()[:_PROSE]
        found["skeleton"] = "\n".join((symbol.signature, *(f"    {one.strip()}" for one in prose)))
        shapes = ("line",)
    if near.relation == "example":
        shapes = [shape for shape in shapes if shape != "skeleton"]
    for shape in shapes:
        text = (
            _whole(source, symbol)
            if shape == "whole"
            else skeleton(source.snapshot, symbol)
            if shape == "skeleton"
            else line(symbol)
        )
        if text and text not in found.values():
            found[shape] = text
    return found


def _whole(source: _Source, symbol: Symbol) -> str:
    """The text of a definition from the start of its line; "" where the text is not at hand."""
    document = source.document(symbol)
    if document is None:
        return ""
    text = document.text(Span(document.start_of(document.line_at(symbol.span.start)), symbol.span.end))
    return text if symbol.name in text else ""


def _by_file(snapshot: Snapshot, items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.path, []).append(item)
    return sorted(found.items(), key=lambda pair: (pair[0] in snapshot.files, pair[0]))


def _files(snapshot: Snapshot, items: Sequence[Item], shown: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (shown(path), "\n".join(item.text for item in sorted(mine, key=lambda i: (i.span.start, i.span.end))) + "\n")
        for path, mine in _by_file(snapshot, items)
    )


def _item(source: _Source, near: Near, text: str, whole: bool, tokens: int, why: str = "") -> Item:
    symbol = near.symbol
    document = source.document(symbol)
    line = document.line_at(symbol.name_span.start) if document else 0
    return Item(
        symbol.path, symbol.span, line, near.relation, symbol.qualified, text, whole, tokens, near.score,
        why or near.why,
    )  # fmt: skip


def _piece(item: Item) -> Piece:
    what = f"{'the whole of' if item.whole else 'definition of'} {item.name}"
    return Piece(what, item.path, item.line, item.why, item.score, item.tokens, "code")
