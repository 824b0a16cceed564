"""Where the names of a function get their values and where these are read, seen from one piece of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dovetail.graph.scopes import Scopes, text_of
from dovetail.syntax import Node, Tree
from dovetail.text import Span


@dataclass(slots=True)
class Name:
    """One name of a scope around the piece. Offsets tell where each occurrence is."""

    text: str
    binds: list[Node] = field(default_factory=list[Node])
    reads: list[tuple[Node, bool]] = field(default_factory=list[tuple[Node, bool]])
    """(where, whether it happens only later: in a nested function)."""
    parameter: bool = False
    outer: bool = False
    """Not of the function that the piece is in, but of one around it, or of an expression in it."""
    within: bool = False
    """Of an expression in the function, which binds it before anything else."""

    @property
    def fixed(self) -> bool:
        """Whether nothing gives it another value than the caller did."""
        return self.parameter and len(self.binds) == 1


def names(
    tree: Tree, item: Node, function: Node, piece: Span, updates: frozenset[int], apart: Sequence[Node]
) -> list[Name]:
    """The local names that the piece or its surroundings bind.

    updates: where a bind also reads. apart: what is not done when its place is reached.
    """
    scopes = Scopes(tree, item, item.end_byte, None)
    around = [s for s in scopes.all if s is not scopes.top and s.start <= piece.start and piece.end <= s.end]
    around = [s for s in around if not s.is_class and not (piece.start <= s.start and s.end <= piece.end)]
    own = next((s for s in around if (s.start, s.end) == (function.start_byte, function.end_byte)), None)
    found: dict[tuple[int, str], Name] = {}
    for scope in around:
        for text, sites in scope.names.items():
            within = scope is not own and own is not None and own.start <= scope.start and scope.end <= own.end
            name = found[(id(scope), text)] = Name(text, outer=scope is not own, within=within)
            for site in sites:
                name.binds.append(site.node)
                name.parameter = name.parameter or site.parameter
                if site.node.start_byte in updates:
                    name.reads.append((site.node, False))
    starts = [n.start_byte for n in scopes.reads]
    for node, innermost in zip(scopes.reads, scopes.around(starts), strict=True):
        where = scopes.bound_in(text_of(node), innermost)
        if where is not None and (id(where), text_of(node)) in found:
            inside = piece.start <= node.start_byte and node.end_byte <= piece.end
            parts = [a for a in apart if (a.start_byte, a.end_byte) != (where.start, where.end)]
            later = _deferred(node, piece if inside else Span(where.start, where.end), parts)
            found[(id(where), text_of(node))].reads.append((node, later))
    return list(found.values())


def wide(tree: Tree, item: Node, piece: Span) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a function around the piece says are not its own; and those of which another function says so."""
    scopes = Scopes(tree, item, item.end_byte, None)
    around, others = set[str](), set[str]()
    for scope in scopes.all:
        holds = scope.start <= piece.start and piece.end <= scope.end
        (around if holds else others).update(scope.wide)
    return frozenset(around), frozenset(others)


def certain(bind: Node, place: Node, conditional: Mapping[str, list[str]], block: str) -> bool:
    """Whether a bind has happened whenever a later place is reached, as far as the syntax tells."""
    if bind.start_byte >= place.start_byte:
        return False
    child = _definition(bind)
    while (around := child.parent) is not None:
        holds = around.start_byte <= place.start_byte and place.end_byte <= around.end_byte
        if around.type in conditional and not _always(around, child, conditional):
            # the head of a loop or a `with`, seen from its body
            header = child.type != block and _child_at(around, place).type == block
            if not (holds and header):
                return False
        if holds:
            return around.type == block or _child_at(around, place).type == block
        child = around
    return False


def ends_certain(bind: Node, body: Node, conditional: Mapping[str, list[str]]) -> bool:
    """Whether a bind has happened whenever the statements of a block are through."""
    child = _definition(bind)
    while (around := child.parent) is not None and around != body:
        if around.type in conditional and not _always(around, child, conditional):
            return False
        child = around
    return around == body


def _definition(bind: Node) -> Node:
    """What binds: of a function's or a class's own name the whole definition."""
    around = bind.parent
    named = around is not None and around.child_by_field_name("name") == bind
    return around if around is not None and named and around.child_by_field_name("body") is not None else bind


def _deferred(node: Node, within: Span, apart: Sequence[Node]) -> bool:
    """Whether a read happens later than its place is reached: in something of its own in the scope or the piece."""
    return any(within.start <= a.start_byte <= node.start_byte < a.end_byte <= within.end for a in apart)


def _always(around: Node, child: Node, conditional: Mapping[str, list[str]]) -> bool:
    return any(child == around.child_by_field_name(field) for field in conditional[around.type])


def _child_at(around: Node, place: Node) -> Node:
    for child in around.children:
        if child.start_byte <= place.start_byte and place.end_byte <= child.end_byte:
            return child
    return around
