"""Which types keep what an interface promises, in languages where nobody writes that they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dovetail.graph.arguments import listed
from dovetail.graph.symbols import Symbol

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

_DEPTH = 6
_MOST = 500
"""Definitions of one method that are looked at."""


def keepers(graph: Graph, interface: Symbol) -> list[Symbol]:
    """The types that have every method of an interface, with as many parameters; [] where some are not known."""
    promised = _promised(graph, interface, 0)
    if not promised or not _structural(graph, interface):
        return []
    rarest = min(promised, key=lambda name: (len(graph.definers.get(name, ())), name))
    owners = {
        (owner.path, owner.name_span): owner
        for method in graph.named(rarest, _MOST)
        if method.kind == "method" and (owner := _type_of(graph, method)) is not None
    }
    return [owner for owner in owners.values() if _keeps(graph, owner, promised)]


def promises_of(graph: Graph, owner: Symbol) -> list[Symbol]:
    """The interfaces of which a type has every method."""
    if not _structural(graph, owner) or owner.kind == "interface":
        return []
    found: dict[tuple[str, int], Symbol] = {}
    for name in sorted(_names_of(graph, owner)):
        for method in graph.named(name, _MOST):
            for where, placed in graph.classes_around(method.path, method.name_span.start):
                one = graph.symbol(where, placed)
                if one.kind == "interface" and (key := (where, one.name_span.start)) not in found:
                    promised = _promised(graph, one, 0)
                    if promised and _keeps(graph, owner, promised):
                        found[key] = one
                break
    return list(found.values())


def _structural(graph: Graph, symbol: Symbol) -> bool:
    file = graph.files.get(symbol.path)
    return file is not None and bool(graph.settings(file.language).get("scope", {}).get("keeps-unsaid"))


def _promised(graph: Graph, interface: Symbol, depth: int) -> dict[str, Symbol]:
    """The methods of an interface by name, those of what it embeds included; {} where some are not known."""
    placed = graph.placed(interface)
    if placed is None or interface.kind != "interface" or depth > _DEPTH:
        return {}
    found = {
        name: graph.symbol(interface.path, members[0])
        for name, members in graph.files[interface.path].members_named(placed).items()
        if members[0].definition.kind == "function"
    }
    for _, base in graph.bases(interface):
        above = _promised(graph, base, depth + 1) if base is not None else {}
        if not above:
            return {}
        found |= above
    return found


def _keeps(graph: Graph, owner: Symbol, promised: dict[str, Symbol]) -> bool:
    for name, promise in promised.items():
        method = graph.member(owner, name)
        if method is None or method.kind != "method":
            return False
        one, other = listed(promise), listed(method)
        if one is not None and other is not None and len(one) != len(other):
            return False
    return True


def _type_of(graph: Graph, method: Symbol) -> Symbol | None:
    for where, placed in graph.classes_around(method.path, method.name_span.start):
        owner = graph.symbol(where, placed)
        return owner if owner.kind != "interface" else None
    return None


def _names_of(graph: Graph, owner: Symbol) -> set[str]:
    """The methods that stand outside of a type in the files of its package."""
    folder = owner.path.rpartition("/")[0]
    return {
        placed.definition.name
        for path in graph.mentioners.get(owner.name, ())
        if path.rpartition("/")[0] == folder
        for placed in graph.files[path].placed
        if placed.definition.of == owner.name
    }
