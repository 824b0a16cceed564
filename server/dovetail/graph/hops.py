"""What lies one step from a definition, kept until a change touches it.

A step follows a name that a rule resolves, to what it means (`named`) or back to who calls it (`caller`); or it goes
up and down in the file (`around`, `member`), to what stands beside (`sibling`) and, where that is little, to the first
definitions of the files beside (`beside`). The graph tells with every version what changed against the one before
(`Step`); from that the kept steps are judged one by one when somebody asks for them, so a keystroke pays nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from posixpath import dirname
from typing import TYPE_CHECKING, Literal, NamedTuple

from dovetail.graph.facts import CLASSES, Facts
from dovetail.graph.file import FileFacts, Placed, UseAt
from dovetail.graph.references import key_of, overloading, overloads

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph, Symbol

Relation = Literal["named", "caller", "around", "member", "sibling", "beside"]

_WORTH: dict[Relation, float] = {
    "named": 1.0, "caller": 0.6, "around": 0.5, "member": 0.45, "sibling": 0.3, "beside": 0.1,
}  # fmt: skip
_STRONG = 16
"""Steps over names that are kept of one definition: half of them to what it names."""
_WEAK = 32
"""Steps to what merely stands near."""
_USES = 80
"""Names of one definition that are looked up."""
_FILES = 24
"""Files, the nearest first, in which callers are looked for."""
_CALLABLE = frozenset(("function", "method", *CLASSES))
_MOST_VERSIONS = 256
"""Versions of the graph that are told apart; beyond it everything is worked out anew."""


class Version:
    """What one version of the graph has that the one before had not. `gone` and `come` None: nobody knows."""

    __slots__ = ("before", "come", "gone", "number", "path")

    def __init__(
        self, before: Version | None = None, path: str = "", gone: list[Facts] | None = None,
        come: list[Facts] | None = None,
    ) -> None:  # fmt: skip
        self.number = before.number + 1 if before is not None else 0
        self.before = before if self.number % _MOST_VERSIONS else None
        self.path, self.gone, self.come = path, gone, come


class Hop(NamedTuple):
    """One step: where it leads, how, and what it is worth (1 at most)."""

    spot: Spot
    relation: Relation
    worth: float


class Spot:
    """A definition in one version of its file."""

    __slots__ = (
        "_symbol",
        "cost",
        "far",
        "group",
        "home",
        "kept",
        "key",
        "near",
        "number",
        "onward",
        "over",
        "place",
        "placed",
        "seen",
    )

    def __init__(self, home: Home, placed: Placed, key: str, group: str, number: int) -> None:
        self.home, self.placed, self.key, self.group, self.number = home, placed, key, group, number
        self.place = placed.base + placed.definition.name_start
        self.over: tuple[Hop, ...] | None = None
        """Steps over names, as far as somebody asked …"""
        self.onward: tuple[Hop, ...] | None = None
        """… without those to who calls it …"""
        self.near: tuple[Hop, ...] | None = None
        """… and to what stands near."""
        self.seen = -1
        """The newest moment at which these were known to hold."""
        self.far: _Far | None = None
        self.kept = -1
        """The newest moment at which `far` was known to hold."""
        self.cost: tuple[str, int] | None = None
        """(tokenizer, tokens) of what a prompt shows of it at least; whoever counts keeps it here."""
        self._symbol: Symbol | None = None

    def symbol(self, graph: Graph) -> Symbol:
        if self._symbol is None:
            self._symbol = graph.symbol(self.home.path, self.placed)
        return self._symbol


class _Far(NamedTuple):
    """Where the names lead, by file and key: the name, and of several with one name in a file which."""

    named: tuple[tuple[str, str], ...]
    callers: tuple[tuple[str, str], ...] | None
    """None where nobody asked."""


class Home:
    """The definitions of one version of a file."""

    def __init__(self, path: str, facts: FileFacts, old: Home | None) -> None:
        self.path, self.facts, self.live = path, facts, True
        self.spots: list[Spot] = []
        self.by_key: dict[str, Spot] = {}
        self.by_place: dict[int, Spot] = {}
        self.groups: dict[str, list[Spot]] = {}
        known = {(id(one.placed.item), one.placed.definition.name_start): one for one in old.spots} if old else {}
        around: list[tuple[int, Spot]] = []
        numbers: dict[str, int] = {}
        for placed in facts.placed:
            d = placed.definition
            start = placed.base + d.start
            while around and around[-1][0] <= start:
                around.pop()
            number = numbers[d.name] = numbers.get(d.name, 0) + 1
            key = f"{d.name}#{number}" if number > 1 else d.name
            group = d.of or (around[-1][1].key if around else "")
            beside = self.groups.setdefault(group, [])
            spot = Spot(self, placed, key, group, len(beside))
            if (before := known.get((id(placed.item), d.name_start))) is not None:
                spot.far, spot.kept, spot.cost = before.far, before.kept, before.cost
            self.spots.append(spot)
            self.by_key[key] = self.by_place[spot.place] = spot
            beside.append(spot)
            if d.body < d.end:
                around.append((placed.base + d.end, spot))


class Hops:
    """The steps that somebody asked for, of one line of versions. What it says follows from the graph alone."""

    def __init__(self) -> None:
        self._homes: dict[str, Home] = {}
        self._old: dict[str, Home] = {}
        self._version: Version | None = None
        self._now = 0
        self._all = 0
        """Since when nothing was known any more."""
        self._shape = 0
        """Since when other definitions are there."""
        self._defined: dict[str, int] = {}
        """Since when a name means something else, or nothing."""
        self._mentioned: dict[str, int] = {}
        """Since when a name is named somewhere else."""

    def spot(self, graph: Graph, path: str, place: int) -> Spot | None:
        """The definition whose name begins at a byte of a file."""
        self._follow(graph)
        home = self._home(graph, path)
        return home.by_place.get(place) if home is not None else None

    def of(self, graph: Graph, spot: Spot, *, callers: bool = True) -> tuple[tuple[Hop, ...], tuple[Hop, ...]]:
        """The steps from a definition that this graph has: over names, and to what merely stands near; best first.

        callers: those who call it, too; where nobody asked before, they cost more than all else.
        """
        if spot.seen != self._now:
            known = (*(spot.over or ()), *(spot.onward or ()), *(spot.near or ()))
            if spot.seen < self._shape or not all(hop.spot.home.live for hop in known):
                spot.over = spot.onward = spot.near = None
            elif not self._holds(spot):
                spot.over = spot.onward = None
            spot.seen = self._now
        over = spot.over if callers else spot.onward
        if over is None:
            over = self._strong(graph, spot, callers)
            if callers:
                spot.over = over
            else:
                spot.onward = over
        if spot.near is None:
            spot.near = self._weak(graph, spot)
        return over, spot.near

    def functions_beside(self, spot: Spot) -> list[Spot]:
        """The functions that stand beside a definition, then beside what is around it, the nearest first."""
        home, here = spot.home, spot
        found: list[Spot] = []
        seen = {spot}
        while len(found) < _WEAK:
            functions = [one for one in home.groups[here.group] if one.placed.definition.kind == "function"]
            functions.sort(key=lambda one, here=here: abs(one.number - here.number))
            found += [one for one in functions if one not in seen]
            if (around := home.by_key.get(here.group)) is None or around in seen:
                break
            seen.add(around)
            here = around
        return found[:_WEAK]

    # ---- what is kept ------------------------------------------------------------------------

    def _follow(self, graph: Graph) -> None:
        """Take note of what changed since the version that was asked last."""
        if graph.version is self._version:
            return
        told: list[Version] = []
        version: Version | None = graph.version
        while version is not None and version is not self._version:
            told.append(version)
            version = version.before
        self._now += 1
        if version is None or any(one.gone is None for one in told):  # another line, or too long ago
            self._forget(graph)
        else:
            for one in reversed(told):
                self._take(graph, one)
            for path in {one.path for one in told}:
                self._moved(graph, path)
        self._version = graph.version

    def _forget(self, graph: Graph) -> None:
        self._all = self._shape = self._now
        self._defined.clear()
        self._mentioned.clear()
        for path in [path for path, home in self._homes.items() if graph.files.get(path) is not home.facts]:
            self._retire(path)

    def _retire(self, path: str) -> None:
        if (home := self._homes.pop(path, None)) is not None:
            home.live = False
            self._old[path] = home

    def _take(self, graph: Graph, version: Version) -> None:
        self._retire(version.path)
        gone, come = version.gone or [], version.come or []
        before, after = _outline(gone), _outline(come)
        for told in before | after:
            # of several with one name their order counts
            if before[told] != after[told] or before[told] > 1:
                name, kind, _ = told
                # what a class has and an import brings reaches further than its name, and so does another name for it
                if kind in CLASSES or not kind or _renamed(graph, version.path, name):
                    self._all = self._now
                self._defined[name] = self._shape = self._now
        if overloading(graph, version.path):  # which function a call means follows from what is written in both
            for name in {name for name, _, _ in _heads(gone) ^ _heads(come)}:
                self._defined[name] = self._shape = self._now
        for item in (*gone, *come):
            for name in item.mentioned:
                self._mentioned[name] = self._now
            if version.path not in self._old and any(d.kind in CLASSES for d in item.definitions):
                self._all = self._now  # what was in the class before nobody knows

    def _moved(self, graph: Graph, path: str) -> None:
        """An item may belong to another class although it says what it said: then all that is about it is new."""
        old, facts = self._old.get(path), graph.files.get(path)
        if old is not None and facts is not None:
            before, after = _housed(old.facts), _housed(facts)
            if any(before.get(item, around) != around for item, around in after.items()):
                self._all = self._shape = self._now

    def _holds(self, spot: Spot) -> bool:
        """Whether where the names lead can not have changed since it was worked out."""
        since, item, far, defined = spot.kept, spot.placed.item, spot.far, self._defined
        if far is None or since < self._all or self._mentioned.get(spot.placed.definition.name, -1) > since:
            return False
        if since < self._shape:
            if any(defined.get(key.split("#")[0], -1) > since for _, key in far.callers or ()):
                return False
            names = (*item.mentioned, *item.defined)
            if any(defined.get(name, -1) > since for name in names) or any(
                defined.get(part, -1) > since for use in item.uses if use.receiver for part in use.receiver.split(".")
            ):
                return False
        spot.kept = self._now
        return True

    def _home(self, graph: Graph, path: str) -> Home | None:
        known = self._homes.get(path)
        if known is None and (facts := graph.files.get(path)) is not None:
            known = self._homes[path] = Home(path, facts, self._old.pop(path, None))
        return known

    # ---- steps -------------------------------------------------------------------------------

    def _strong(self, graph: Graph, spot: Spot, callers: bool) -> tuple[Hop, ...]:
        far = spot.far
        if far is None or not self._holds(spot):
            far = _Far(tuple(self._named(graph, spot)), None)
        if callers and far.callers is None:
            far = far._replace(callers=tuple(self._callers(graph, spot)))
        spot.far, spot.kept = far, self._now
        found: dict[Spot, Hop] = {}
        relations: tuple[tuple[Relation, Sequence[tuple[str, str]]], ...] = (
            ("named", far.named),
            ("caller", far.callers or () if callers else ()),
        )
        for relation, places in relations:
            for number, (path, key) in enumerate(places):
                home = self._home(graph, path)
                other = home.by_key.get(key) if home is not None else None
                if other is not None and other is not spot:
                    found.setdefault(other, Hop(other, relation, _WORTH[relation] / (1 + number / 8)))
        return tuple(sorted(found.values(), key=lambda hop: -hop.worth))

    def _named(self, graph: Graph, spot: Spot) -> Iterator[tuple[str, str]]:
        """What a definition names, in the order of the text."""
        path, placed = spot.home.path, spot.placed
        d, item = placed.definition, placed.item
        seen: set[tuple[str, str]] = set()
        shared: set[tuple[str, str]] = set()
        found: dict[tuple[str, str], None] = {}
        for use in item.uses:
            key = (use.name, use.receiver)
            if not d.start <= use.start < d.end or key in seen and key not in shared:
                continue
            seen.add(key)
            if len(seen) > _USES:
                break
            at = UseAt(placed.base, use, placed.container, item)
            meaning = graph.resolved(path, at)
            if _several(graph, meaning.symbols):  # each call may mean another
                shared.add(key)
                meaning = graph.chosen(path, at, meaning)
            if meaning.how != "resolved":
                continue
            if (place := self._place(graph, meaning.symbols)) is not None and place != (path, spot.key):
                found[place] = None
        return iter(list(found)[: _STRONG // 2])

    def _callers(self, graph: Graph, spot: Spot) -> Iterator[tuple[str, str]]:
        """Who calls a definition, the most calls first."""
        symbol = spot.symbol(graph)
        if symbol.kind not in _CALLABLE and symbol.container:
            return iter(())
        name, here = symbol.name, symbol.path
        groups = overloads(graph, symbol) if _several(graph, (symbol,)) else [[symbol]]
        mine = set(map(key_of, groups[0]))
        rivals = {key_of(one) for group in groups for one in group}
        counts: dict[tuple[str, str], int] = {}
        paths = nsmallest(
            _FILES, graph.mentioners.get(name, ()), key=lambda path: (path != here, _apart(path, here), path)
        )
        for path in paths:
            for base, item, container in _saying(graph.files[path], name):
                for use in item.uses:
                    if use.name != name or not use.role.endswith("call"):
                        continue
                    at = UseAt(base, use, container, item)
                    meaning = graph.resolved(path, at)
                    if len(groups) > 1 and not rivals.isdisjoint(map(key_of, meaning.symbols)):
                        meaning = graph.chosen(path, at, meaning)
                    if meaning.how == "resolved" and not mine.isdisjoint(map(key_of, meaning.symbols)):
                        caller = self._owner(graph, path, base, item, use.owner, container)
                        if caller is not None and caller != (here, spot.key):
                            counts[caller] = counts.get(caller, 0) + 1
        return iter(sorted(counts, key=lambda place: (-counts[place], _apart(place[0], here), place))[: _STRONG // 2])

    def _owner(
        self, graph: Graph, path: str, base: int, item: Facts, owner: int, container: int
    ) -> tuple[str, str] | None:
        if owner < 0:
            shell = graph.files[path].named_shell(container)
            if shell < 0:
                return None
            around = graph.files[path].shells[shell]
            base, item, owner = around.start, around.facts, 0
        home = self._home(graph, path)
        found = home.by_place.get(base + item.definitions[owner].name_start) if home is not None else None
        return (path, found.key) if found is not None else None

    def _place(self, graph: Graph, symbols: Sequence[Symbol]) -> tuple[str, str] | None:
        if not symbols or (home := self._home(graph, symbols[0].path)) is None:
            return None
        spot = home.by_place.get(symbols[0].name_span.start)
        return (home.path, spot.key) if spot is not None else None

    def _weak(self, graph: Graph, spot: Spot) -> tuple[Hop, ...]:
        home = spot.home
        found: list[Hop] = []

        def add(relation: Relation, spots: Iterable[Spot]) -> None:
            for number, other in enumerate(spots):
                found.append(Hop(other, relation, _WORTH[relation] / (1 + number / 8)))

        add("member", home.groups.get(spot.key, ())[: _WEAK // 2])
        seen = {spot, *(hop.spot for hop in found)}
        here = spot
        while True:  # the group around it goes on where its own ends
            if len(found) < _WEAK:
                add("sibling", _others(home.groups[here.group], here, seen, _WEAK - len(found)))
            around = home.by_key.get(here.group)
            if around is None or around in seen:
                break
            add("around", (around,))
            seen.add(around)
            here = around
        if len(found) < _WEAK:
            add("beside", self._files_beside(graph, spot, _WEAK - len(found)))
        return tuple(sorted(found, key=lambda hop: -hop.worth))

    def _files_beside(self, graph: Graph, spot: Spot, most: int) -> Iterator[Spot]:
        """The first definitions of files of the same folder, then of those around it; functions and classes first."""
        here = spot.home.path
        shown = {here}
        folder = dirname(here)
        while most > 0:
            name = folder.rsplit("/", 1)[-1]
            paths = [p for p in graph.folders.get(name, ()) if p not in shown and dirname(p) == folder]
            for path in nsmallest(_WEAK, paths):
                shown.add(path)
                home = self._home(graph, path)
                top = home.groups.get("", ()) if home is not None else ()
                first = sorted(top, key=lambda one: one.placed.definition.kind not in _CALLABLE)[:4]
                yield from first[:most]
                most -= len(first)
                if most <= 0:
                    return
            if dirname(folder) == folder or not folder:
                return
            folder = dirname(folder)


def _others(group: Sequence[Spot], here: Spot, seen: set[Spot], most: int) -> list[Spot]:
    """The others of a group, the nearest first."""
    found: list[Spot] = []
    for distance in range(1, len(group)):
        for number in (here.number - distance, here.number + distance):
            if 0 <= number < len(group) and group[number] not in seen and len(found) < most:
                found.append(group[number])
        if len(found) >= most:
            break
    return found


def _housed(facts: FileFacts) -> dict[int, str]:
    """The names of the classes around each item, by the item's identity."""
    chains: list[str] = []
    for shell in facts.shells:
        name = shell.facts.definitions[0].name if shell.facts.definitions else ""
        around = chains[shell.around] if shell.around >= 0 else ""
        chains.append(f"{around}.{name}" if name else around)
    items = zip((*facts.leaves.facts, *(s.facts for s in facts.shells)),
                (*facts.containers, *(s.around for s in facts.shells)), strict=True)  # fmt: skip
    return {id(item): chains[container] if container >= 0 else "" for item, container in items}


def _saying(facts: FileFacts, name: str) -> Iterator[tuple[int, Facts, int]]:
    """(start, facts, container) of the items of a file that mention a name."""
    for index, item in enumerate(facts.leaves.facts):
        if name in item.mentioned:
            yield int(facts.leaves.starts[index]), item, facts.containers[index]
    for shell in facts.shells:
        if name in shell.facts.mentioned:
            yield shell.start, shell.facts, shell.around


def _renamed(graph: Graph, path: str, name: str) -> bool:
    """Whether what a file defines under a name may be known elsewhere under another one."""
    if (facts := graph.files.get(path)) is not None and facts.exports:
        return True
    return any(
        found.name == name and found.alias != name
        for other in graph.mentioners.get(name, ())
        for _, found in graph.files[other].imports
    )


def _several(graph: Graph, symbols: Sequence[Symbol]) -> bool:
    """Whether the arguments of a call may choose among functions of its name."""
    first = symbols[0] if symbols else None
    if first is None or first.kind not in ("function", "method") or not overloading(graph, first.path):
        return False
    return len(graph.files[first.path].by_name.get(first.name, ())) > 1


def _heads(items: Sequence[Facts]) -> frozenset[tuple[str, str, str]]:
    """What arguments are told apart by."""
    return frozenset((d.name, d.signature, d.type) for item in items for d in item.definitions)


def _outline(items: Sequence[Facts]) -> Counter[tuple[str, str, str]]:
    return Counter(told for item in items for told in item.outline)


def _apart(one: str, two: str) -> int:
    """How many folders lie between two files."""
    a, b = one.split("/")[:-1], two.split("/")[:-1]
    same = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        same += 1
    return len(a) + len(b) - 2 * same
