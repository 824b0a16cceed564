"""Functions that show how such a one is written here: near in the graph, and of the same shape."""

from __future__ import annotations

from collections.abc import Iterable

from dovetail.context.nearby import Near, is_test
from dovetail.context.words import words
from dovetail.graph import CLASSES, Graph, Symbol
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

MOST = 3
_POINTS = 5.0
"""Of the best example; the others get less."""
_LONGEST = 1600
"""Bytes of a function that serves as an example …"""
_SHORTEST = 60
"""… and the least."""
_IN_SIGHT = 30
"""Lines around the cursor that a prompt shows anyway."""
_SAME_NAME = 24
_CLASSES = 8
"""Classes with a base in common that are looked at."""
_LEAST = 2.5
"""What an example must share with the function."""
_FUNCTIONS = ("function", "method")


def examples(snapshot: Snapshot, at: Selection) -> list[Near]:
    """At most three functions like the one that a place is in, the most alike first."""
    graph, file = snapshot.graph, snapshot.file(at.path)
    inside = graph.enclosing(at.path, at.offset, ("function",))
    if inside is None or file is None:
        return []
    here = file.document.line_at(at.offset)
    seen = Span(
        file.document.start_of(max(0, here - _IN_SIGHT)),
        file.document.full_lines(here, min(file.document.lines - 1, here + _IN_SIGHT)).end,
    )
    found: dict[tuple[str, int], tuple[float, Symbol, str]] = {}
    for other, points, near in _candidates(graph, inside):
        size = other.span.end - max(other.body, other.span.start)
        if other.kind not in _FUNCTIONS or not _SHORTEST <= size <= _LONGEST or is_test(other.path) != is_test(at.path):
            continue
        if other.path == at.path and other.span.start < seen.end and seen.start < other.span.end:
            continue
        alike, reasons = _alike(inside, other)
        key = (other.path, other.span.start)
        if alike and (key not in found or found[key][0] < points + alike):
            found[key] = (points + alike, other, ", ".join((near, *reasons)))
    best = sorted(found.values(), key=lambda one: (-one[0], one[1].path, one[1].span.start))
    return [
        Near(symbol, "example", round(_POINTS / (1 + number / 4), 4), f"an example for {inside.name}: {why}")
        for number, (points, symbol, why) in enumerate(best[:MOST])
        if points >= _LEAST
    ]


def _candidates(graph: Graph, inside: Symbol) -> Iterable[tuple[Symbol, float, str]]:
    """(function, points, how it is near)."""
    owners = [s for s in graph.named(inside.container, _SAME_NAME) if s.path == inside.path and s.kind in CLASSES]
    for owner in owners[:1] if inside.container else ():
        for _, base in graph.bases(owner):
            for other in graph.derived(base)[:_CLASSES] if base is not None else ():
                if other != owner:
                    for member in graph.symbols(other.path):
                        if member.container == other.name and other.span.holds(member.span):
                            yield member, 2.0, f"{other.name} has the same base"
    for other in graph.named(inside.name, _SAME_NAME):
        if other.name_span != inside.name_span or other.path != inside.path:
            yield other, 1.0, "it has the same name"
    spot = graph.hops.spot(graph, inside.path, inside.name_span.start)
    if spot is None:
        return
    for other in graph.hops.functions_beside(spot):
        yield other.symbol(graph), 1.5, "it stands beside"
    for hop in graph.hops.of(graph, spot)[1]:
        if hop.relation == "beside":
            yield hop.spot.symbol(graph), 0.5, "it is in a file beside"


def _alike(one: Symbol, two: Symbol) -> tuple[float, list[str]]:
    """How much of its shape a function has in common with another, and what."""
    mine, theirs = set(words(one.name)), set(words(two.name))
    points, reasons = 0.0, list[str]()
    if shared := sorted(word for word in mine & theirs if not word.startswith("=")):
        points += 2 * len(shared) / len({word for word in mine | theirs if not word.startswith("=")})
        reasons.append(f"named alike ({', '.join(shared)})")
    if one.kind == two.kind:
        points += 0.5
    if _parameters(one) == _parameters(two):
        points += 0.7
        reasons.append("takes as many arguments")
    if (given := _result(one)) and given == _result(two):
        points += 0.8
        reasons.append(f"gives {given} too")
    if two.doc:
        points += 0.3
    return points, reasons


def _parameters(symbol: Symbol) -> int:
    """How many parameters a signature lists."""
    opened = symbol.signature.find("(")
    depth, count, said = 0, 0, False
    for letter in symbol.signature[opened:] if opened >= 0 else "":
        if letter in "([{<":
            depth += 1
        elif letter in ")]}>":
            depth -= 1
            if not depth:
                break
        elif letter == "," and depth == 1:
            count, said = count + 1, False
        elif not letter.isspace():
            said = True
    return count + said


def _result(symbol: Symbol) -> str:
    """What a signature says that it gives, where it says so behind its parameters."""
    _, closed, rest = symbol.signature.rpartition(")")
    return rest.strip(" :->{=") if closed else ""
