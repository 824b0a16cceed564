"""What a name means: the graph's facts at once, the model's sentence when it is there."""

from __future__ import annotations

from dataclasses import dataclass

from dovetail.features.sentence import sentence
from dovetail.graph import Found, Symbol
from dovetail.model.ask import ModelInfo, Steps
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

_MOST = 5
"""Callers and callees that are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Calls:
    """One neighbour in the call graph."""

    symbol: Symbol
    times: int


@dataclass(frozen=True, slots=True)
class Hover:
    """Facts about what is under the cursor. They stand without a model."""

    span: Span
    """The name under the cursor."""
    symbol: Symbol
    others: tuple[Symbol, ...]
    """Further candidates, where only the name led here."""
    guessed: bool
    callers: tuple[Calls, ...]
    callees: tuple[Calls, ...]
    used: int
    """References that rules resolve, calls included."""
    said: str = ""
    """The model's sentence, "" where there is none."""
    model: str = ""


def facts(snapshot: Snapshot, at: Selection) -> Hover | None:
    """What the graph knows of the name at a place; None where it knows nothing. No model, no wait."""
    found: Found = snapshot.graph.at(at.path, at.offset)
    if not found:
        return None
    symbol = found.symbols[0]
    graph = snapshot.graph
    references = [r for r in graph.references(symbol) if r.how == "resolved"]
    callers = [Calls(s, len(places)) for s, places in graph.callers(symbol)]
    callees = [Calls(s, n) for s, n in graph.callees(symbol)] if symbol.kind in ("function", "method") else []
    return Hover(
        _word(snapshot, at),
        symbol,
        found.symbols[1:_MOST],
        found.how == "guessed",
        tuple(callers),
        tuple(callees),
        len(references),
    )


def hover(snapshot: Snapshot, at: Selection, model: ModelInfo | None) -> Steps[Hover | None]:
    """The facts, with the model's sentence for what is not documented."""
    known = facts(snapshot, at)
    if known is None:
        return None
    said = yield from sentence(snapshot, known.symbol, model)
    if not said or model is None:
        return known
    return Hover(
        known.span, known.symbol, known.others, known.guessed, known.callers, known.callees, known.used,
        said, model.name,
    )  # fmt: skip


def _word(snapshot: Snapshot, at: Selection) -> Span:
    file = snapshot.file(at.path)
    if file is None or file.tree is None:
        return at.span
    node = file.tree.named_at(at.span)
    return Span(node.start_byte, node.end_byte) if node.child_count == 0 else at.span
