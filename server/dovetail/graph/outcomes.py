"""How a function ends: what it gives back, yields and raises, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dovetail.syntax import Language, Node, Tree
from dovetail.text import Span

QUERY = "outcomes"
_SPACE = re.compile(r"\s+")
_LONG = 8000
"""Bytes of a body after which it is there."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One place that raises."""

    error: str
    """As written."""
    when: str
    """`when`, `unless` or `after` what `condition` says; "" where nothing right around it says it."""
    condition: str
    message: str
    """The text that the error is given, as written; "" where it is not a plain one."""
    start: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All the ways in which one function ends."""

    returns: tuple[Node, ...]
    """The values that are given back."""
    yields: bool
    raises: tuple[Raised, ...]
    """Those that leave the function for certain once they are reached."""
    handled: tuple[Raised, ...]
    """Those that the function itself may catch."""
    declared: tuple[str, ...] = ()
    """Errors that its signature says it may raise."""
    generics: tuple[str, ...] = ()
    """Types that a caller chooses."""


def outcomes(tree: Tree, function: Span, body: int) -> Outcomes | None:
    """Of the function at a span; None where the language does not say. What is nested in it does not count."""
    if tree.language.query(QUERY) is None:
        return None
    node = tree.named_at(function)
    matches = tree.matches(QUERY, node)
    apart = [Span(n.start_byte, n.end_byte) for m in matches for n in m.get("apart", ())]
    apart = [span for span in apart if span.start >= body and function.holds(span)]
    tried = [Span(n.start_byte, n.end_byte) for m in matches for n in m.get("tried", ())]

    def own(place: Node) -> bool:
        return body <= place.start_byte < function.end and not _within(place, apart)

    conditions: dict[int, tuple[str, Node]] = {}
    for match in matches:
        kind = next((k for k in ("when", "unless", "after") if k in match), None)
        if kind is not None:
            conditions.setdefault(match["ends"][0].start_byte, (kind, match[kind][0]))
    raises: dict[int, Raised] = {}
    handled: list[Raised] = []
    returns: dict[int, Node] = {}
    yields = False
    for match in matches:
        if "raises" in match and own(match["raises"][0]):
            place = match["raises"][0]
            known = raises.get(place.start_byte)
            when, condition = conditions.get(place.start_byte, ("", None))
            message = _text(match["message"][0]) if "message" in match else known.message if known else ""
            raises[place.start_byte] = Raised(
                _text(match["error"][0]), when, _text(condition) if condition else "", message, place.start_byte
            )
        elif "yields" in match:
            yields = yields or own(match["yields"][0])
        elif "returns" in match and own(match["returns"][0]):
            returns[match["returns"][0].start_byte] = match["returns"][0]
    certain: list[Raised] = []
    for start, one in sorted(raises.items()):
        (handled if any(span.start <= start < span.end for span in tried) else certain).append(one)
    head: dict[str, dict[int, str]] = {"declared": {}, "generic": {}}
    for match in matches:
        for kind, found in head.items():
            for place in match.get(kind, ()):
                if function.start <= place.start_byte < body:
                    found[place.start_byte] = _text(place)
    declared, generics = (tuple(found[at] for at in sorted(found)) for found in head.values())
    return Outcomes(
        tuple(returns[at] for at in sorted(returns)), yields, tuple(certain), tuple(handled), declared, generics
    )


def is_stub(language: Language, body: str) -> bool:
    """Whether a body says nothing but its documentation and that it is not there yet."""
    pattern: str = language.settings.get("stub", "")
    return bool(pattern) and len(body) < _LONG and re.fullmatch(pattern, body.strip(), re.DOTALL) is not None


def _within(place: Node, spans: list[Span]) -> bool:
    """Whether a place is inside one of the spans, and not that very one."""
    at = Span(place.start_byte, place.end_byte)
    return any(span.holds(at) and span != at for span in spans)


def _text(node: Node) -> str:
    return _SPACE.sub(" ", (node.text or b"").decode("utf-8", "replace"))
