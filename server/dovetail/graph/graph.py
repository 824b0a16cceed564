"""The facts of many files, joined: what does this name mean, who uses it, who calls whom."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Any, Literal, TypeAlias
from weakref import WeakKeyDictionary

from immutables import Map

from dovetail.graph.arguments import fitting
from dovetail.graph.configured import Configured
from dovetail.graph.definitions import Definitions
from dovetail.graph.facts import CLASSES, OPEN, Export, Facts, Import
from dovetail.graph.file import FileFacts, Placed, UseAt, digest
from dovetail.graph.hops import Hops, Version
from dovetail.graph.modules import Known, modules, package_of, stem_of, submodule
from dovetail.graph.references import Joined, References, alike, calls_above, overloads, promises, through
from dovetail.graph.search import names_of
from dovetail.graph.symbols import Found, Reference, Symbol, file_symbol
from dovetail.graph.values import Defined
from dovetail.syntax import Tree, languages
from dovetail.text import Document, Span

Paths: TypeAlias = "Map[str, None]"
Index: TypeAlias = "Map[str, Paths]"

_WORD = re.compile(r"[^\W\d]\w*")
_NO_PATHS: Paths = Map()
_DEPTH = 6
"""How many re-exports or base classes are followed."""
_MOST_KNOWN = 100_000
"""Answers that one version keeps."""
_MOST_PARSED = 24
"""Files that are parsed anew for one question."""
_END = 1 << 62
"""An offset behind every text."""
_MOST_GUESSES = 20
"""Candidates where only the name leads anywhere."""


_NOTHING = Found((), "guessed", "")


@lru_cache(maxsize=64)
def _settings(language: str) -> dict[str, Any]:
    for known in languages():
        if known.name == language:
            return dict(known.settings)
    return {}


def _kin(language: str) -> str:
    """What languages have in common that use one another's names."""
    settings = _settings(language)
    return settings.get("family", language)


Read: TypeAlias = Callable[[str], bytes | None]


def unread(path: str) -> bytes | None:
    """No text but that of open files."""
    return None


@dataclass(frozen=True, eq=False)
class Graph:
    """A value: `with_file` and `without` give another. Costs follow the names that changed."""

    files: Map[str, FileFacts] = field(default_factory=lambda: Map[str, FileFacts]())
    definers: Index = field(default_factory=lambda: Map[str, Paths]())
    mentioners: Index = field(default_factory=lambda: Map[str, Paths]())
    stems: Index = field(default_factory=lambda: Map[str, Paths]())
    """Files by the last part of the name that they are imported by."""
    folders: Index = field(default_factory=lambda: Map[str, Paths]())
    """Files by the name of their folder."""
    read: Read = field(default=unread)
    """How the text of a file that is not open is come by, where a question needs more of it than its facts."""
    version: Version = field(default_factory=Version)
    """What differs from the version before."""
    hops: Hops = field(default_factory=Hops)
    """The neighbours that somebody asked for; the versions of one line share them."""
    configured: Configured = field(default_factory=Configured)
    """Where the project's configuration leads the names of modules."""

    # ---- building ---------------------------------------------------------------------------

    def with_file(
        self, path: str, facts: FileFacts, gone: list[Facts] | None = None, come: list[Facts] | None = None
    ) -> Graph:
        """Put a file's facts in place of what was known of it.

        gone, come: the items that differ from what was known, where the caller knows them.
        """
        known = self.files.get(path)
        if known is None or gone is None or come is None:
            gone = [f for _, f, _ in known] if known is not None else []
            come = [f for _, f, _ in facts]
        version = Version(self.version, path, gone, come) if known is not None else Version(self.version)
        definers = _moved(self.definers, path, facts, _names(gone, "defined"), _names(come, "defined"), "defined")
        mentioners = _moved(
            self.mentioners, path, facts, _names(gone, "mentioned"), _names(come, "mentioned"), "mentioned"
        )
        stems, folders = self.stems, self.folders
        if known is None:
            stems = _added(stems, _stem(path, facts.language), path)
            folders = _added(folders, PurePosixPath(path).parent.name, path)
        return Graph(
            self.files.set(path, facts), definers, mentioners, stems, folders, self.read, version, self.hops,
            self.configured,
        )  # fmt: skip

    def with_files(self, files: Iterable[tuple[str, FileFacts]]) -> Graph:
        """`with_file` for many, at a fraction of its price where the files are new."""
        graph = self
        new: dict[str, FileFacts] = {}
        for path, facts in files:
            if path in graph.files:
                graph = graph.with_file(path, facts)
            else:
                new[path] = facts
        definers, mentioners, stems, folders = (dict[str, list[str]]() for _ in range(4))
        for path, facts in new.items():
            for index, names in (
                (definers, facts.defined),
                (mentioners, facts.mentioned),
                (stems, (_stem(path, facts.language),)),
                (folders, (PurePosixPath(path).parent.name,)),
            ):
                for name in names:
                    index.setdefault(name, []).append(path)
        return Graph(
            graph.files.update(new),
            _more(graph.definers, definers),
            _more(graph.mentioners, mentioners),
            _more(graph.stems, stems),
            _more(graph.folders, folders),
            graph.read,
            Version(graph.version) if new else graph.version,
            graph.hops,
            graph.configured,
        )

    def without(self, path: str) -> Graph:
        """Forget a file."""
        known = self.files.get(path)
        if known is None:
            return self
        empty = self.with_file(path, FileFacts(known.language))
        return Graph(
            empty.files.delete(path),
            empty.definers,
            empty.mentioners,
            _removed(empty.stems, _stem(path, known.language), path),
            _removed(empty.folders, PurePosixPath(path).parent.name, path),
            self.read,
            Version(self.version),
            self.hops,
            self.configured,
        )

    def with_configured(self, configured: Configured) -> Graph:
        """Let names of modules lead where a configuration says."""
        return replace(self, configured=configured, version=Version(self.version), hops=Hops())

    def dump(self) -> dict[str, Any]:
        """A canonical form: equal dumps, equal graphs."""
        return {
            "files": {path: facts.dump() for path, facts in sorted(self.files.items())},
            **{
                name: {key: sorted(paths) for key, paths in sorted(index.items())}
                for name, index in (
                    ("definers", self.definers),
                    ("mentioners", self.mentioners),
                    ("stems", self.stems),
                    ("folders", self.folders),
                )
            },
        }

    # ---- one file ---------------------------------------------------------------------------

    def symbol(self, path: str, placed: Placed) -> Symbol:
        facts = self.files[path]
        d = placed.definition
        container, in_class = d.of, bool(d.of)
        if d.parent >= 0 and not d.of:
            around = placed.item.definitions[d.parent]
            container, in_class = around.name, around.kind in CLASSES
            if d.kind == "field" and not in_class:
                container, in_class = self._container_name(facts, placed.container), True
        elif not d.of and (named := facts.named_shell(placed.container)) >= 0:
            around = facts.shells[named].facts.definitions[0]
            container, in_class = around.name, around.kind in CLASSES and around.kind not in OPEN
        kind: Any = d.kind
        if in_class and kind == "function":
            kind = "method"
        if in_class and kind == "variable":
            kind = "field"
        base = placed.base
        return Symbol(
            path, d.name, kind, Span(base + d.start, base + d.end), Span(base + d.name_start, base + d.name_end),
            base + d.body, d.signature, d.doc, container,
        )  # fmt: skip

    def symbols(self, path: str) -> list[Symbol]:
        """Every definition of a file, in the order of the text, a class before its members."""
        facts = self.files.get(path)
        return [self.symbol(path, placed) for placed in facts.placed] if facts else []

    def symbols_in(self, path: str, span: Span) -> list[Symbol]:
        """The definitions of a file that lie in a span, in the order of the text."""
        facts = self.files.get(path)
        return [
            self.symbol(path, placed)
            for placed in (facts.placed if facts else ())
            if span.start <= placed.base + placed.definition.start < span.end
        ]

    def enclosing(
        self, path: str, offset: int, kinds: tuple[str, ...] = ("function", "class", "interface", "enum")
    ) -> Symbol | None:
        """The innermost function or class around a place that has a name of its own."""
        facts = self.files.get(path)
        if facts is None:
            return None
        unnamed = _settings(facts.language).get("scope", {}).get("unnamed")
        best: Placed | None = None
        for base, item, container in self._items_at(facts, offset):
            for d in item.definitions:
                inside = d.kind in kinds and base + d.start <= offset <= base + d.end and d.name != unnamed
                if inside and (best is None or base + d.start >= best.base + best.definition.start):
                    best = Placed(base, d, container, item)
        return self.symbol(path, best) if best else None

    def unknown_names(self, path: str, but: Container[int] = ()) -> set[str]:
        """Plain names that are read in a file and exist nowhere: not bound, imported or built in.

        but: ids of facts of items that are not looked at.
        Empty where a `*` import may bring anything, and where a language's names come from more than its files.
        """
        facts = self.files.get(path)
        if facts is None or self.imports_anything(path):
            return set()
        if not _settings(facts.language).get("names-known", True):
            return set()
        language = next((known for known in languages() if known.name == facts.language), None)
        free: set[str] = set()
        containers = (*facts.containers, *(shell.around for shell in facts.shells))
        for (_, item, _), container in zip(facts, containers, strict=True):
            if item.free and id(item) not in but:
                named = facts.named_shell(container)
                free |= item.free if named < 0 else item.free_in_bodies | (item.free - facts.bound_in[named])
        known: frozenset[str] = facts.bound | (language.builtins if language else frozenset[str]())
        if free <= known:
            return set()
        return free - known - self._brought(path, facts)

    def imports_anything(self, path: str) -> bool:
        """Whether a file imports with `*` what may be any name."""
        facts = self.files[path]
        above = _settings(facts.language).get("imports", {}).get("up")
        return any(
            # what the module around has stands in the same file
            found.name == "*" and not (found.module == above and facts.container_of(base) >= 0)
            for base, found in facts.imports
        )

    def _brought(self, path: str, facts: FileFacts) -> set[str]:
        """The names that a file sees without naming them: of packages that it imports, of the files beside it."""
        settings = _settings(facts.language)
        names: set[str] = set()
        if settings.get("imports", {}).get("package"):
            for _, found in facts.imports:
                if not found.name:  # what a package calls itself need not be the end of its path
                    names.update(_WORD.findall("/".join(found.module.split("/")[-2:])), (found.alias,))
        if settings.get("scope", {}).get("shared") == "folder":
            for other in self._folder_of(path):
                names |= self.files[other].bound
        return names

    # ---- names ------------------------------------------------------------------------------

    def named(self, name: str, most: int | None = None) -> list[Symbol]:
        """Every definition of this name, files in the order of their paths; `most` of them."""
        found: list[Symbol] = []
        for path in sorted(self.definers.get(name, _NO_PATHS)):
            found += [self.symbol(path, placed) for placed in self.files[path].by_name.get(name, ())]
            if most is not None and len(found) >= most:
                return found[:most]
        return found

    def search(self, query: str, most: int = 200) -> list[Symbol]:
        """Definitions whose names hold the letters of a query in their order, the best first."""
        found: list[Symbol] = []
        for name in names_of(self.definers).matching(query, most):
            found += self.named(name, most - len(found))
            if len(found) >= most:
                break
        return found

    def at(self, path: str, offset: int, *, by_value: bool = True) -> Found:
        """What the name at a place means: a definition's own name, an import, or a use.

        by_value: also by what the expression before a dot stands for, which reads trees and may take milliseconds.
        """
        facts = self.files.get(path)
        if facts is None:
            return _NOTHING
        for base, item, container in self._items_at(facts, offset):
            for d in item.definitions:
                if base + d.name_start <= offset <= base + d.name_end:
                    placed = Placed(base, d, container, item)
                    return Found((self.symbol(path, placed),), "resolved", "its own definition")
            for found in item.imports:
                if base + found.start <= offset <= base + found.end:
                    return self.import_found(path, facts, found)
            for use in item.uses:
                if base + use.start <= offset <= base + use.end:
                    at = UseAt(base, use, container, item)
                    found = self.resolved(path, at) or (self.by_value(path, at) if by_value else _NOTHING)
                    return (self.chosen(path, at, found) if by_value else found) or self.meaning(path, at)
        return _NOTHING

    def defined(self, path: str, offset: int) -> Found:
        """Where the name at a place is defined, local names and parameters included; by rule or not at all."""
        symbols = tuple(dict.fromkeys(self._symbol_of(place) for place in self.flow.definitions(path, offset)))
        found = Found(symbols, "resolved", "what the name stands for")
        if not symbols or symbols[0].kind not in ("function", "method"):
            return found if symbols else _NOTHING
        at = next(
            (
                UseAt(base, use, container, item)
                for base, item, container in self._items_at(self.files[path], offset)
                for use in item.uses
                if use.role.endswith("call") and base + use.start <= offset <= base + use.end
            ),
            None,
        )
        return self.chosen(path, at, found) if at is not None else found

    def perhaps(self, path: str, offset: int) -> Found:
        """What an import at a place may bring that leads nowhere: what the one package of its name has."""
        facts = self.files.get(path)
        for base, one in facts.imports if facts is not None else ():
            at = one.name not in ("", "*") and base + one.start <= offset <= base + one.end
            fits = package_of(self, path, one.module) if at else None
            if fits is not None and (symbols := self._exported(fits, one.name, 0)):
                return Found(symbols, "guessed", "of the one package that is called so")
        return _NOTHING

    def leads(self, path: str, offset: int) -> Found:
        """Where a place leads that is no name of something: a link in documentation, a keyword, a kept promise."""
        found = [self._symbol_of(place) for place in self.flow.leads(path, offset)]
        return Found(tuple(dict.fromkeys(found)), "resolved", "where it leads") if found else _NOTHING

    def imported_at(self, path: str, offset: int) -> Found:
        """The name at a place as an import of something from elsewhere binds it."""
        found = [self._symbol_of(place) for place in self.flow.imported_at(path, offset)]
        return Found(tuple(found), "resolved", "imported from elsewhere") if found else _NOTHING

    def by_value(self, path: str, at: UseAt) -> Found:
        """What a member means, by what the expression before the dot stands for. Reads the tree of the file."""
        if at.use.role not in ("member", "member-call"):
            return _NOTHING
        found = [self._symbol_of(place) for place in self.flow.definitions(path, at.base + at.use.start)]
        return Found(tuple(dict.fromkeys(found)), "resolved", "what the object stands for") if found else _NOTHING

    def by_import(self, path: str, at: UseAt) -> Found:
        """What a plain name means that an import binds, where its facts do not tell. Reads the tree of the file."""
        found = [self._symbol_of(place) for place in self.flow.definitions(path, at.base + at.use.start)]
        return Found(tuple(dict.fromkeys(found)), "resolved", "what the import brings") if found else _NOTHING

    def _symbol_of(self, place: Defined) -> Symbol:
        file = self.files[place.path]
        if (placed := file.named_at.get(place.start)) is not None:
            return self.symbol(place.path, placed)
        if place.start == place.end:
            return self._module_symbol(place.path)
        tree = self.tree(place.path)
        node = tree.root.descendant_for_byte_range(place.start, place.end) if tree is not None else None
        parameter = node is not None and self.flow.parameter_of(place.path, node) is not None
        around = self.enclosing(place.path, place.start)
        line = tree.line(place.start) if tree is not None else ""
        here = Span(place.start, place.end)
        name = node.text.decode("utf-8", "replace") if node is not None and node.text else ""
        kind = "parameter" if parameter else "variable"
        return Symbol(place.path, name, kind, here, here, place.end, line, "", around.name if around else "")

    def meaning(self, path: str, at: UseAt) -> Found:
        """What a use means: by rule, or else whatever has this name."""
        if found := self.resolved(path, at):
            return found
        if at.use.role not in ("member", "member-call"):
            return _NOTHING
        kin = _kin(self.files[path].language)
        named = self.named(at.use.name, 3 * _MOST_GUESSES)
        members = [s for s in named if s.kind in ("method", "field") and _kin(self.files[s.path].language) == kin]
        return Found(tuple(members[:_MOST_GUESSES]), "guessed", "the name alone") if members else _NOTHING

    def resolved(self, path: str, at: UseAt) -> Found:
        """What a use means where a rule tells it; nothing where only the name could."""
        use = at.use
        if not use.role.startswith("member"):
            return self._plain(path, use.name, at, 0)
        settings = _settings(self.files[path].language)
        if use.receiver in settings.get("supers", ()):
            for where, owner in self.classes_around(path, at.base + use.start):
                found = self._inherited(where, owner, use.name, 0)
                return Found((found,), "resolved", f"inherited by {owner.definition.name}") if found else _NOTHING
        elif use.receiver in settings.get("receivers", ()):
            for where, owner in self.classes_around(path, at.base + use.start):
                found = self._member(where, owner, use.name, 0)
                return Found((found,), "resolved", f"member of {owner.definition.name}") if found else _NOTHING
        elif use.receiver and all(part.isidentifier() for part in use.receiver.split(".")):
            return self._dotted(path, use.receiver, use.name, at)
        return _NOTHING

    def references(self, symbol: Symbol, limit: int = 500, *, guessed: bool = True) -> list[Reference]:
        """Places that name a symbol, its definition left out; resolved ones first.

        guessed: also the uses of a member of this name whose object nobody knows.
        """
        found: list[Reference] = []
        for some in self.references_by_file(symbol, guessed=guessed):
            found += some
            if len(found) >= limit:
                break
        return surest(found[:limit])

    def references_by_file(
        self, symbol: Symbol, *, guessed: bool = True, parsed: int = _MOST_PARSED, others: bool = True
    ) -> Iterator[list[Reference]]:
        """As `references`, file after file, for who does something else in between.

        parsed: in how many files the text may be read to know what an object is.
        others: also the places that call it by another name.
        """
        yield from References(self, symbol, guessed, parsed, others).by_file()

    def references_in(self, path: str, symbol: Symbol) -> list[Reference]:
        """Places of one file that name a symbol, those that are guessed included."""
        return [one for some in References(self, symbol, parsed=_MOST_PARSED).by_file(path) for one in some]

    def alike(self, symbol: Symbol) -> list[Symbol]:
        """Every place that declares or defines the same thing, the given one first."""
        return [one for one, _ in alike(self, symbol)]

    def callers(self, symbol: Symbol) -> list[tuple[Symbol, list[Reference]]]:
        """The functions that call a symbol, with the places, most calls first; resolved edges only."""
        return by_caller(self.references(symbol, guessed=False))

    def callees(self, symbol: Symbol) -> list[tuple[Symbol, int]]:
        """What a function calls, with how often, in the order of first call; resolved edges only."""
        return [(callee, len(spans)) for callee, spans in self.calls_of(symbol)]

    def calls_of(self, symbol: Symbol) -> list[tuple[Symbol, list[Span]]]:
        """What a function calls, and where; of a file what stands in none. Resolved edges only."""
        whole = symbol.is_file
        found: dict[tuple[str, int], tuple[Symbol, list[Span]]] = {}
        bare = symbol.path in self.files and _settings(self.files[symbol.path].language).get("scope", {}).get(
            "bare-calls"
        )
        for at in self.uses_in(symbol.path, Span(0, _END) if whole else symbol.span):
            if whole and self.owner(symbol.path, at) is not None:
                continue
            if not at.use.role.endswith("call") and not bare:
                continue
            meaning = self.resolved(symbol.path, at) or self.by_value(symbol.path, at)
            if (target := self._meant(symbol.path, at, meaning)) is not None:
                if bare and not at.use.role.endswith("call") and target.kind not in ("function", "method"):
                    continue
                span = Span(at.base + at.use.start, at.base + at.use.end)
                found.setdefault((target.path, target.name_span.start), (target, []))[1].append(span)
        if (above := self.overridden(symbol)) is not None and (spans := calls_above(self, symbol)):
            found.setdefault((above.path, above.name_span.start), (above, []))[1].extend(spans)
        return list(found.values())

    def overridden(self, method: Symbol) -> Symbol | None:
        """What the bases of its class have under the name of a method."""
        if method.kind not in ("function", "method") or method.path not in self.files:
            return None
        for where, owner in self.classes_around(method.path, method.name_span.start):
            return self._inherited(where, owner, method.name, 0)
        return None

    def _meant(self, path: str, at: UseAt, found: Found) -> Symbol | None:
        """The one thing that a use means: imports followed, overloads told apart, a declaration as what it declares.

        None where it may be one of several.
        """
        found = self.chosen(path, at, found)
        if not found or found.how != "resolved":
            return None
        meant = found.symbols[0]
        meant = through(self, path, self.files[path], meant)[0] if meant.path in self.files else meant
        if promises(meant):
            bodies = [one for one, how in alike(self, meant) if how == "resolved" and not promises(one)]
            return bodies[0] if bodies else meant
        return meant

    def chosen(self, path: str, at: UseAt, found: Found) -> Found:
        """Of functions that share a name those that the arguments of a call fit; a guess where that does not tell."""
        groups = overloads(self, found.symbols[0]) if found.how == "resolved" and found.symbols else []
        if len(groups) < 2:
            return found
        kept = fitting(self, groups, path, at)
        one = [next((symbol for symbol in group if not promises(symbol)), group[0]) for group in kept if group]
        return Found(tuple(one), "resolved" if len(one) == 1 else "guessed", found.rule)

    def local_references(self, symbol: Symbol) -> list[Span]:
        """The other places of its own file that name a local variable or a parameter."""
        return [Span(d.start, d.end) for d in self.flow.mentions(symbol.path, symbol.name_span.start)]

    def member(self, holder: Symbol, name: str) -> Symbol | None:
        """What a class, a module or an object of a class has under a name, inherited or its own."""
        found = self._part(holder, name)
        return found.symbols[0] if found else None

    def plain(self, path: str, name: str) -> Found:
        """What a plain name means at the top of a file."""
        return self._plain(path, name, None, 0) if path in self.files else _NOTHING

    def derived(self, owner: Symbol) -> list[Symbol]:
        """The classes that name a class as a base of theirs."""
        found: list[Symbol] = []
        for path in sorted(self.mentioners.get(owner.name, _NO_PATHS)):
            for placed in self.files[path].placed:
                if placed.definition.kind not in CLASSES:
                    continue
                symbol = self.symbol(path, placed)
                for _, base in self.bases(symbol):
                    if base is not None and (base.path, base.name_span) == (owner.path, owner.name_span):
                        found.append(symbol)
        return found

    def bases(self, owner: Symbol) -> tuple[tuple[str, Symbol | None], ...]:
        """(as written, the class where it is known) of each class that a class is derived from."""
        placed = self.placed(owner)
        if placed is None:
            return ()
        found: list[tuple[str, Symbol | None]] = []
        for base in self.files[owner.path].bases(placed):
            meaning = self._base(owner.path, base)
            found.append((base, next((s for s in meaning.symbols if s.kind in CLASSES), None)))
        return tuple(found)

    def uses_in(self, path: str, span: Span) -> Iterator[UseAt]:
        """The uses of names inside a span, in the order of the text."""
        facts = self.files.get(path)
        if facts is None:
            return
        first, last = facts.leaves.meeting(span)
        for index in range(first, last):
            base, item = int(facts.leaves.starts[index]), facts.leaves.facts[index]
            for use in item.uses:
                if span.start <= base + use.start < span.end:
                    yield UseAt(base, use, facts.containers[index], item)

    # ---- rules ------------------------------------------------------------------------------

    def _items_at(self, facts: FileFacts, offset: int) -> Iterator[tuple[int, Facts, int]]:
        """(start, facts, container) of the items around a place, leaves first, then from the inside out."""
        first, last = facts.leaves.meeting(Span(offset, offset))
        for index in range(first, last):
            yield int(facts.leaves.starts[index]), facts.leaves.facts[index], facts.containers[index]
        index = facts.container_of(offset)
        if index < 0 and offset > 0:
            index = facts.container_of(offset - 1)  # right behind the last byte
        while index >= 0:
            shell = facts.shells[index]
            yield shell.start, shell.facts, shell.around
            index = shell.around

    def _container_name(self, facts: FileFacts, index: int) -> str:
        named = facts.named_shell(index)
        return facts.shells[named].facts.definitions[0].name if named >= 0 else ""

    def owner(self, path: str, at: UseAt) -> Symbol | None:
        """The function or class around a use."""
        if at.use.owner >= 0:
            d = at.item.definitions[at.use.owner]
            shells = self.files[path].shells
            head = at.container >= 0 and shells[at.container].facts is at.item  # what stands in the head of a class
            around = shells[at.container].around if head else at.container
            return self.symbol(path, Placed(at.base, d, around, at.item))
        placed = self._shell(path, at.container)
        return self.symbol(path, placed) if placed else None

    def _shell(self, path: str, index: int) -> Placed | None:
        facts = self.files[path]
        named = facts.named_shell(index)
        if named < 0:
            return None
        shell = facts.shells[named]
        return Placed(shell.start, shell.facts.definitions[0], shell.around, shell.facts)

    def _plain(self, path: str, name: str, at: UseAt | None, depth: int) -> Found:
        """A plain name: nested functions around it, the top of its file, its imports."""
        facts = self.files[path]
        if at is not None:
            index = at.use.owner
            while index >= 0:
                for d in at.item.definitions:
                    if d.name == name and d.parent == index and at.item.definitions[index].kind != "class":
                        placed = Placed(at.base, d, at.container, at.item)
                        return Found((self.symbol(path, placed),), "resolved", "defined in the same function")
                index = at.item.definitions[index].parent
            if members := self.implicit(path, name, at.base + at.use.start):
                return Found(tuple(members), "resolved", f"member of {members[0].container}")
        before = at.base if at is not None and at.use.owner < 0 else None
        if placed_all := facts.top.get(name):
            if brought := self.starred(path, name, placed_all[-1].base, before, depth):
                return Found(tuple(brought), "resolved", "imported with *")
            return Found((self.symbol(path, placed_all[-1]),), "resolved", "defined in the same file")
        if depth > _DEPTH:
            return _NOTHING
        for base, found in reversed(facts.imported.get(name, ())):
            if found.name != "*":
                if brought := self.starred(path, name, base, before, depth):
                    return Found(tuple(brought), "resolved", "imported with *")
                return self.import_found(path, facts, found, depth + 1)
        if _settings(facts.language).get("scope", {}).get("shared") == "namespace":
            beside = self._beside(path, name)
            return Found(tuple(beside), "resolved", "in the same namespace or imported with *")
        if brought := self.starred(path, name, depth=depth):
            return Found(tuple(brought), "resolved", "imported with *")
        if depth == 0 and _settings(facts.language).get("scope", {}).get("shared") == "folder":
            beside = [s for other in self._folder_of(path) if other != path for s in self.top_symbols(other, name)]
            return Found(tuple(beside), "resolved", "defined in a file beside")
        return _NOTHING

    def starred(
        self, path: str, name: str, after: int = -1, before: int | None = None, depth: int = 0
    ) -> list[Symbol]:  # fmt: skip
        """What an import of everything brings under a name: the last one, of those between two places of the file.

        after: where the name is bound; where a language does not bind it anew, nothing.
        """
        facts = self.files[path]
        stars = facts.imported.get("", ())
        rules: dict[str, Any] = _settings(facts.language).get("imports", {}) if stars else {}
        if not stars or after >= 0 and not rules.get("rebinds"):
            return []
        hidden = "unseen" in rules and name.startswith(rules["unseen"])
        for base, found in reversed(stars):
            if found.name == "*" and base > after and (before is None or base < before):
                for module in modules(self, path, found.module):
                    listed = self.files[module].listed
                    if module == path or (name not in listed if listed else hidden):
                        continue
                    back = self.files[module].imported.get("", ()) if after >= 0 else ()
                    if any(path in modules(self, module, star.module) for _, star in back):
                        continue  # of two that bring each other everything, who runs first tells
                    if symbols := self._exported(module, name, depth + 1):
                        return list(symbols)
        return []

    def import_found(self, path: str, facts: FileFacts, found: Import, depth: int = 0) -> Found:
        """What an import binds, and how that is known."""
        rules = _settings(facts.language).get("imports", {})
        separator = rules.get("separator", ".")
        if rules.get("style") == "namespace" and found.name != "*":
            space, name = (found.module, found.name) if found.name else found.module.rpartition(separator)[::2]
            if symbols := self._of_space(path, space, name):
                return Found(tuple(symbols), "resolved", "imported")
        if not found.name:
            # `import a.b` binds `a`, `import a.b as c` the module itself
            first = found.module.split(separator)[0]
            whole = found.alias and found.alias != first
            targets = modules(self, path, found.module if whole else first) or modules(self, path, found.module)
            return Found(tuple(self._module_symbol(target) for target in targets), "resolved", "imported")
        if found.name == "*":
            whole = modules(self, path, found.module)
            return Found(tuple(self._module_symbol(target) for target in whole), "resolved", "imported")
        if depth <= _DEPTH:
            for target in modules(self, path, found.module):
                if symbols := self._exported(target, found.name, depth + 1):
                    return Found(symbols, "resolved", "imported")
        glue = "" if found.module.endswith(separator) else separator
        inner = modules(self, path, f"{found.module}{glue}{found.name}")
        return Found(tuple(self._module_symbol(target) for target in inner), "resolved", "imported")

    def _dotted(self, path: str, receiver: str, name: str, at: UseAt) -> Found:
        """`a.b.name`: a module's top, a class's member."""
        first, *rest = receiver.split(".")
        meaning = self._plain(path, first, at, 0)
        for part in (*rest, name):
            if not meaning:
                return _NOTHING
            meaning = self._part(meaning.symbols[0], part)
        return meaning

    def _part(self, holder: Symbol, name: str) -> Found:
        if holder.is_file:
            found = self._plain(holder.path, name, None, 0)
            if found:
                return found
            if inner := submodule(self, holder.path, name):
                return Found((self._module_symbol(inner),), "resolved", "submodule")
        if holder.kind in CLASSES:
            placed = self.placed(holder)
            if placed is not None and (found := self._member(holder.path, placed, name, 0)):
                return Found((found,), "resolved", f"member of {holder.name}")
        return _NOTHING

    def placed(self, symbol: Symbol) -> Placed | None:
        """A symbol's definition among the facts of its file."""
        facts = self.files.get(symbol.path)
        return facts.named_at.get(symbol.name_span.start) if facts is not None else None

    def _member(self, path: str, owner: Placed, name: str, depth: int) -> Symbol | None:
        """A member of a class, its bases in their order."""
        facts = self.files[path]
        if placed := facts.member(owner, name):
            return self.symbol(path, placed)
        for other, at in self.own_members(path, owner.base + owner.definition.name_start, name):
            return self.symbol(other, self.files[other].named_at[at])
        return self._inherited(path, owner, name, depth)

    def _inherited(self, path: str, owner: Placed, name: str, depth: int) -> Symbol | None:
        """A member of a class's bases, in their order."""
        if depth > _DEPTH:
            return None
        for base in self.files[path].bases(owner):
            for symbol in self._base(path, base).symbols:
                above = self.placed(symbol) if symbol.kind in CLASSES else None
                if above is not None and (above.definition is not owner.definition):
                    if found := self._member(symbol.path, above, name, depth + 1):
                        return found
        return None

    def _base(self, path: str, base: str) -> Found:
        """What a base means, as a class of a file writes it."""
        first, *rest = base.split("[")[0].split(".")
        meaning = self._plain(path, first, None, 0)
        language = self.files[path].language
        if not meaning and _settings(language).get("scope", {}).get("shared") == "project":
            named = self.named(first, _MOST_GUESSES)
            seen = [
                s for s in named if s.kind in CLASSES and not s.container and self.files[s.path].language == language
            ]
            meaning = Found(tuple(seen), "resolved", "seen in the whole project") if seen else meaning
        for part in rest:
            meaning = self._part(meaning.symbols[0], part) if meaning else meaning
        return meaning

    def _module_symbol(self, path: str) -> Symbol:
        return file_symbol(path, _stem(path, self.files[path].language))

    def module(self, path: str, name: str) -> str | None:
        """The file that `import name`, written in `path`, means; None where it is not in the graph."""
        return next(iter(modules(self, path, name)), None)

    def tree(self, path: str) -> Tree | None:
        """The tree of a file as the graph knows it; None where its text is not at hand or has changed since."""
        facts = self.files.get(path)
        if facts is None or facts.tree is not None:
            return facts.tree if facts is not None else None
        if (known := _TREES.get(facts)) is None:
            data = self.read(path)
            language = next((one for one in languages() if one.name == facts.language), None)
            if data is None or language is None or digest(data) != facts.digest:
                return None
            known = _TREES[facts] = Tree.parse(language, Document(data))
            _RECENT.append(facts)  # keeps the newest alive
        return known

    @cached_property
    def known_modules(self) -> Known:
        """What names of modules stand for, as far as anybody asked."""
        return Known()

    @cached_property
    def joined(self) -> Joined:
        """Which declarations are of one thing, as far as anybody asked."""
        return Joined()

    @cached_property
    def flow(self) -> Definitions:
        """What expressions stand for, in this version."""
        return Definitions(self, self.tree)

    # ---- for values ---------------------------------------------------------------------------

    @staticmethod
    def settings(language: str) -> dict[str, Any]:
        return _settings(language)

    @staticmethod
    def kin(language: str) -> str:
        """What languages have in common that use one another's names."""
        return _kin(language)

    @staticmethod
    def builtins(language: str) -> frozenset[str]:
        """Names that exist everywhere."""
        known = next((known for known in languages() if known.name == language), None)
        return known.builtins if known is not None else frozenset()

    def top_symbols(self, path: str, name: str) -> list[Symbol]:
        """What a file itself defines at its top under a name."""
        return (
            [self.symbol(path, placed) for placed in self.files[path].top.get(name, ())] if path in self.files else []
        )

    def own_members(self, path: str, at: int, name: str) -> list[tuple[str, int]]:
        """(path, byte of the name) of what a class, whose own name begins at `at`, has under a name itself.

        Its parts elsewhere count: methods that stand outside of it, further blocks of the same class.
        """
        file = self.files.get(path)
        owner = file.named_at.get(at) if file is not None else None
        if file is None or owner is None:
            return []
        if found := file.members_named(owner).get(name):
            return [(path, placed.base + placed.definition.name_start) for placed in found]
        class_name = owner.definition.name
        scope = _settings(file.language).get("scope", {})
        if class_name == scope.get("unnamed"):
            return []
        if owner.definition.kind in OPEN:
            scope = {"partial": True}  # a namespace goes on wherever its name is declared
        places: list[tuple[str, int]] = []
        for other in self._together(path, class_name, scope):
            facts = self.files[other]
            places += [
                (other, placed.base + placed.definition.name_start)
                for placed in facts.by_name.get(name, ())
                if placed.definition.of == class_name
            ]
            for part in facts.by_name.get(class_name, ()):
                if part.definition.kind in CLASSES and (other != path or part != owner):
                    places += [
                        (other, placed.base + placed.definition.name_start)
                        for placed in facts.members_named(part).get(name, ())
                    ]
        return places

    def _together(self, path: str, name: str, scope: dict[str, Any]) -> list[str]:
        """The files over which a class of this name may be spread, this one first."""
        if scope.get("shared") == "folder":
            return [path, *(other for other in self._folder_of(path) if other != path)]
        if scope.get("partial"):
            language = self.files[path].language
            parts = self.definers.get(name, _NO_PATHS)
            return [path, *sorted(p for p in parts if p != path and self.files[p].language == language)]
        return [path]

    def _folder_of(self, path: str) -> list[str]:
        """The files of a folder that are one package with this one."""
        place, file = PurePosixPath(path), self.files[path]
        return sorted(
            other
            for other in self.folders.get(place.parent.name, _NO_PATHS)
            if PurePosixPath(other).parent == place.parent
            and self.files[other].language == file.language
            and self.files[other].spaces == file.spaces
        )

    def classes_around(self, path: str, at: int) -> Iterator[tuple[str, Placed]]:
        """The classes and namespaces that a place is in, the innermost first, with the files that they are in.

        A method that stands outside of its class is in it as well.
        """
        for base, item, container in self._items_at(self.files[path], at):
            for d in reversed(item.definitions):
                if not base + d.start <= at < base + d.end:
                    continue
                if d.kind in CLASSES:
                    yield path, Placed(base, d, container, item)
                if d.of:
                    yield from self._classes_named(path, d.of, 0)

    def _classes_named(self, path: str, name: str, depth: int) -> Iterator[tuple[str, Placed]]:
        """The classes of a name that something says it belongs to, and what those belong to in turn."""
        symbols = self._plain(path, name, None, 0).symbols
        if not symbols:
            symbols = tuple(self.symbol(path, placed) for placed in self.files[path].by_name.get(name, ()))
        for symbol in symbols:
            if symbol.kind in CLASSES and (placed := self.placed(symbol)) is not None:
                yield symbol.path, placed
                if placed.definition.of and depth < _DEPTH:
                    yield from self._classes_named(symbol.path, placed.definition.of, depth + 1)

    def implicit(self, path: str, name: str, at: int) -> list[Symbol]:
        """The member of a class around a place that a plain name means, in languages that see members so."""
        scope = _settings(self.files[path].language).get("scope", {})
        if scope.get("implicit-receiver"):
            for where, owner in self.classes_around(path, at):
                if owner.definition.name == name and owner.definition.kind not in OPEN:
                    return [self.symbol(where, owner)]
                found = self._member(where, owner, name, 0)
                if found is not None and not (found.kind == "method" and found.name == found.container):
                    others = self.files[found.path].by_name.get(name, ())
                    if found.container == scope.get("unnamed") and (mine := self.placed(found)) is not None:
                        others = [one for one in others if one.beside(mine)]
                    alike = [symbol for placed in others if (symbol := self.symbol(found.path, placed)) != found]
                    return [found, *(s for s in alike if s.container == found.container and s.kind == found.kind)]
        return []

    def _beside(self, path: str, name: str) -> list[Symbol]:
        """What a name means in the namespace of a file, then in those that it imports wholly."""
        facts = self.files[path]
        mine = facts.spaces
        if not mine:
            beside = [p for p in self._folder_of(path) if p != path and not self.files[p].spaces]
            if found := [symbol for other in beside for symbol in self.top_symbols(other, name)]:
                return found
        elif _settings(facts.language).get("scope", {}).get("nested-namespaces"):
            separator = _settings(facts.language)["imports"]["separator"]
            parts = [space.split(separator) for space in mine]
            mine = frozenset(separator.join(one[: n + 1]) for one in parts for n in range(len(one)))
        if found := self._in_spaces(path, mine, name):
            return found
        for _, imported in facts.imports:
            if imported.name == "*" and (found := self._of_space(path, imported.module, name)):
                return found
        return []

    def _in_spaces(self, path: str, spaces: frozenset[str], name: str) -> list[Symbol]:
        """What other files that declare one of the namespaces define under a name."""
        language = self.files[path].language
        return [
            symbol
            for other in sorted(self.definers.get(name, _NO_PATHS))
            if other != path and self.files[other].language == language and self.files[other].spaces & spaces
            for symbol in self.top_symbols(other, name)
        ]

    def _of_space(self, path: str, space: str, name: str) -> list[Symbol]:
        """What a namespace has under a name, or else the class that the path leads to."""
        if found := self._in_spaces(path, frozenset((space,)), name):
            return found
        separator = _settings(self.files[path].language)["imports"]["separator"]
        around, _, last = space.rpartition(separator)
        for holder in self._in_spaces(path, frozenset((around,)), last) if around else ():
            if found := self._part(holder, name):
                return list(found.symbols)
        return []

    def outer(self, path: str, name: str, at: int) -> list[Symbol]:
        """What a plain name means that its own file neither binds nor imports by name."""
        facts = self.files[path]
        settings = _settings(facts.language)
        scope = settings.get("scope", {})
        if found := self.implicit(path, name, at):
            return found
        if found := self.top_symbols(path, name):
            return self.starred(path, name, found[-1].name_span.start) or found
        if scope.get("shared") == "namespace":
            return self._beside(path, name)
        if found := self.starred(path, name):
            return found
        if scope.get("shared") == "folder":
            return [s for other in self._folder_of(path) if other != path for s in self.top_symbols(other, name)]
        if scope.get("shared") == "project":
            named = self.named(name, _MOST_GUESSES)
            return [s for s in named if self.files[s.path].language == facts.language and not s.container][:4]
        return []

    def import_symbols(self, path: str, found: Import) -> list[Symbol]:
        """What an import binds, modules included; [] where it is not in the workspace."""
        return list(self.import_found(path, self.files[path], found).symbols)

    def exported(self, path: str, name: str) -> list[Symbol]:
        """What another file gets that imports a name from this one."""
        return list(self._exported(path, name, 0))

    def import_folder(self, path: str, found: Import) -> str:
        """The folder that `import a.b` binds as `a` where `a` has no file of its own; "" where it does not."""
        rules: dict[str, Any] = _settings(self.files[path].language).get("imports", {})
        parts: list[str] = found.module.split(str(rules.get("separator", ".")))
        if found.name or len(parts) < 2 or found.alias != parts[0] or rules.get("style", "dotted") != "dotted":
            return ""
        if modules(self, path, parts[0]):
            return ""
        whole = modules(self, path, found.module)
        if not whole:
            return ""
        place = PurePosixPath(whole[0])
        up = len(parts) - 2 + int(place.stem == rules.get("index"))
        above: list[PurePosixPath] = list(place.parents)
        return str(above[up]) if up < len(above) else ""

    def in_folder(self, folder: str, name: str) -> tuple[str, bool] | None:
        """(path, whether it is a file) of what a package without a file has under a name."""
        for path in self.stems.get(name, _NO_PATHS):
            place = PurePosixPath(path)
            if str(place.parent) in (folder, f"{folder}/{name}"):
                return path, True
        inside = f"{folder}/{name}"
        return (inside, False) if any(p.startswith(f"{inside}/") for p in self.folders.get(name, _NO_PATHS)) else None

    def module_symbols(self, path: str, name: str) -> list[Symbol]:
        """What `module.name` may be, modules included."""
        found = self._exported(path, name, 0)
        if found:
            return list(found)
        inner = submodule(self, path, name)
        return [self._module_symbol(inner)] if inner else []

    def _exported(self, path: str, name: str, depth: int) -> tuple[Symbol, ...]:
        """What another file gets that imports a name from this one."""
        key = (path, name, depth)
        if (known := self._exports_known.get(key)) is None:
            if len(self._exports_known) > _MOST_KNOWN:
                self._exports_known.clear()
            known = self._exports_known[key] = tuple(self._exported_anew(path, name, depth))
        return known

    @cached_property
    def _exports_known(self) -> dict[tuple[str, str, int], tuple[Symbol, ...]]:
        """Headers that include one another are asked for the same name on thousands of ways."""
        return {}

    def _exported_anew(self, path: str, name: str, depth: int) -> Sequence[Symbol]:
        facts = self.files.get(path)
        if facts is None or depth > _DEPTH:
            return []
        for export in facts.exports:
            if export.name == name and export.local != "*":
                if export.module:
                    for target in modules(self, path, export.module):
                        if found := self._exported(target, export.local, depth + 1):
                            return found
                elif found := self.top_symbols(path, export.local):
                    return found
                elif export.local and (meaning := self._plain(path, export.local, None, depth + 1)):
                    return meaning.symbols
                elif found := self._given_away(path, export):
                    return found
            elif export.name == name and export.module:
                return [self._module_symbol(target) for target in modules(self, path, export.module)[:1]]
        if not facts.exports:  # where a language says what it exports, nothing else is
            if found := self._plain(path, name, None, depth + 1).symbols:
                return found
        for export in facts.exports:
            if export.name == "*" and export.module:
                for target in modules(self, path, export.module):
                    if found := self._exported(target, name, depth + 1):
                        return found
        return []

    def _given_away(self, path: str, export: Export) -> list[Symbol]:
        """What is defined where it is exported, and has no name in its own file: `exports.f = function …`."""
        return [
            self.symbol(path, placed)
            for placed in self.files[path].by_name.get(export.local, ())
            if placed.definition.parent < 0 and export in placed.item.exports
        ]


def surest(references: Iterable[Reference]) -> list[Reference]:
    """Resolved ones first."""
    return sorted(references, key=lambda r: r.how != "resolved")


def by_caller(references: Iterable[Reference], *, files: bool = False) -> list[tuple[Symbol, list[Reference]]]:
    """Resolved calls by the function that they are in, most calls first.

    files: a file stands for the calls of it that are in none.
    """
    by: dict[tuple[str, int], tuple[Symbol, list[Reference]]] = {}
    for reference in references:
        within = reference.within or (file_symbol(reference.path) if files else None)
        if reference.call and reference.how == "resolved" and within is not None:
            by.setdefault((within.path, within.span.start if reference.within else -1), (within, []))[1].append(
                reference
            )
    return sorted(by.values(), key=lambda pair: -len(pair[1]))


_RECENT: deque[FileFacts] = deque(maxlen=64)
_TREES: WeakKeyDictionary[FileFacts, Tree] = WeakKeyDictionary()
"""Trees of files that are not open, while somebody still asks."""


def _stem(path: str, language: str) -> str:
    return stem_of(path, _settings(language).get("imports", {}))


def _names(items: list[Facts], which: Literal["defined", "mentioned"]) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    return names.union(*(getattr(item, which) for item in items))


def _moved(index: Index, path: str, facts: FileFacts, gone: frozenset[str], come: frozenset[str], which: str) -> Index:
    if gone == come:
        return index
    changing = index.mutate()
    for name in come - gone:
        changing[name] = changing.get(name, _NO_PATHS).set(path, None)
    left = set(gone - come)
    for _, item, _ in facts if left else ():
        names: frozenset[str] = getattr(item, which)
        if not left.isdisjoint(names):
            left -= names
    for name in left:
        paths = changing.get(name, _NO_PATHS)
        if path in paths:
            paths = paths.delete(path)
            if paths:
                changing[name] = paths
            else:
                del changing[name]
    return changing.finish()


def _more(index: Index, new: dict[str, list[str]]) -> Index:
    changing = index.mutate()
    for name, paths in new.items():
        changing[name] = changing.get(name, _NO_PATHS).update(dict.fromkeys(paths))
    return changing.finish()


def _added(index: Index, name: str, path: str) -> Index:
    return index.set(name, index.get(name, _NO_PATHS).set(path, None))


def _removed(index: Index, name: str, path: str) -> Index:
    paths = index.get(name, _NO_PATHS)
    if path not in paths:
        return index
    paths = paths.delete(path)
    return index.set(name, paths) if paths else index.delete(name)
