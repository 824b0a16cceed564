"""What belongs together under one name: a member's class, who overrides whom, what files call a thing besides.

From the graph alone; renaming, signatures and guards ask it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dovetail.graph import Symbol
from dovetail.graph.calls import language_of
from dovetail.graph.file import UseAt
from dovetail.syntax import Node
from dovetail.text import Span
from dovetail.world import File, Snapshot

_PARSED = 200
"""Files whose text is read to know what an object is; in the others its members are guessed."""


def family(snapshot: Snapshot, symbol: Symbol) -> list[Symbol] | str:
    """A member with those that it overrides and that override it; or why it may be somebody else's too."""
    members, reason = relatives(snapshot, symbol)
    return reason or members


def relatives(snapshot: Snapshot, symbol: Symbol) -> tuple[list[Symbol], str]:
    """A member with those that it overrides and that override it; why it may be somebody else's too, or ""."""
    graph = snapshot.graph
    language = language_of(graph, symbol.path)
    plain = language.settings.get("plain-bases", ()) if language else ()
    owner = owner_of(snapshot, symbol)
    if owner is None:
        return [symbol], f"what {symbol.name} is a member of is not known"
    seen: dict[tuple[str, int], Symbol] = {}
    todo = [owner]
    members: list[Symbol] = []
    reason = ""
    while todo:
        one = todo.pop()
        if (one.path, one.name_span.start) in seen:
            continue
        seen[(one.path, one.name_span.start)] = one
        own = [graph.symbol(one.path, p) for p in graph.files[one.path].by_name.get(symbol.name, ())]
        own = [s for s in own if s.kind in ("method", "field") and same_symbol(owner_of(snapshot, s), one)]
        members += own
        for written, base in graph.bases(one):
            if base is None and written.split("[")[0] not in plain:
                reason = reason or (
                    f"{one.name} is derived from {written}, which is not in this project and may expect this name"
                )
            if base is not None and (graph.member(base, symbol.name) is not None):
                todo.append(base)
        todo += graph.derived(one)
    return members, reason


def owner_of(snapshot: Snapshot, symbol: Symbol) -> Symbol | None:
    """The class that a member belongs to."""
    graph = snapshot.graph
    around = [
        s for s in graph.symbols(symbol.path)
        if s.kind == "class" and s.name == symbol.container and s.span.holds(symbol.name_span)
    ]  # fmt: skip
    return min(around, key=lambda s: len(s.span), default=None)


def with_derived(snapshot: Snapshot, classes: Sequence[Symbol]) -> list[Symbol]:
    """Classes with those derived from them, to any depth."""
    known = list(classes)
    for one in known:
        known += [other for other in snapshot.graph.derived(one) if other not in known]
    return known


def same_symbol(one: Symbol | None, other: Symbol | None) -> bool:
    return one is not None and other is not None and (one.path, one.name_span) == (other.path, other.name_span)


def under_other_names(snapshot: Snapshot, target: Symbol) -> Iterator[tuple[str, Span, bool]]:
    """(path, where, whether it is called) of what uses it and is no use of its own name."""
    graph = snapshot.graph
    for some in graph.references_by_file(target, guessed=False, parsed=_PARSED):
        for one in some:
            imports = graph.files[one.path].imports
            if one.other and not any(base + i.start <= one.span.start < base + i.end for base, i in imports):
                yield one.path, one.span, one.call


def names_of(snapshot: Snapshot, target: Symbol) -> list[str]:
    """What a thing is called, its own name first: files may import it and pass it on under others."""
    graph = snapshot.graph
    names = [target.name]
    # who passes a name on under another one need not use it
    others = graph.files.values() if graph.files[target.path].exports else ()
    passed = {(one.local, one.name) for facts in others for one in facts.exports if one.local != one.name}
    for name in names:
        given = {other for local, other in passed if local == name}
        for path in graph.mentioners.get(name, ()):
            given |= {i.alias for _, i in graph.files[path].imports if i.name == name}
        names += sorted(given - {"", "*", "default", *names})
    return names


def use_at(snapshot: Snapshot, path: str, span: Span) -> UseAt | None:
    name_uses = snapshot.graph.uses_in(path, Span(span.start, span.end))
    return next((at for at in name_uses if at.base + at.use.start == span.start), None)


def item_at(file: File, offset: int) -> Node | None:
    """The node of the item of the graph around a place."""
    assert file.tree is not None and file.facts is not None
    leaves = file.facts.leaves
    first, last = leaves.meeting(Span(offset, offset))
    for index in range(first, last):
        span = Span(int(leaves.starts[index]), int(leaves.ends[index]))
        if span.start <= offset < span.end:
            node = file.tree.named_at(span)
            while (around := node.parent) is not None and around.parent is not None:
                if (around.start_byte, around.end_byte) != (span.start, span.end):
                    break
                node = around
            return node
    return None
