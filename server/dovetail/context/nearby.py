"""What lies near a place in the graph: what it names, who calls it, what stands beside it, what tests it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dovetail.graph import CLASSES, Symbol
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

Relation = Literal["named", "caller", "sibling", "test", "near", "example", "package", "asked"]
"""`near`: two steps in the graph lead there, and nothing else (`walk.py`); `package`: an installed one defines it."""

_NEAR = 40
"""Lines above the cursor whose names are looked up."""
_MOST = 24
"""Definitions of one relation that are looked at."""
_POINTS: dict[Relation, float] = {
    "named": 16,
    "caller": 8,
    "test": 6,
    "sibling": 4,
    "near": 3,
    "example": 5,
    "package": 7,
    "asked": 12,
}
_TEST = re.compile(
    r"(^|/)(tests?|spec|__tests__)/|(^|/)(test_[^/]*|[^/]*[._-](test|spec)|conftest)\.\w+$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Near:
    """A definition that may be shown, and why."""

    symbol: Symbol
    relation: Relation
    score: float
    why: str


def named_near(snapshot: Snapshot, at: Selection, *, own: bool = False) -> list[Near]:
    """What the lines above the cursor name and other files define, the nearest first.

    own: what the lines below it name as well, and what its own file defines farther away than a prompt shows lines.
    """
    file = snapshot.file(at.path)
    if file is None or file.facts is None:
        return []
    here = file.document.line_at(at.offset)
    last = min(file.document.lines - 1, here + _NEAR)
    near = Span(file.document.start_of(max(0, here - _NEAR)), file.document.line(last).end if own else at.span.end)
    found: dict[tuple[str, int], tuple[int, Symbol]] = {}
    for use_at in snapshot.graph.uses_in(at.path, near):
        meaning = snapshot.graph.resolved(at.path, use_at)
        if not meaning:
            continue
        symbol = meaning.symbols[0]
        far = own and not symbol.span.meets(near)
        if (symbol.path != at.path or far) and symbol.kind != "module":
            distance = here - file.document.line_at(use_at.base + use_at.use.start)
            key = (symbol.path, symbol.span.start)
            if key not in found or abs(distance) < abs(found[key][0]):
                found[key] = (distance, symbol)
    nearest = sorted(found.values(), key=lambda pair: (abs(pair[0]), pair[0] < 0, pair[1].path, pair[1].span.start))
    return [
        Near(symbol, "named", distance_points("named", abs(distance)), said_where(distance))
        for distance, symbol in nearest[:_MOST]
    ]


def is_test(path: str) -> bool:
    return _TEST.search(path) is not None


def beside(snapshot: Snapshot, at: Selection) -> Iterator[Near]:
    """Callers, tests and siblings of the function or class around a place."""
    graph = snapshot.graph
    around_it = graph.enclosing(at.path, at.offset)
    if around_it is None:
        return
    callers: dict[Relation, int] = {"caller": 0, "test": 0}
    for caller, places in graph.callers(around_it)[:_MOST]:
        relation: Relation = "test" if is_test(caller.path) else "caller"
        if caller.path != at.path:
            times = f"{len(places)} times" if len(places) > 1 else "once"
            yield Near(
                caller, relation, distance_points(relation, callers[relation]), f"calls {around_it.name} {times}"
            )
        callers[relation] += 1
    if around_it.kind in CLASSES:
        bases = [around_it]
    else:
        bases = [s for s in graph.named(around_it.container, _MOST) if s.path == at.path and s.kind in CLASSES]
    for owner in bases:
        for number, (_, base) in enumerate(graph.bases(owner)):
            if base is not None and base.path != at.path:
                yield Near(base, "sibling", distance_points("sibling", number), f"a base of {owner.name}")


def distance_points(relation: Relation, distance: int) -> float:
    """Points of a relation: half of the points at the tenth place or line."""
    return round(_POINTS[relation] / (1 + distance / 10), 4)


def said_where(distance: int) -> str:
    """How many lines above the cursor something is named, or below it, in words."""
    if not distance:
        return "named on the cursor's line"
    lines = abs(distance)
    return f"named {lines} line{'s' if lines > 1 else ''} {'above' if distance > 0 else 'below'} the cursor"
