"""What a name means: the graph's facts at once, the model's sentence when it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dovetail.features.markdown import escaped, fenced
from dovetail.features.sentence import sentence
from dovetail.graph import Found, Reference, Symbol, by_caller
from dovetail.model.ask import Checked, ModelInfo, Steps
from dovetail.syntax import language_for
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

_MOST = 5
"""Callers and callees that are named; the rest is counted."""
_COUNTED = 500
"""References that are counted."""
_LINES = 30
"""Lines of documentation that are shown."""


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

    def saying(self, said: str, model: str) -> Hover:
        """The same with a model's sentence."""
        return replace(self, said=said, model=model)


def facts(snapshot: Snapshot, at: Selection) -> Steps[Hover | None]:
    """What the graph knows of the name at a place; None where it knows nothing. No model.

    A name that thousands of files mention takes a moment: others may go first.
    """
    found: Found = snapshot.graph.at(at.path, at.offset)
    if not found:
        return None
    symbol = found.symbols[0]
    graph = snapshot.graph
    references: list[Reference] = []
    for some in graph.references_by_file(symbol, guessed=False):
        references += some
        if len(references) >= _COUNTED:
            break
        yield Checked("references")
    callers = [Calls(s, len(places)) for s, places in by_caller(references)]
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
    known = yield from facts(snapshot, at)
    if known is None:
        return None
    said = yield from sentence(snapshot, known.symbol, model)
    if not said or model is None:
        return known
    return known.saying(said, model.name)


def _word(snapshot: Snapshot, at: Selection) -> Span:
    file = snapshot.file(at.path)
    if file is None or file.tree is None:
        return at.span
    node = file.tree.named_at(at.span)
    return Span(node.start_byte, node.end_byte) if node.child_count == 0 else at.span


Place = tuple[str, str]
"""Where a symbol is defined: an address for a link, and `file:line` for a person."""


def markdown(hover: Hover, place: Callable[[Symbol], Place]) -> str:
    """What a person reads. `place` says where a symbol is defined."""
    symbol = hover.symbol
    language = language_for(symbol.path)
    parts = [fenced(symbol.signature, language.name if language else "")]
    address, shown = place(symbol)
    where = f"{symbol.kind}, defined in [{escaped(shown)}]({address})"
    parts.append(f"{where}, one of {1 + len(hover.others)} with this name" if hover.guessed else where)
    if symbol.doc:
        parts.append("  \n".join(escaped(line) for line in symbol.doc.strip().split("\n")[:_LINES]))
    if hover.said:
        parts.append(f"{escaped(hover.said)}  \n*written by {escaped(hover.model)}, not checked for truth*")
    if line := _called("Called by", hover.callers, place):
        parts.append(line)
    elif hover.used:
        parts.append(f"Named in {hover.used} place{'s' if hover.used > 1 else ''}")
    if line := _called("Calls", hover.callees, place):
        parts.append(line)
    return "\n\n".join(parts)


def _called(what: str, calls: tuple[Calls, ...], place: Callable[[Symbol], Place]) -> str:
    if not calls:
        return ""
    named: list[str] = []
    for call in calls[:_MOST]:
        address, shown = place(call.symbol)
        times = f" ×{call.times}" if call.times > 1 else ""
        named.append(f"[{escaped(call.symbol.qualified)}]({address}) ({escaped(shown)}){times}")
    rest = len(calls) - _MOST
    return f"{what} ({len(calls)}): " + ", ".join(named) + (f" and {rest} more" if rest > 0 else "")
