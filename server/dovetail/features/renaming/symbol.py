"""The places of what the graph knows: where it is defined, named, imported and inherited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dovetail.features.kin import family, item_at, owner_of, same_symbol
from dovetail.features.renaming.found import MOST, Renaming, make_open, places_of, reached, settle, short, text_at
from dovetail.features.renaming.imported import renames
from dovetail.features.renaming.local import in_scope, named_arguments
from dovetail.features.renaming.quotes import by_field, in_texts, owners_of
from dovetail.graph import Symbol
from dovetail.graph.calls import language_of
from dovetail.graph.scopes import Scopes
from dovetail.model.ask import Steps
from dovetail.text import Span
from dovetail.world import Snapshot


def of_symbol(found: Renaming, path: str, span: Span) -> Steps[str]:
    """Every place that means the same; why they cannot all be renamed."""
    graph, old, new = found.before.graph, found.named.text, found.new
    symbol = graph.at(path, span.start).symbols[0]
    member = symbol.kind in ("method", "field")
    relatives: list[Symbol] | str = family(found.before, symbol) if member else _alike(found, symbol)
    if isinstance(relatives, str):
        return relatives
    for one in relatives:
        if reason := make_open(found, one.path):
            return reason
        found.sure.setdefault(one.path, set()).add(one.name_span)
    for one in _distinct(relatives):
        if reason := _taken(found, one, new):
            return reason
        # a class inside of another is reached as a member is
        held = not member and owner_of(found.before, one) is not None
        references = yield from places_of(found, replace(one, kind="field") if held else one)
        if isinstance(references, str):
            return references
        for reference in references:
            if reason := (yield from reached(found, reference.path)):
                return reason
            kept = found.sure if reference.how == "resolved" else found.maybe
            kept.setdefault(reference.path, set()).add(reference.span)
    if found.places > MOST:
        return f"{old} is named in more than {MOST} places"
    for paths in (found.sure, found.maybe):
        for place, spans in list(paths.items()):
            own = {s for s in spans if text_at(found.before, place, s) == old}
            paths[place] = own - (found.sure.get(place, set()) if paths is found.maybe else set())
    for owner in owners_of(found, relatives):
        if reason := _in_class(found, owner):
            return reason
    if not member:
        for place in list(found.sure):
            if reason := _in_functions(found, place):
                return reason
            plain = _plain_places(found.before, place, old)
            if new in graph.files[place].bound and any(span.start in plain for span in found.sure[place]):
                return f"{new} is defined in {short(place)} already"
    if reason := (yield from in_texts(found, relatives, member=member)):
        return reason
    if symbol.kind == "field":
        if reason := (yield from by_field(found, relatives)):
            return reason
        for owner in {(one.path, one.container): one for one in relatives}.values():
            holder = next(
                (s for s in graph.symbols(owner.path) if s.kind == "class" and s.span.holds(owner.span)), None
            )
            if holder is not None and (reason := (yield from named_arguments(found, [holder]))):
                return reason
    settle(found)
    return ""


def _in_functions(found: Renaming, path: str) -> str:
    """A name in the functions that import it."""
    old = found.named.text
    for base, imported in found.before.graph.files[path].imports:
        here = Span(base + imported.start, base + imported.end) in found.sure[path]
        if here and imported.name == old and not renames(imported):
            file = found.before.files[path]
            item = item_at(file, base + imported.at)
            scopes = Scopes(file.tree, item, item.end_byte, None) if item is not None and file.tree else None
            scope = scopes.local_at.get(base + imported.at) if scopes is not None else None
            if scopes is not None and scope is not None and scope is not scopes.top and not scope.is_class:
                if reason := in_scope(found, file, scopes, scope):
                    return f"{short(path)}: {reason}"
    return ""


def _in_class(found: Renaming, owner: Symbol) -> str:
    """Where the body of a class names a member of its own: in a decorator, a default, a value."""
    graph, old = found.before.graph, found.named.text
    mine = graph.files[owner.path].member(placed, old) if (placed := graph.placed(owner)) is not None else None
    for at in graph.uses_in(owner.path, owner.span) if mine is not None else ():
        around = next((p for _, p in graph.classes_around(owner.path, at.base + at.use.start)), None)
        if at.use.name != old or at.use.role.startswith("member") or around is None:
            continue
        within = at.item.definitions[at.use.owner] if at.use.owner >= 0 else None
        heads = within is None or within.kind == "class" or within.parent < 0 and at.use.start < within.body
        if heads and same_symbol(graph.symbol(owner.path, around), owner):
            if reason := make_open(found, owner.path):
                return reason
            start = at.base + at.use.start
            found.sure.setdefault(owner.path, set()).add(Span(start, start + len(old.encode())))
    return ""


def _plain_places(snapshot: Snapshot, path: str, name: str) -> set[int]:
    """Where a name stands alone in a file: used without a dot, imported."""
    facts = snapshot.graph.files[path]
    uses = {a.base + a.use.start for a in facts.uses_by_name.get(name, ()) if not a.use.role.startswith("member")}
    return uses | {base + found.start for base, found in facts.imports if found.alias == name}


def _alike(found: Renaming, symbol: Symbol) -> list[Symbol] | str:
    """Every definition of a name at the top of a file, or of one in the same function."""
    graph = found.before.graph
    facts = graph.files[symbol.path]
    if any(symbol.name in item.wide for _, item, _ in facts):
        return f"a function gives {symbol.name} another value through a declaration"
    alike = [graph.symbol(symbol.path, placed) for placed in facts.by_name.get(symbol.name, ())]
    return [one for one in alike if one.container == symbol.container and one.kind not in ("method", "field")]


def _distinct(family: Iterable[Symbol]) -> Iterator[Symbol]:
    """One symbol for each definition that references can lead to: the last of each place of a name."""
    last: dict[tuple[str, str], list[Symbol]] = {}
    for one in family:
        last.setdefault((one.path, one.container), []).append(one)
    for ones in last.values():
        yield from ones


def _taken(found: Renaming, symbol: Symbol, new: str) -> str:
    """Why a new name is not free where the old one is defined."""
    graph = found.before.graph
    facts = graph.files[symbol.path]
    if symbol.kind in ("method", "field"):
        owner = owner_of(found.before, symbol)
        if owner is not None and graph.member(owner, new) is not None:
            return f"{owner.name} has a {new} already"
        for below in owners_of(found, [symbol]):
            if graph.member(below, new) is not None:
                return (
                    f"{below.name} is derived from {owner.name if owner else symbol.container} and has a {new} already"
                )
        return ""
    if symbol.container:
        return f"{new} is defined there already" if new in {d.definition.name for d in facts.placed} else ""
    if new in facts.bound:
        return f"{new} is defined in {short(symbol.path)} already"
    language = language_of(graph, symbol.path)
    if language is not None and new in language.builtins:
        return f"{new} is built in, and would be hidden"
    return ""
