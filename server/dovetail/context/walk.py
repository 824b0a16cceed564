"""What two steps in the graph lead to, as much of it as fits into a budget of the model's own tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dovetail.context.documented import documented_near
from dovetail.context.examples import examples
from dovetail.context.nearby import Near, beside, is_test, named_near
from dovetail.context.pack import line
from dovetail.graph import Graph, Relation, Spot, Symbol
from dovetail.model.ask import Count, Steps
from dovetail.world import Selection, Snapshot

MOST = 48
"""Definitions that a walk returns."""
_ONWARD = 10
"""Definitions one step away from which it goes on."""
_BESIDE = 12
"""Of what stands near one of these that many are looked at."""
_PART = 16
"""One line takes at most one part in so many of the budget: what is longer is data."""
_FADES = 0.5
"""What the second step is worth of the first."""
_POINTS = 3.0
"""Of the best that a walk alone leads to: less than of anything that is named, calls or tests."""
_SHOWN = 16
"""Definitions that only a walk leads to which a prompt is offered."""
_SAYS: dict[Relation, str] = {
    "named": "named by {}", "caller": "calls {}", "around": "holds {}", "member": "is a part of {}",
    "sibling": "stands beside {}", "beside": "in a file beside {}",
}  # fmt: skip


class Reached(NamedTuple):
    """A definition, how it was come by, and the tokens of the one line that shows it."""

    spot: Spot
    relation: Relation
    worth: float
    via: Spot | None
    """What lies between; None where one step leads there."""
    tokens: int


def walk(graph: Graph, anchors: Sequence[Symbol], budget: int, tokenizer: str = "") -> Steps[list[Reached]]:
    """The definitions at most two steps from the anchors, the best first, in `budget` tokens together.

    tokenizer: whose counts these are; what one has counted is not counted again while the definition stands.
    """
    hops = graph.hops
    best: dict[Spot, tuple[float, Relation, Spot | None]] = {}
    starts = [spot for a in anchors if (spot := hops.spot(graph, a.path, a.name_span.start)) is not None]
    for start in starts:
        best[start] = (9.0, "around", None)
    for start in starts:
        over, near = hops.of(graph, start)
        for spot, relation, worth in (*over, *near):
            if spot not in best or best[spot][0] < worth:
                best[spot] = (worth, relation, None)
        # who calls what is one step away is left alone: it is dear to find, and says little of the anchor;
        # what merely stands near what merely stands near is near nothing
        for number, (between, _, first) in enumerate((*over, *near)[:_ONWARD]):
            onward, around = hops.of(graph, between, callers=False)
            first *= _FADES
            for spot, relation, worth in (*onward, *around[:_BESIDE]) if number < len(over) else onward:
                worth *= first
                if spot not in best or best[spot][0] < worth:
                    best[spot] = (worth, relation, between)
    for start in starts:
        del best[start]
    ranked = sorted(best.items(), key=_worth, reverse=True)[: MOST + MOST // 2]
    new = [spot for spot, _ in ranked if spot.cost is None or spot.cost[0] != tokenizer]
    if new:
        counts: list[int] = yield Count(tuple(line(spot.symbol(graph)) for spot in new))
        for spot, count in zip(new, counts, strict=True):
            spot.cost = (tokenizer, count + 1)  # 1: its line end
    found: list[Reached] = []
    left = budget
    for spot, (worth, relation, via) in ranked:
        tokens = spot.cost[1] if spot.cost is not None else 0
        if tokens <= left and tokens * _PART <= budget:
            left -= tokens
            found.append(Reached(spot, relation, worth, via, tokens))
            if len(found) == MOST:
                break
    return found


def around(snapshot: Snapshot, at: Selection, budget: int, tokenizer: str = "") -> Steps[list[Near]]:
    """All that is near a place, each definition once, the best first; what only a walk leads to last."""
    found = [
        *named_near(snapshot, at, own=True),
        *beside(snapshot, at),
        *examples(snapshot, at),
        *documented_near(snapshot, at),
    ]
    inside = snapshot.graph.enclosing(at.path, at.offset)
    if inside is not None:
        walked = yield from walk(snapshot.graph, (inside,), budget, tokenizer)
        others = [one for one in walked if one.spot.home.path != at.path and one.relation != "beside"]
        found += [_near(snapshot.graph, one, inside.name) for one in others[:_SHOWN]]
    best: dict[tuple[str, int], Near] = {}
    for near in found:
        key = (near.symbol.path, near.symbol.span.start)
        if key not in best or near.score > best[key].score:
            best[key] = near
    return sorted(best.values(), key=lambda near: (-near.score, near.symbol.path, near.symbol.span.start))


def _near(graph: Graph, one: Reached, name: str) -> Near:
    symbol = one.spot.symbol(graph)
    why = _SAYS[one.relation].format(name if one.via is None else one.via.symbol(graph).name)
    if one.via is not None:
        why += f", two steps from {name}"
    relation = "test" if is_test(symbol.path) else "near"
    return Near(symbol, relation, round(_POINTS * one.worth, 4), why)


def _worth(pair: tuple[Spot, tuple[float, Relation, Spot | None]]) -> float:
    return pair[1][0]
