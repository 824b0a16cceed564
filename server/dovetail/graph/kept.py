"""Which types keep what an interface promises, in languages where nobody writes that they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dovetail.graph.arguments import listed
from dovetail.graph.facts import CLASSES
from dovetail.graph.file import Placed
from dovetail.graph.symbols import Symbol

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

_DEPTH = 6
Package = tuple[str, frozenset[str]]
"""A folder, and the namespaces of the files in it that belong together."""
Methods = dict[tuple[Package, str], Symbol]
"""By package and type."""


def keepers(graph: Graph, interface: Symbol) -> list[Symbol]:
    """The types that have every method of an interface, with as many parameters; [] where some are not known."""
    promised = _promised(graph, interface, 0)
    if not promised or not _structural(graph, interface):
        return []
    methods = {name: _methods(graph, name) for name in promised}
    rarest = min(promised, key=lambda name: (len(methods[name]), name))
    found: dict[tuple[str, int], Symbol] = {}
    todo = [owner for package, name in sorted(methods[rarest], key=repr) for owner in _types(graph, package, name)]
    todo += [graph.symbol(*around) for method in _declared(graph, rarest) for around in _interface(graph, method)]
    for owner in todo:  # what embeds one that has it has it too
        key = (owner.path, owner.name_span.start)
        if key not in found:
            found[key] = owner
            todo += graph.derived(owner)
    return [
        owner
        for owner in found.values()
        if owner.kind != "interface"
        and all(_fits(promise, _method(graph, owner, name, methods[name], 0)) for name, promise in promised.items())
    ]


def promises_of(graph: Graph, owner: Symbol) -> list[Symbol]:
    """The interfaces of which a type has every method."""
    if not _structural(graph, owner) or owner.kind == "interface":
        return []
    mine = _all_of(graph, owner, 0)
    found: dict[tuple[str, int], Symbol] = {}
    for name in sorted(mine):
        for method in _declared(graph, name):
            for where, placed in _interface(graph, method):
                key = (where, placed.base + placed.definition.name_start)
                if key not in found:
                    one = graph.symbol(where, placed)
                    promised = _promised(graph, one, 0)
                    if promised and all(_fits(promise, mine.get(each)) for each, promise in promised.items()):
                        found[key] = one
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


def _fits(promise: Symbol, method: Symbol | None) -> bool:
    if method is None:
        return False
    one, other = listed(promise), listed(method)
    return one is None or other is None or len(one) == len(other)


def _package(graph: Graph, path: str) -> Package:
    return path.rpartition("/")[0], graph.files[path].spaces


def _methods(graph: Graph, name: str) -> Methods:
    """The methods of a name that stand outside of their types."""
    found: Methods = {}
    for path in sorted(graph.definers.get(name, ())):
        for placed in graph.files[path].by_name.get(name, ()):
            if placed.definition.of:
                found.setdefault((_package(graph, path), placed.definition.of), graph.symbol(path, placed))
    return found


def _declared(graph: Graph, name: str) -> list[Symbol]:
    """The methods of a name that stand inside of something."""
    return [
        graph.symbol(path, placed)
        for path in sorted(graph.definers.get(name, ()))
        for placed in graph.files[path].by_name.get(name, ())
        if not placed.definition.of and (placed.definition.parent >= 0 or placed.container >= 0)
    ]


def _interface(graph: Graph, method: Symbol) -> list[tuple[str, Placed]]:
    """The interface around a method, if one is."""
    around = next(graph.classes_around(method.path, method.name_span.start), None)
    return [around] if around is not None and around[1].definition.kind == "interface" else []


def _types(graph: Graph, package: Package, name: str) -> list[Symbol]:
    return [
        graph.symbol(path, placed)
        for path in sorted(graph.definers.get(name, ()))
        if _package(graph, path) == package
        for placed in graph.files[path].by_name.get(name, ())
        if placed.definition.kind in CLASSES
    ]


def _method(graph: Graph, owner: Symbol, name: str, methods: Methods, depth: int) -> Symbol | None:
    """What a type has under a name: its own, or that of what it embeds."""
    if (own := methods.get((_package(graph, owner.path), owner.name))) is not None:
        return own
    if owner.kind == "interface":
        return _promised(graph, owner, 0).get(name)
    for _, base in graph.bases(owner) if depth < _DEPTH else ():
        if base is not None and (found := _method(graph, base, name, methods, depth + 1)) is not None:
            return found
    return None


def _all_of(graph: Graph, owner: Symbol, depth: int) -> dict[str, Symbol]:
    """Every method of a type by name, its own before those of what it embeds."""
    if owner.kind == "interface":
        return _promised(graph, owner, 0)
    package = _package(graph, owner.path)
    found = {
        placed.definition.name: graph.symbol(path, placed)
        for path in sorted(graph.mentioners.get(owner.name, ()))
        if _package(graph, path) == package
        for placed in graph.files[path].placed
        if placed.definition.of == owner.name
    }
    for _, base in graph.bases(owner) if depth < _DEPTH else ():
        found = {**(_all_of(graph, base, depth + 1) if base is not None else {}), **found}
    return found
