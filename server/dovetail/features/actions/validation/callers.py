"""What the calls of a function give its parameters.

What a call that the graph knows gives is something that goes on today, so nothing of it is refused. A call that a test
expects to fail says the contrary. Where every call is known and all give the same, that is a reason to ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.features.actions.validation.reading import QUERY, Function, text
from dovetail.features.actions.validation.types import literal_type
from dovetail.features.kin import owner_of, relatives, same_symbol, use_at
from dovetail.graph import Graph, Reference, Symbol
from dovetail.graph.calls import decorators, language_of, once
from dovetail.graph.modules import shared_folders
from dovetail.graph.references import References
from dovetail.graph.values import shapes
from dovetail.model.ask import Checked, Steps
from dovetail.syntax import Match, Node, Tree
from dovetail.text import Span
from dovetail.world import Snapshot

_CALLS = 64
"""Calls that are read, the nearest first."""
_GLANCED = 4
"""Calls that a menu reads."""
_PLACES = 2_000
"""Places that are looked for."""
_PARSED = 200
"""Files whose text is read to know what an object is."""
_FILES = 40
"""Files that are not open whose text is read for the calls in them."""
_BLOCK = re.compile(r"(^|_)block$|^compound_statement$|^statement_list$")
"""Nodes whose children are statements."""
_DOES = re.compile(r"argument|call|invocation|member|attribute|field|subscript|index|element|binary|compar|operator")
"""Nodes that do something with what is in them."""
_SETS = rb"(?![\w$])\s*(?::[^=\n;,(){}]*)?(?:(?:\+|-|\*\*?|//?|%|&&?|\|\|?|\^|<<|>>>?|\?\?|:)?=(?![=>])|\+\+|--)"
"""What stands behind a name that is given a value."""
_LONGEST = 60
"""Characters of a call that are shown."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one call gives one parameter."""

    name: str
    """The parameter."""
    written: str
    """As the call has it; "" where it leaves it out."""
    value: str
    """The literal that it is or stands for; "" where nobody can tell."""
    type: str
    """What it is of, "" where nobody can tell."""
    empty: bool
    call: str
    where: str
    """`app.py:12`."""
    errors: tuple[str, ...] | None = None
    """A test expects one of these errors of the call, any where it is empty; None: the call is to go on."""
    worded: bool = False
    """It expects words of its own."""

    @property
    def says(self) -> str:
        """For a person."""
        left = f"passes {_short(self.written)}" if self.written else f"leaves {self.name} out"
        return f"`{_short(self.call)}` in {self.where} {left}"


@dataclass(frozen=True, slots=True)
class Callers:
    """What is known of the calls of a function."""

    given: tuple[Given, ...] = ()
    calls: int = 0
    """How many were read."""
    all: bool = False
    """There are no others in the project."""
    more: bool = False
    """There are others, further away."""

    def of(self, name: str) -> list[Given]:
        """What a parameter is given."""
        return [one for one in self.given if one.name == name]


NONE = Callers()


def callers(snapshot: Snapshot, function: Function) -> Steps[Callers]:
    """What the calls that the graph knows for certain give; nothing where something may stand between.

    Asks nobody; it only lets others go first, file after file.
    """
    graph, symbol = snapshot.graph, function.symbol
    language = language_of(graph, symbol.path)
    rules = language.table(QUERY) if language is not None else None
    if language is None or rules is None or not once(graph, symbol):
        return NONE
    plain = {*language.settings.get("plain-decorators", ()), *rules.get("static-decorators", ())}
    modules = {found.alias for _, found in graph.files[symbol.path].imports if not found.name}
    if not decorators(graph, symbol) - modules <= plain:
        return NONE
    return (yield from _Reading(snapshot, function, rules).callers())


def at_hand(snapshot: Snapshot, function: Function) -> bool:
    """Whether all that may call a function is so little, and so near, that a menu can read it."""
    graph, symbol = snapshot.graph, function.symbol
    if symbol.kind != "function" or all(parameter.type for parameter in function.parameters):
        return False
    files = [graph.files[path] for path in graph.mentioners.get(symbol.name, ())]
    if len(files) > _GLANCED or any(facts.tree is None for facts in files):
        return False
    if any(symbol.name in (one.local, one.name) and one.local != one.name for facts in files for one in facts.exports):
        return False  # who takes it calls it something else
    if any(one.name == symbol.name != one.alias for facts in files for _, one in facts.imports):
        return False
    return sum(len(facts.uses_by_name.get(symbol.name, ())) for facts in files) <= _GLANCED


class _Reading:
    def __init__(self, snapshot: Snapshot, function: Function, rules: Mapping[str, Any]) -> None:
        self.snapshot, self.function, self.rules = snapshot, function, rules
        self.graph: Graph = snapshot.graph
        self.symbol = function.symbol
        self.own: Mapping[str, Any] = rules["callers"]
        self.all = True
        self.more = False
        self.opened: set[str] = set()
        """Files that are not open whose text was read for the calls in them."""

    def callers(self) -> Steps[Callers]:
        given: list[Given] = []
        calls, last = 0, ""
        for place in (yield from self._places(self._targets())):
            if calls == _CALLS:
                self.more = True
                break
            if place.path != last:
                last = place.path
                yield Checked("callers")
            found = self._read(place)
            if found is None:
                self.all = False
            else:
                calls += 1
                given += found
        return Callers(tuple(given), calls, self.all and not self.more, self.more)

    # ---- where it is called -----------------------------------------------------------------

    def _targets(self) -> list[Symbol]:
        """What is named where it is called: itself and what it overrides; its class, and those derived, of a maker."""
        graph, symbol = self.graph, self.symbol
        language = language_of(graph, symbol.path)
        assert language is not None
        if symbol.kind != "method":
            return [symbol]
        if symbol.name not in (language.settings.get("maker"), self.own.get("maker"), symbol.container):
            kin, unknown = relatives(self.snapshot, symbol)
            self.all = self.all and not unknown and len(kin) == 1
            return [symbol, *(one for one in kin if not same_symbol(one, symbol))]
        owner = owner_of(self.snapshot, symbol)
        if owner is None:
            return [symbol]
        derived = [one for one in graph.derived(owner) if _makes(graph, one, symbol)]
        return [symbol, owner, *derived]

    def _places(self, targets: Sequence[Symbol]) -> Steps[list[Reference]]:
        """The places that name one of them for certain, the nearest first; whether there may be others."""
        graph, own = self.graph, self.symbol
        found: dict[tuple[str, int], Reference] = {}
        guessed: set[tuple[str, int]] = set()
        for target in targets:
            looking = References(graph, target, parsed=_PARSED)
            for some in looking.by_file():
                for one in some:
                    key = one.path, one.span.start
                    if one.how != "resolved":
                        guessed.add(key)
                    elif not self._brings(one):
                        found[key] = one
                if len(found) > _PLACES:
                    self.more = True
                    break
                yield Checked("callers")
            self.all = self.all and not looking.unread
        self.all = self.all and guessed <= found.keys() and not (yield from self._by_members(targets, found))
        return sorted(
            found.values(),
            key=lambda r: (
                r.path != own.path, r.path not in self.snapshot.files, -shared_folders(r.path, own.path), r.path,
                abs(r.span.start - (own.span.start if r.path == own.path else 0)),
            ),
        )  # fmt: skip

    def _brings(self, place: Reference) -> bool:
        """Whether it is the import that names it there."""
        imports = self.graph.files[place.path].imports
        return not place.call and any(base + i.start <= place.span.start < base + i.end for base, i in imports)

    def _by_members(self, targets: Sequence[Symbol], found: Mapping[tuple[str, int], Reference]) -> Steps[bool]:
        """Whether a function or a class may be reached through an object that nobody knows, as a variable's module."""
        graph = self.graph
        for name in {one.name for one in targets if one.kind != "method"}:
            for path in graph.mentioners.get(name, ()):
                facts = graph.files[path]
                for at in facts.uses_by_name.get(name, ()):
                    if at.use.role not in ("member", "member-call") or (path, at.base + at.use.start) in found:
                        continue
                    if not graph.resolved(path, at) and not (facts.tree is not None and graph.by_value(path, at)):
                        return True
                yield Checked("callers")
        return False

    def _tree(self, path: str) -> Tree | None:
        """The tree of a file; None where there is no time to make it, or its text is not at hand."""
        if self.graph.files[path].tree is None and path not in self.opened:
            if len(self.opened) >= _FILES:
                self.more = True
                return None
            self.opened.add(path)
        return self.graph.tree(path)

    # ---- what is given ----------------------------------------------------------------------

    def _read(self, place: Reference) -> list[Given] | None:
        """What one call gives; None where that cannot be told."""
        tree, callee = self._tree(place.path), place.span
        if tree is None:
            return None
        start = callee.start
        around = [match for _, match in tree.numbered("calls", "callers", tree.root, callee)]
        expected = [m for m in around if "expects" in m and _holds(m["expects"][0], callee)]
        handed = next((m for m in expected if "handed" in m and m["handed"][0].start_byte == start), None)
        if handed is not None:
            call, arguments = handed["expects"][0].parent, _after(handed["expects"][0], handed["handed"][0])
            inside = handed["expects"][0]
        else:
            # in a macro nothing is known to be a call
            own = next((m for m in around if "call" in m and m["callee"][0].start_byte == start), None)
            if own is None or not place.call:
                return None
            call, inside = own["call"][0], next(iter(own.get("arguments", ())), None)
            arguments = [n for n in inside.named_children if not n.is_extra] if inside else own.get("one", [])
            if self.function.places.on_object and self._of_class(place, own["callee"][0]):
                return None
        if call is None or call.has_error:
            return None
        within = [m for _, m in tree.numbered("calls", "callers", inside)] if inside is not None else []
        line = tree.bytes_of(0, start).count(b"\n") + 1
        errors, worded = self._expected([m for m in expected if _alone(tree, m["expects"][0], call)])
        told = (text(call), f"{place.path.rsplit('/', 1)[-1]}:{line}", errors, worded)
        return list(self._given(place.path, tree, arguments, within, told))

    def _given(
        self, path: str, tree: Tree, arguments: Sequence[Node], within: Sequence[Match],
        told: tuple[str, str, tuple[str, ...] | None, bool],
    ) -> Iterator[Given]:  # fmt: skip
        call, where, errors, worded = told
        own = {node.id: node for node in arguments}
        spread = {n.id for m in within for n in m.get("spread", ())}
        by_mapping = any(n.id in own for m in within for n in m.get("spread.named", ()))
        names: dict[int, tuple[str, Node]] = {}
        for match in within:
            for name in match.get("named", ()):
                around = name.parent
                if around is not None and around.id in own:
                    names[around.id] = text(name), [n for n in around.named_children if not n.is_extra][-1]
        named = dict(names.values())
        known: list[Node] = []
        for node in arguments:
            if node.id in spread:
                break
            if node.id not in names and not any(n.id == node.id for m in within for n in m.get("spread.named", ())):
                known.append(node)
        counted = not by_mapping and not any(node.id in spread for node in arguments)
        kinds = {n.id: key.removeprefix("is.") for m in within for key in m if key.startswith("is.") for n in m[key]}
        for parameter in self.function.parameters:
            place = self.function.places.at.get(parameter.name, -1)
            value = named.get(parameter.name)
            if value is None and 0 <= place < len(known):
                value = known[place]
            if value is not None:
                written, literal, kind, empty = self._value(path, tree, value, kinds)
                yield Given(parameter.name, written, literal, kind, empty, call, where, errors, worded)
            elif counted and (left := parameter.default or self.own.get("left-out", "")):
                kind, empty = self._literal(left) or ("", False)
                yield Given(parameter.name, "", left if kind else "", kind, empty, call, where, errors, worded)
            else:
                yield Given(parameter.name, "", "", "", False, call, where, errors, worded)

    def _value(self, path: str, tree: Tree, node: Node, kinds: Mapping[int, str]) -> tuple[str, str, str, bool]:
        """(as written, the literal, its type, whether it is empty) of an argument."""
        written = text(node)
        literal = written
        while node.named_child_count == 1:
            inner = text(node.named_children[0])
            if inner != literal and (literal[:1], literal[1:-1].strip()) != ("(", inner):
                break
            node, literal = node.named_children[0], inner
        if (known := self._literal(literal)) is None and node.id in kinds:
            return written, "", kinds[node.id], False
        if known is None:
            literal = self._constant(path, Span(node.start_byte, node.end_byte))
            known = self._literal(literal)
        return (written, literal, *known) if known is not None else (written, "", "", False)

    def _literal(self, written: str) -> tuple[str, bool] | None:
        """(type, whether it is empty) of a literal; of what stands in brackets only where there is nothing in them."""
        if written in self.rules["type-words"]["missing"]:
            return written, False
        found = literal_type(written, self.rules)
        return None if found is not None and not found[1] and written[:1] in ("(", "[", "{") else found

    def _constant(self, path: str, span: Span) -> str:
        """The literal that a name stands for which a file gives one value; "" where it is something else."""
        at = next((a for a in self.graph.uses_in(path, span) if a.base + a.use.end == span.end), None)
        if at is None or at.base + at.use.start != span.start:
            return ""
        meant = self.graph.resolved(path, at).symbols
        if len(meant) != 1 or meant[0].kind not in ("variable", "constant") or meant[0].container:
            return ""
        facts = self.graph.files[meant[0].path]
        if len(facts.top.get(meant[0].name, ())) != 1 or any(meant[0].name in item.facts.wide for item in facts.spans):
            return ""
        if self._set_elsewhere(meant[0]):
            return ""
        _, _, value = meant[0].signature.partition("=")
        return value.split("  #")[0].strip(" ;")

    def _set_elsewhere(self, constant: Symbol) -> bool:
        """Whether anything but its definition gives a name a value: in its file, or to a member of what is its file."""
        name = re.escape(constant.name).encode()
        sets = re.compile(rb"(?<![\w.$])(?:" + name + _SETS + rb"|(?:for|as|\+\+|--)\s*\(?" + name + rb"(?![\w$]))")
        if any(match.start() != constant.name_span.start for match in sets.finditer(self._data(constant.path))):
            return True
        sets = re.compile(rb"\.\s*" + name + _SETS)
        return any(
            at.use.role == "member" and sets.search(self._data(path)) is not None
            for path in self.graph.mentioners.get(constant.name, ())
            for at in self.graph.files[path].uses_by_name.get(constant.name, ())
        )

    def _data(self, path: str) -> bytes:
        """The text of a file as far as it is at hand."""
        file = self.snapshot.file(path)
        return file.document.data if file is not None else self.snapshot.texts.get(path, b"")

    def _of_class(self, place: Reference, callee: Node) -> bool:
        """Whether a method is called by its class, so that the object is its first argument."""
        around = callee.parent
        before = around.named_children[0] if around is not None and around.named_child_count > 1 else None
        at = use_at(self.snapshot, place.path, place.span)
        if before is None or before.id == callee.id or at is None or not at.use.receiver:
            return False
        meant = self.graph.at(place.path, before.end_byte).symbols
        by_class = shapes(self.graph.files[self.symbol.path].language).protocol.get("class-method", ())
        if decorators(self.graph, self.symbol) & set(by_class):
            return False
        return any(one.kind == "class" for one in meant)

    # ---- what a test expects ----------------------------------------------------------------

    def _expected(self, expected: Sequence[Match]) -> tuple[tuple[str, ...] | None, bool]:
        """(the errors that a test expects, any where there are none; whether of its own words)."""
        if not expected:
            return None, False
        errors: list[str] = []
        worded = any("said" in match for match in expected)
        for node in (node for match in expected for node in match.get("error", ())):
            names = [part.strip().strip("\\") for part in text(node).strip("()").split(",")]
            plain = all(re.fullmatch(r"[\w.\\:]+", name) for name in names if name)
            errors += [re.split(r"[.\\]", name)[-1] for name in names if name and plain]
            worded = worded or not plain
        return tuple(dict.fromkeys(errors)), worded


def _short(written: str) -> str:
    flat = " ".join(written.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"


def _makes(graph: Graph, derived: Symbol, maker: Symbol) -> bool:
    found = graph.member(derived, maker.name)
    return found is not None and same_symbol(found, maker)


def _alone(tree: Tree, expects: Node, call: Node) -> bool:
    """Whether what is expected can come of nothing but a call: what stands before it calls nothing, and nothing is
    done with what it gives."""
    inner, around = call, call.parent if call.id != expects.id else None
    while around is not None and _holds(expects, Span(around.start_byte, around.end_byte)):
        if _BLOCK.search(around.type) and [n for n in around.named_children if not n.is_extra][-1].id != inner.id:
            return False
        if around.id == expects.id:
            break
        if _DOES.search(around.type):
            return False
        inner, around = around, around.parent
    matches = (match for _, match in tree.numbered("calls", "callers", expects) if "callee" in match)
    spans = [Span(node.start_byte, node.end_byte) for match in matches for node in match.get("call", ())]
    return all(_holds(call, span) or not _holds(expects, span) for span in spans)


def _holds(node: Node, span: Span) -> bool:
    return node.start_byte <= span.start and span.end <= node.end_byte


def _after(arguments: Node, handed: Node) -> list[Node]:
    """What is given to a function that is handed on with its arguments."""
    return [node for node in arguments.named_children if not node.is_extra and node.start_byte >= handed.end_byte]
