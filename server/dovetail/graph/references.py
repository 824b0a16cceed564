"""Who names a symbol: by its own name, by one that an import or an export gives it, by its other declarations.

A place is *resolved* where a rule leads from it to the symbol and to nothing else. Of functions that share a name the
arguments choose (`arguments.py`); where they do not tell, every one of them is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dovetail.graph.arguments import fitting, listed, types_of
from dovetail.graph.facts import CLASSES, OPEN, Import
from dovetail.graph.file import FileFacts, UseAt
from dovetail.graph.modules import modules, perhaps, stem_of
from dovetail.graph.symbols import How, Reference, Symbol
from dovetail.text import Span

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

Key = tuple[str, int]
"""File and byte where a name is defined."""

_NAMES = 20
"""Names under which one thing is looked for."""
_DEFINERS = 200
"""Definitions of one name among which its other declarations are looked for."""
_INCLUDED = 400
"""Files that one includes, directly or not, which are looked at."""
_FUNCTIONS = ("function", "method")


def key_of(symbol: Symbol) -> Key:
    return symbol.path, symbol.name_span.start


# ---- one thing, declared in several places ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Head:
    """What tells whether two declarations are of one thing."""

    symbol: Symbol
    chain: tuple[str, ...]
    """What it stands in, outermost first, as far as it is said."""
    own: bool
    """Whether it is its file's alone."""
    overloads: bool
    types: tuple[frozenset[str], ...] | None
    """What the type of each parameter may be; None where that cannot be read."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What one version of a graph was asked for already."""

    alike: dict[Symbol, list[tuple[Symbol, How]]] = field(default_factory=dict[Symbol, list[tuple[Symbol, How]]])
    overloads: dict[Symbol, list[list[Symbol]]] = field(default_factory=dict[Symbol, list[list[Symbol]]])
    heads: dict[str, list[_Head]] = field(default_factory=dict[str, list[_Head]])
    """By name."""
    includes: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """File → those that it includes itself."""
    included: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """File → those that it includes, directly or not."""


def alike(graph: Graph, symbol: Symbol) -> list[tuple[Symbol, How]]:
    """The places that declare and define the same thing, the given one first.

    Guessed: it may as well belong to another, as where two files define what one header declares.
    """
    if (known := graph.joined.alike.get(symbol)) is None:
        known = graph.joined.alike[symbol] = _alike(graph, symbol)
    return known


def _alike(graph: Graph, symbol: Symbol) -> list[tuple[Symbol, How]]:
    file = graph.files.get(symbol.path)
    if file is None or symbol.kind not in (*_FUNCTIONS, "variable", "constant", "field"):
        return [(symbol, "resolved")]
    scope = graph.settings(file.language).get("scope", {})
    if scope.get("promises"):
        return _linked(graph, symbol)
    if symbol.kind not in _FUNCTIONS or scope.get("overloads"):
        return [(symbol, "resolved")]
    # several signatures of one function; what has no body is never the whole of it
    beside = [graph.symbol(symbol.path, placed) for placed in file.by_name.get(symbol.name, ())]
    one = [s for s in beside if (s.container, s.kind) == (symbol.container, symbol.kind)]
    if len(one) < 2 or not any(promises(s) for s in one):
        return [(symbol, "resolved")]
    placed = graph.placed(symbol)
    return [
        (symbol, "resolved"),
        *((s, "resolved") for s in one if s != symbol and _together(graph, s, placed and placed.container)),
    ]


def _together(graph: Graph, symbol: Symbol, container: int | None) -> bool:
    placed = graph.placed(symbol)
    return placed is not None and placed.container == container


def promises(symbol: Symbol) -> bool:
    """Whether something is only declared here."""
    if symbol.kind in _FUNCTIONS:
        return symbol.body >= symbol.span.end
    return symbol.signature.startswith("extern ")


def _linked(graph: Graph, symbol: Symbol) -> list[tuple[Symbol, How]]:
    """Declarations and definitions that a linker joins."""
    mine: tuple[Symbol, How] = (symbol, "resolved")
    if symbol.kind not in _FUNCTIONS and (symbol.container or not _outward(graph, symbol)):
        return [mine]
    head = _head(graph, symbol)
    kin = [one for one in _heads(graph, symbol.name) if key_of(one.symbol) != key_of(symbol) and _may_be_one(one, head)]
    others = [one.symbol for one in kin]
    longest = {one.chain for one in (head, *kin) if len(one.chain) == max(len(each.chain) for each in (head, *kin))}
    sure: How = "resolved" if len(longest) == 1 else "guessed"
    bodies = [one for one in (symbol, *others) if not promises(one)]
    if len({one.path for one in bodies}) <= 1:
        return [mine, *((one.symbol, "resolved" if one.chain == head.chain else sure) for one in kin)]
    reached: dict[str, set[Key]] = {}

    def bodies_of(declared: Symbol) -> set[Key]:
        """Those that are where it is, or include that."""
        at = declared.path
        if at not in reached:
            reached[at] = {key_of(one) for one in bodies if one.path == at or at in _included(graph, one.path)}
        return reached[at]

    found: list[tuple[Symbol, How]] = [mine]
    for one in kin:
        declared, written = (one.symbol, symbol) if promises(one.symbol) else (symbol, one.symbol)
        if not promises(declared):
            continue  # another of the same name
        of = bodies_of(declared)
        how = "resolved" if one.chain == head.chain else sure
        if not promises(written) and (not of or key_of(written) in of):
            found.append((one.symbol, how if len(of) == 1 else "guessed"))
        elif promises(written) and of & {
            key_of(body) for body in bodies if written.path in _included(graph, body.path)
        }:  # fmt: skip
            found.append((one.symbol, how))  # two declarations of one definition
    return found


def _heads(graph: Graph, name: str) -> list[_Head]:
    """What a linker sees under a name."""
    if (known := graph.joined.heads.get(name)) is None:
        known = graph.joined.heads[name] = [
            _head(graph, one)
            for one in graph.named(name, _DEFINERS)
            if graph.settings(graph.files[one.path].language).get("scope", {}).get("promises") and _outward(graph, one)
        ]
    return known


def _head(graph: Graph, symbol: Symbol) -> _Head:
    scope = graph.settings(graph.files[symbol.path].language).get("scope", {})
    types = listed(symbol) if symbol.kind in _FUNCTIONS else None
    return _Head(
        symbol,
        _chain(graph, symbol),
        not symbol.container and symbol.signature.startswith("static "),
        bool(scope.get("overloads")),
        tuple(frozenset(types_of(one)) for one in types) if types is not None else None,
    )


def _chain(graph: Graph, symbol: Symbol) -> tuple[str, ...]:
    """The classes and namespaces that something stands in or says it belongs to, outermost first."""
    placed = graph.placed(symbol)
    if placed is None:
        return (symbol.container,) if symbol.container else ()
    found: list[str] = []
    if placed.definition.of:
        said = re.search(rf"((?:\w+\s*::\s*)+)~?{re.escape(symbol.name)}\b", symbol.signature)
        names = re.findall(r"\w+", said[1]) if said is not None else [placed.definition.of]
        found += reversed(names if names[-1] == placed.definition.of else [placed.definition.of])
    parent = placed.definition.parent
    while parent >= 0:
        found.append(placed.item.definitions[parent].name)
        parent = placed.item.definitions[parent].parent
    file, index = graph.files[symbol.path], placed.container
    while (named := file.named_shell(index)) >= 0:
        found += reversed(re.split(r"\W+", file.shells[named].facts.definitions[0].name))
        index = file.shells[named].around
    return tuple(reversed(found))


def _may_be_one(one: _Head, other: _Head) -> bool:
    """Whether two may declare the same, as far as what is written at both tells."""
    a, b = one.symbol, other.symbol
    if a.container != b.container or (a.kind in _FUNCTIONS) != (b.kind in _FUNCTIONS):
        return False
    if a.path != b.path and (one.own or other.own):
        return False
    shared = min(len(one.chain), len(other.chain))
    if shared and one.chain[-shared:] != other.chain[-shared:]:
        return False
    if a.kind not in _FUNCTIONS or not (one.overloads or other.overloads):
        return True
    if one.types is None or other.types is None or len(one.types) != len(other.types):
        return one.types is None or other.types is None
    return all(x & y for x, y in zip(one.types, other.types, strict=True))


def _outward(graph: Graph, symbol: Symbol) -> bool:
    """Whether it stands where a linker sees it: not inside of a function."""
    placed = graph.placed(symbol)
    if placed is None:
        return False
    parent = placed.definition.parent
    return parent < 0 or placed.item.definitions[parent].kind in CLASSES


def _included(graph: Graph, path: str) -> frozenset[str]:
    """The files that one includes, directly or not."""
    if (known := graph.joined.included.get(path)) is not None:
        return known
    found: set[str] = set()
    todo = [path]
    while todo and len(found) < _INCLUDED:
        new = [one for one in _includes(graph, todo.pop()) if one not in found]
        found.update(new)
        todo += new
    known = graph.joined.included[path] = frozenset(found)
    return known


def _includes(graph: Graph, path: str) -> tuple[str, ...]:
    if (known := graph.joined.includes.get(path)) is None:
        file = graph.files.get(path)
        written = dict.fromkeys(one.module for _, one in file.imports) if file is not None else ()
        known = tuple(dict.fromkeys(target for module in written for target in modules(graph, path, module)))
        graph.joined.includes[path] = known
    return known


# ---- several things of one name ------------------------------------------------------------------


def overloading(graph: Graph, path: str) -> bool:
    """Whether the arguments of a call choose among functions of one name in the language of a file."""
    file = graph.files.get(path)
    return file is not None and bool(graph.settings(file.language).get("scope", {}).get("overloads"))


def overloads(graph: Graph, symbol: Symbol) -> list[list[Symbol]]:
    """The functions that share a name where the arguments of a call choose, each with all its declarations."""
    if (known := graph.joined.overloads.get(symbol)) is None:
        known = graph.joined.overloads[symbol] = _overloads(graph, symbol)
    return known


def _overloads(graph: Graph, symbol: Symbol) -> list[list[Symbol]]:
    file = graph.files.get(symbol.path)
    if file is None or symbol.kind not in _FUNCTIONS:
        return [[symbol]]
    scope = graph.settings(file.language).get("scope", {})
    placed = graph.placed(symbol) if scope.get("overloads") else None
    if placed is None:
        return [[symbol]]
    first = [one for one, _ in alike(graph, symbol)]
    groups, known = [first], set(map(key_of, first))
    for path in dict.fromkeys(one.path for one in first):
        for other in graph.files[path].by_name.get(symbol.name, ()):
            one = graph.symbol(path, other)
            same = one.kind in _FUNCTIONS and one.container == symbol.container and key_of(one) not in known
            if not same or path == symbol.path and not symbol.container and not _outward(graph, one):
                continue
            if path == symbol.path and (other.container != placed.container and not (
                other.definition.of or placed.definition.of
            )):  # fmt: skip
                continue  # of another class of that name
            if symbol.container == scope.get("unnamed") and not other.beside(placed):
                continue  # of another class without a name
            groups.append([each for each, _ in alike(graph, one) if key_of(each) not in known])
            known.update(map(key_of, groups[-1]))
    return groups


# ---- the places ------------------------------------------------------------------------------------


@dataclass
class References:
    """The places that name one symbol, file after file."""

    graph: Graph
    symbol: Symbol
    guessed: bool = True
    """Also the uses of a member of this name whose object nobody knows, or of another function of its name."""
    parsed: int = 24
    """In how many files the text may be read to know what an object is."""
    others: bool = True
    """Also those under other names, and those that an assignment of an import binds."""
    unread: set[str] = field(default_factory=set[str])
    """The files whose text was not read although it might tell more."""
    _read: set[str] = field(default_factory=set[str])
    _seen: set[Key] = field(default_factory=set[Key])
    _mays: dict[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])
    """(file, module) of imports that lead nowhere: whether it may be this symbol's file."""

    def by_file(self, only: str = "") -> Iterator[list[Reference]]:
        """only: the file that is looked at, "" for all."""
        graph, symbol = self.graph, self.symbol
        kin = graph.kin(graph.files[symbol.path].language)
        names = [symbol.name]
        if self.others and (given := self._given_by(graph.files[symbol.path], symbol.name)) and self._free:
            names += given
        if self.others and self._free and (facts := graph.files.get(only)):  # names that files between give it
            brought = {one.name: None for _, one in facts.imports if one.name and self._means(only, facts, one)}
            names += [name for name in brought if name not in names]
        for name in names:
            paths = graph.mentioners.get(name, ())
            for path in sorted(paths, key=lambda p: (p != symbol.path, p)) if not only else (only,) * (only in paths):
                facts = graph.files[path]
                if graph.kin(facts.language) != kin:
                    continue
                bound = self._bound(path, facts, name) if self.others and self._free else {}
                found = self._used(path, facts, name)
                for alias in bound:
                    if alias != name:
                        found += self._used(path, facts, alias)
                found += self._imported(path, facts, name)
                names += [
                    one
                    for alias in bound
                    for one in (*self._given_by(facts, alias), *(() if facts.exports else (alias,)))
                    if one not in names and len(names) < _NAMES
                ]
                if self.others and self._free:
                    names += [one for one in self._passed(path, facts, name) if one not in names]
                yield found
        yield self._overriding(only)

    # ---- what it is

    @cached_property
    def _same(self) -> dict[Key, How]:
        """Where it is declared and defined."""
        return {key_of(one): how for one, how in alike(self.graph, self.symbol)}

    @cached_property
    def _groups(self) -> list[list[Symbol]]:
        return overloads(self.graph, self.symbol)

    @cached_property
    def _rivals(self) -> frozenset[Key]:
        """The functions among which the arguments of a call choose, if there are several."""
        groups = self._groups
        return frozenset(key_of(one) for group in groups for one in group) if len(groups) > 1 else frozenset()

    @cached_property
    def _made(self) -> frozenset[Key]:
        """The class that a constructor makes objects of."""
        symbol = self.symbol
        if symbol.kind != "method" or symbol.name != symbol.container or not self._implicit(symbol.path):
            return frozenset()
        return frozenset(
            key_of(owner)
            for path, start in self._same
            for where, placed in self.graph.classes_around(path, start)
            if (owner := self.graph.symbol(where, placed)).name == symbol.name and owner.kind in CLASSES
        )

    @cached_property
    def _member(self) -> bool:
        """Whether it is named behind an object."""
        symbol = self.symbol
        held = symbol.kind == "constant" and symbol.container != "" and not self._held_by & OPEN
        return symbol.kind in ("method", "field") or held

    @cached_property
    def _held_by(self) -> frozenset[str]:
        """The kind of what is around it, empty at the top of its file."""
        placed = self.graph.placed(self.symbol)
        if placed is None:
            return frozenset()
        d = placed.definition
        if d.parent >= 0:
            return frozenset((placed.item.definitions[d.parent].kind,))
        file = self.graph.files[self.symbol.path]
        named = file.named_shell(placed.container)
        return frozenset((file.shells[named].facts.definitions[0].kind,)) if named >= 0 else frozenset()

    @cached_property
    def _free(self) -> bool:
        """Whether other files can give it another name: it is no member and nothing of a function's."""
        return not self._member and not self._held_by - OPEN or self.symbol.kind in CLASSES

    def _implicit(self, path: str) -> bool:
        scope = self.graph.settings(self.graph.files[path].language).get("scope", {})
        return bool(scope.get("implicit-receiver"))

    # ---- where it is used

    def _used(self, path: str, facts: FileFacts, name: str) -> list[Reference]:
        found: list[Reference] = []
        bare = bool(self.graph.settings(facts.language).get("scope", {}).get("bare-calls"))
        for at in facts.uses_by_name.get(name, ()):
            start = at.base + at.use.start
            if (path, start) in self._seen or (meant := self._how(path, facts, at)) is None:
                continue
            how, other = meant
            if how == "guessed" and not self.guessed:
                continue
            self._seen.add((path, start))
            call = at.use.role.endswith("call") or bare and self.symbol.kind in _FUNCTIONS
            span = Span(start, at.base + at.use.end)
            found.append(Reference(path, span, how, call, self.graph.owner(path, at), other))
        return found

    def _how(self, path: str, facts: FileFacts, at: UseAt) -> tuple[How, bool] | None:
        """How surely a use means it, and whether by another name; None where it does not."""
        graph, symbol = self.graph, self.symbol
        dotted = at.use.role in ("member", "member-call")
        own = at.use.name == symbol.name
        keyed = self._member and at.use.role.startswith("mention")  # a field, or a variable: the tree tells
        if self._member and symbol.container and not (dotted or keyed or self._implicit(path)):
            return None
        if dotted and self._held_by and not (self._member or self._held_by & CLASSES):
            return None  # of a function's own
        meaning = graph.resolved(path, at)
        if keyed:
            meaning = graph.by_import(path, at) if self._may_read(path) else meaning
        elif not meaning and self._leads(facts, at) and self._may_read(path):
            meaning = graph.by_value(path, at) if dotted else graph.by_import(path, at)
        if meaning:
            return self._among(path, facts, at, meaning.symbols)
        if self._member and own and (dotted or not symbol.container):
            return "guessed", False
        return ("guessed", not own) if self._perhaps(path, facts, at, dotted=dotted) else None

    def _perhaps(self, path: str, facts: FileFacts, at: UseAt, *, dotted: bool) -> bool:
        """Whether an import that leads nowhere may bring it: where a program is told to look, no file says."""
        if not self.guessed or not self._free or self.symbol.container or path == self.symbol.path:
            return False
        for _, one in facts.imports if at.use.name == self.symbol.name or at.use.name in facts.imported else ():
            if dotted:
                whole = f"{one.module}.{one.name}" if one.name not in ("", "*") else one.module
                bound = one.alias if one.name or one.alias != one.module.split(".")[0] else one.module
                named = at.use.name == self.symbol.name and at.use.receiver == bound != ""
            else:
                whole = one.module
                brought = one.name == "*" and at.use.name not in facts.bound
                named = brought or one.name == self.symbol.name and one.alias == at.use.name
            if named and self._may(path, whole):
                return True
        return False

    def _may(self, path: str, module: str) -> bool:
        key = (path, module)
        if key not in self._mays:
            self._mays[key] = perhaps(self.graph, path, module, self.symbol.path)
        return self._mays[key]

    def _leads(self, facts: FileFacts, at: UseAt) -> bool:
        """Whether the tree of a file may tell what its facts do not."""
        if at.use.role not in ("member", "member-call"):
            return at.use.name in facts.imported and self._inside(facts)
        if self._member or self._held_by & CLASSES:
            return True
        first = re.split(r"\W", at.use.receiver, maxsplit=1)[0]
        rules: dict[str, Any] = self.graph.settings(facts.language).get("imports", {})
        return first in facts.imported or first in facts.top or first in (
            rules.get("here"), rules.get("up"), rules.get("root"),
        )  # fmt: skip

    def _inside(self, facts: FileFacts) -> bool:
        """Whether an import may lead to what stands inside of a module that is no file."""
        return self.graph.settings(facts.language).get("imports", {}).get("style") == "crate"

    def _may_read(self, path: str) -> bool:
        if self.graph.files[path].tree is None and path not in self._read:
            if len(self._read) >= self.parsed:
                self.unread.add(path)
                return False
            self._read.add(path)
        return True

    def _among(self, path: str, facts: FileFacts, at: UseAt, symbols: Iterable[Symbol]) -> tuple[How, bool] | None:
        known = {*map(key_of, symbols)}
        keys = {key_of(one) for symbol in symbols for one in self._through(path, facts, symbol)}
        other = at.use.name != self.symbol.name or keys.isdisjoint(known)
        call = at.use.role.endswith("call")
        made = call and not self._made.isdisjoint(keys)
        if self._rivals and (made or not self._rivals.isdisjoint(keys)):
            if not call or not self._may_read(path):
                return "guessed", other
            fit = fitting(self.graph, self._groups, path, at)
            mine = any(key_of(one) == key_of(self.symbol) for group in fit for one in group)
            return ("resolved" if len(fit) == 1 else "guessed", other) if mine else None
        hows = {"resolved"} if made else {self._same[key] for key in keys if key in self._same}
        return ("resolved" if "resolved" in hows else "guessed", other) if hows else None

    def _through(self, path: str, facts: FileFacts, symbol: Symbol) -> tuple[Symbol, ...]:
        """What a name stands for that the assignment of an import binds: `const {f} = require("m")`."""
        return through(self.graph, path, facts, symbol) if self.others else (symbol,)

    def _overriding(self, only: str) -> list[Reference]:
        """Where what overrides a method calls it by a word that names nothing: `super`."""
        graph, symbol = self.graph, self.symbol
        file = graph.files[symbol.path]
        if symbol.kind not in _FUNCTIONS or not graph.settings(file.language).get("scope", {}).get("calls-above"):
            return []
        around = next(graph.classes_around(symbol.path, symbol.name_span.start), None)
        todo = [graph.symbol(*around)] if around is not None else []
        known = set(map(key_of, todo))
        found: list[Reference] = []
        for owner in todo:
            for below in graph.derived(owner) if len(todo) < _DEFINERS else ():
                members = graph.own_members(below.path, below.name_span.start, symbol.name)
                for path, at in members:
                    method = graph.symbol(path, graph.files[path].named_at[at])
                    if only not in ("", path) or graph.overridden(method) != symbol or not self._may_read(path):
                        continue
                    spans = calls_above(graph, method)
                    found += [Reference(path, span, "resolved", True, method, True) for span in spans]
                if not members and key_of(below) not in known:
                    known.add(key_of(below))
                    todo.append(below)
        return found

    # ---- its other names

    def _bound(self, path: str, facts: FileFacts, name: str) -> dict[str, None]:
        """The names that a file gives it by an import."""
        found: dict[str, None] = {}
        for _, one in facts.imports:
            whole = self._whole(facts, one, name)
            if not one.alias or not (one.name == name or whole) or (one.alias == name and name == self.symbol.name):
                continue
            if name == "default" and not self._near(facts, one):
                continue
            if self._means(path, facts, one) is not False:
                found[one.alias] = None
        return found

    def _whole(self, facts: FileFacts, one: Import, name: str) -> bool:
        """Whether an import brings a class by its full name: `using S = A.Store`."""
        rules: dict[str, Any] = self.graph.settings(facts.language).get("imports", {})
        if one.name or rules.get("style") != "namespace":
            return False
        return one.module.rpartition(rules.get("separator", "."))[2] == name

    def _near(self, facts: FileFacts, one: Import) -> bool:
        """Whether a module may be the one that gives it away as its default: asking costs more."""
        rules: dict[str, Any] = self.graph.settings(facts.language).get("imports", {})
        return stem_of(one.module, rules).partition(".")[0] in self._givers

    @cached_property
    def _givers(self) -> set[str]:
        rules: dict[str, Any] = self.graph.settings(self.graph.files[self.symbol.path].language).get("imports", {})
        return {stem_of(self.symbol.path, rules).partition(".")[0]}

    def _means(self, path: str, facts: FileFacts, one: Import) -> bool | None:
        """Whether an import brings it; None where that takes more than facts."""
        meaning = self.graph.import_found(path, facts, one)
        return any(key_of(symbol) in self._same for symbol in meaning.symbols) if meaning else None

    def _given_by(self, facts: FileFacts, name: str) -> list[str]:
        """The other names under which a file gives away what it calls so."""
        return [one.name for one in facts.exports if one.local == name and not one.module and one.name != name]

    def _passed(self, path: str, facts: FileFacts, name: str) -> list[str]:
        """The other names under which a file gives away what others call so."""
        found: list[str] = []
        for one in facts.exports:
            if one.module and one.local == name and any(
                key_of(symbol) in self._same for symbol in self.graph.exported(path, one.name)
            ):  # fmt: skip
                found += [one.name] if one.name != name else []
                rules: dict[str, Any] = self.graph.settings(facts.language).get("imports", {})
                self._givers.add(stem_of(path, rules).partition(".")[0])
        return found

    def _imported(self, path: str, facts: FileFacts, name: str) -> list[Reference]:
        """Where an import names it."""
        found: list[Reference] = []
        for base, one in facts.imports:
            if (not one.name and self._whole(facts, one, name)) or one.name == name:
                start = base + one.start if one.name else base + one.end - len(name.encode())
            else:
                continue
            if (path, start) in self._seen:
                continue
            if name == "default" and not self._near(facts, one):
                continue
            meaning = self.graph.import_found(path, facts, one)
            if not meaning and self._free and self._inside(facts) and self._may_read(path):
                meaning = self.graph.defined(path, start)
            hows = {self._same[key] for key in map(key_of, meaning.symbols) if key in self._same}
            if not meaning and self.guessed and self._free and one.name == name and self._may(path, one.module):
                hows = {"guessed"}
            if self._rivals and not self._rivals.isdisjoint(map(key_of, meaning.symbols)):
                hows = {"guessed"} if self.guessed else set[str]()
            if hows:
                self._seen.add((path, start))
                span = Span(start, base + one.end)
                how: How = "resolved" if "resolved" in hows and meaning.how == "resolved" else "guessed"
                found.append(Reference(path, span, how, False, None, name != self.symbol.name))
        return found


def calls_above(graph: Graph, method: Symbol) -> list[Span]:
    """Where a method calls what it overrides by a word that names nothing. Reads the tree of the file."""
    file = graph.files[method.path]
    word = graph.settings(file.language).get("scope", {}).get("calls-above")
    tree = graph.tree(method.path) if word else None
    node = tree.root.descendant_for_byte_range(method.span.start, method.span.end) if tree is not None else None
    found: list[Span] = []
    todo = [node] if node is not None else []
    for node in todo:
        if node.type == word:
            found.append(Span(node.start_byte, node.end_byte))
        todo += node.named_children
    return sorted(found, key=lambda span: span.start)


def through(graph: Graph, path: str, facts: FileFacts, symbol: Symbol) -> tuple[Symbol, ...]:
    """What a name stands for that the assignment of an import binds: `const {f} = require("m")`; else the name."""
    if symbol.path == path and symbol.kind in ("constant", "variable"):
        for base, one in facts.imported.get(symbol.name, ()):
            if base + one.at == symbol.name_span.start and (meaning := graph.import_found(path, facts, one)):
                return meaning.symbols
    return (symbol,)
