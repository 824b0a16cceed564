"""A function, its parameters, and what its body does with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise, takewhile
from typing import Any

from dovetail.graph import Symbol
from dovetail.syntax import Match, Node, Tree
from dovetail.text import Document, Span
from dovetail.world import File, Snapshot

QUERY = "validation"
_PER_PARAMETER = 200
"""Bytes that the guards of one parameter take."""
_NEAR = 240
"""Bytes after the documentation within which a menu speaks of the whole function."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that takes one argument."""

    name: str
    type: str
    """As written, "" where there is none."""
    default: str | None
    optional: bool = False
    """Its declaration says that it may be left out or missing."""


@dataclass(frozen=True, slots=True)
class Use:
    """Something that the body does with a parameter whenever it runs."""

    name: str
    kind: str
    """`divisor`, `argument` …: the capture of the query without `use.`."""
    detail: str
    """What is called, the other operand, the index; "" where there is none."""


@dataclass(frozen=True, slots=True)
class Places:
    """Which argument of a call fills which parameter."""

    at: Mapping[str, int]
    """By name; what is given by name alone is not there."""
    on_object: bool
    """An object stands before the call, and in the list of parameters as well."""


@dataclass(frozen=True)
class Function:
    """What there is to know before anything is derived."""

    symbol: Symbol
    parameters: tuple[Parameter, ...]
    using: Callable[[], list[Use]] = field(repr=False)
    placing: Callable[[], Places] = field(repr=False)
    checked_type: frozenset[str]
    """Parameters whose type the body checks."""
    flexible: frozenset[str]
    """Parameters that the body asks for their type or converts: it takes more than it says."""
    missing: frozenset[str]
    """Parameters that the body lets be missing."""
    checked_value: frozenset[str]
    """Parameters whose value the body refuses in some cases."""
    handled: frozenset[str]
    """Parameters that some condition of the body mentions."""
    conditions: tuple[str, ...]
    """Those conditions, as written."""
    bound: frozenset[str]
    """Every name that the function binds."""
    place: Span
    """Where guards go; what it holds is replaced."""
    before: bytes = b""
    after: bytes = b""
    """What must stand around the guards: line ends, where the body shares a line with its head."""
    indent: str = ""
    unit: str = "    "
    airy: bool = False
    """A blank line stands between the documentation and the first statement."""
    results: tuple[tuple[str, str], ...] = ()
    """(name, type) of each result, where the language fails by what it gives back."""
    returned: tuple[str, ...] = ()
    """What the body gives back somewhere, as written."""
    mute: str = ""
    """Why it cannot say that an argument is wrong; "" where it can."""

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Read when they are asked for: a menu seldom does."""
        return tuple(self.using())

    @cached_property
    def places(self) -> Places:
        """Where its parameters stand in a call."""
        return self.placing()


@dataclass(frozen=True, slots=True)
class NotHere:
    """Why a function cannot be given guards. `reason` is "" where it would only be noise to say so."""

    reason: str = ""


def read(snapshot: Snapshot, path: str, offset: int, most: int | None = None) -> Function | NotHere:
    """The function around a place, or why it is none.

    most: bytes after its documentation that are looked at, which bounds the cost; then the place has to be near
    them. All where None.
    """
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None:
        return NotHere()
    rules = file.language.table(QUERY)
    if rules is None or file.language.query(QUERY) is None:
        return NotHere()
    symbol = snapshot.graph.enclosing(path, offset, ("function",))
    if symbol is None or re.match(rules["skip-names"], symbol.name):
        return NotHere()
    node = file.tree.root.named_descendant_for_byte_range(symbol.span.start, symbol.body)
    while node is not None and (node.start_byte, node.end_byte) != (symbol.span.start, symbol.span.end):
        node = node.parent
    if node is None:
        return NotHere()
    within = None
    if most is not None:
        opening = symbol.body + len(symbol.doc) * 3 // 2
        if offset > opening + _NEAR:
            return NotHere()
        end = opening + most + _PER_PARAMETER * symbol.signature.count(",")
        within = Span(symbol.span.start, min(end, symbol.span.end))
    return _Reader(snapshot, file, file.tree, rules, symbol, node, within).function()


@dataclass
class _Checks:
    """What the conditions of a body say about its parameters."""

    typed: set[str] = field(default_factory=set[str])
    flexible: set[str] = field(default_factory=set[str])
    missing: set[str] = field(default_factory=set[str])
    valued: set[str] = field(default_factory=set[str])
    handled: set[str] = field(default_factory=set[str])
    wholly: set[str] = field(default_factory=set[str])
    conditions: tuple[str, ...] = ()


class _Reader:
    def __init__(
        self,
        snapshot: Snapshot,
        file: File,
        tree: Tree,
        rules: Mapping[str, Any],
        symbol: Symbol,
        node: Node,
        within: Span | None,
    ) -> None:
        self.snapshot, self.file, self.tree, self.rules = snapshot, file, tree, rules
        self.symbol, self.node = symbol, node
        self.document: Document = file.document
        self.within = within
        self.by: dict[str, list[Match]] = {}
        """Matches by what they capture."""
        for match in tree.matches(QUERY, node, within):
            for kind in match:
                self.by.setdefault(kind, []).append(match)

    def function(self) -> Function | NotHere:
        own = next(
            (
                m for m in self.by.get("function", ())
                if m["function"][0] == self.node and m["function.body"][0].start_byte == self.symbol.body
            ),
            None,
        )  # fmt: skip
        if own is None:
            return NotHere()
        if self.node.has_error:
            return NotHere("the function has a syntax error; fix that first")
        head, block = own["function.parameters"][0], own["function.body"][0]
        body = own.get("function.statements", [block])[0]
        decorators = self._decorators()
        if decorators & set(self.rules["skip-decorators"]):
            return NotHere()
        statements = [child for child in body.named_children if not child.is_extra]
        documentation = next(
            (m["documentation"][0] for m in self.by.get("documentation", ()) if m["documentation"][0].parent == body),
            None,
        )
        if documentation is not None:
            statements = statements[1:]
        stubs = {m["stub"][0].id for m in self.by.get("stub", ())}
        if all(statement.id in stubs for statement in statements):
            return NotHere()
        parameters = self._parameters(head, decorators)
        if not parameters:
            return NotHere()
        names = {parameter.name for parameter in parameters}
        results, returned = self._results(), tuple(text(m["returned"][0]) for m in self.by.get("returned", ()))
        mute = self._mute(results) if "fails" in self.rules else ""
        place = self._place(block, documentation, statements)
        if isinstance(place, NotHere):
            return place
        at, before, after, indent, unit, airy = place
        checks = self._checks(names)
        return Function(
            self.symbol, tuple(parameters), partial(self._uses, names, body, at.start),
            partial(self._places, head, decorators),
            frozenset(checks.typed | checks.wholly), frozenset(checks.flexible), frozenset(checks.missing),
            frozenset(checks.valued | checks.wholly), frozenset(checks.handled | checks.wholly),
            checks.conditions, self._bound(names), at, before, after, indent, unit, airy, results, returned, mute,
        )  # fmt: skip

    # ---- the head ---------------------------------------------------------------------------

    def _decorators(self) -> set[str]:
        around = self.node.parent
        assert self.file.language is not None
        if around is None or around.type not in self.file.language.wrappers:
            return set()
        names: set[str] = set()
        for child in around.named_children:
            if child == self.node or child.is_extra:
                continue
            called = text(child).lstrip("@").split("(")[0].strip()
            names |= set(called.split("."))
        return names

    def _parameters(self, head: Node, decorators: set[str]) -> list[Parameter]:
        found: list[tuple[int, Parameter]] = []
        for match in self.by.get("parameter", ()):
            if match["parameter"][0] != head:
                continue
            name = match["parameter.name"][0]
            default = match.get("parameter.default")
            kind = match.get("parameter.type")
            said, value = text(kind[0]) if kind else "", text(default[0]) if default else None
            found.append((name.start_byte, Parameter(text(name), said, value, "parameter.optional" in match)))
        found.sort(key=lambda pair: (pair[0], not pair[1].optional))
        found = list({start: (start, parameter) for start, parameter in reversed(found)}.values())[::-1]
        parameters = [parameter for _, parameter in found]
        if not self.rules.get("receiver-first", False):
            return parameters
        static = decorators & set(self.rules["static-decorators"])
        first = next(iter(head.named_children), None)
        if self.symbol.kind == "method" and not static and parameters and first is not None:
            if first.start_byte == found[0][0] and not parameters[0].type:
                parameters = parameters[1:]
        return parameters

    def _places(self, head: Node, decorators: set[str]) -> Places:
        rules = self.rules["callers"]
        named = {m["parameter.name"][0].start_byte: m["parameter.name"][0] for m in self.by.get("parameter", ())
                 if m["parameter"][0] == head}  # fmt: skip
        if head.named_child_count == 0:
            return Places({text(node): 0 for node in named.values()}, on_object=False)
        static = decorators & set(self.rules.get("static-decorators", ()))
        first = self.rules.get("receiver-first", False) and self.symbol.kind == "method" and not static
        at: dict[str, int] = {}
        on_object, place = bool(first), -1 if first else 0
        for child in head.named_children:
            if child.is_extra:
                continue
            said = text(child)
            if re.match(rules.get("by-name", "(?!)"), said):
                break
            if re.match(rules.get("no-argument", "(?!)"), said):
                on_object = on_object or place == 0
                continue
            together = child.children_by_field_name("name") or [child]
            inside = [node for start, node in sorted(named.items()) if child.start_byte <= start < child.end_byte]
            for number, node in enumerate(inside):
                at[text(node)] = place + number
            place += max(len(together), 1)
        return Places(at, on_object)

    def _results(self) -> tuple[tuple[str, str], ...]:
        found: list[tuple[int, str, str]] = []
        for match in self.by.get("result", ()):
            node = match["result"][0]
            if node.end_byte <= self.symbol.body:
                name = match.get("result.name", [node])[0]
                found.append((name.start_byte, text(name) if name != node else "", text(node)))
        return tuple((name, said) for _, name, said in sorted(found))

    def _mute(self, results: tuple[tuple[str, str], ...]) -> str:
        """Why the function cannot say that an argument is wrong: by its last result, or as the file does elsewhere."""
        fails, name = self.rules["fails"], self.symbol.name
        if results and results[-1][1] == fails["result"]:
            imported = self.snapshot.graph.files[self.symbol.path].imported.keys()
            needed = " nor ".join(fails["imported"])
            said = f"{name} gives back an {fails['result']}, and this file imports neither {needed} to make one"
            return said if imported.isdisjoint(fails["imported"]) else ""
        said = f"{name} gives back no {fails['result']}, and nothing in this file calls {fails['else']})"
        return "" if fails["else"].encode() in self.document.data else f"{said}: there is no way to refuse an argument"

    # ---- where guards go --------------------------------------------------------------------

    def _place(
        self, body: Node, documentation: Node | None, statements: list[Node]
    ) -> tuple[Span, bytes, bytes, str, str, bool] | NotHere:
        document = self.document
        newline = document.newline()
        head_line = document.line_at(self.node.start_byte)
        outer = _leading(document, head_line)
        first = statements[0]
        line = document.line_at(first.start_byte)
        if document.text(Span(document.start_of(line), first.start_byte)).strip():
            if documentation is not None:
                return NotHere("the documentation and the code share a line; break it first")
            if document.slice(Span(self.node.start_byte, self.node.end_byte)).count(b"\n"):
                return NotHere("the body begins on the line of the signature; break it first")
            unit = self._unit(outer)
            indent = outer + unit
            if _bracketed(body):
                inside = Span(body.start_byte + 1, body.end_byte - 1)
                rest = indent.encode() + document.slice(inside).strip() + newline + outer.encode()
                return inside, newline, rest, indent, unit, False
            start = first.start_byte
            while document.data[start - 1 : start] in (b" ", b"\t"):
                start -= 1
            return Span(start, first.start_byte), newline, indent.encode(), indent, unit, False
        indent = _leading(document, line)
        if not _of(indent, outer):
            indent = outer + self._unit(outer)  # the line of a preprocessor stands at the margin
        step = _of(indent, outer) or self._unit(outer)
        guards = {m["guard"][0].id for m in self.by.get("guard", ())}
        leading = [s for s, _ in takewhile(lambda pair: pair[0].id in guards, pairwise(statements))]
        if leading:
            start = document.start_of(document.line_at(leading[-1].end_byte - 1) + 1)
            if not document.text(Span(leading[-1].end_byte, start)).strip():
                return Span(start, start), b"", b"", indent, step, False
        above = self._head_end(body)
        if documentation is not None:
            above = document.line_at(documentation.end_byte - 1)
        if documentation is not None:
            rest = document.text(Span(documentation.end_byte, document.line(above).end)).strip()
            if rest and not rest.startswith(self._comment):
                return NotHere("the documentation and the code share a line; break it first")
        comment = re.compile(self.rules.get("first-comment", "(?!)"))
        at, airy = above + 1, False
        while at < line and (not self._line(at) or comment.match(self._line(at))):
            airy = airy or (documentation is not None and not self._line(at))
            at += 1
        start = document.start_of(at)
        return Span(start, start), b"", b"", indent, step, airy

    def _head_end(self, body: Node) -> int:
        """The line on which the signature ends: that of the last token before the body or a comment."""
        if _bracketed(body):
            return self.document.line_at(body.start_byte)
        previous = body.prev_sibling
        while previous is not None and previous.is_extra:
            previous = previous.prev_sibling
        end = previous.end_byte if previous is not None else self.node.start_byte
        return self.document.line_at(max(end - 1, 0))

    @property
    def _comment(self) -> str:
        assert self.file.language is not None
        return str(self.file.language.settings["comment"]).strip()

    def _line(self, number: int) -> str:
        return self.document.text(self.document.line(number)).strip()

    def _unit(self, outer: str) -> str:
        """One step of indentation: what the first indented line of the file shows."""
        if outer.startswith("\t"):
            return "\t"
        for number in range(min(self.document.lines, 400)):
            leading = _leading(self.document, number)
            if leading.startswith("\t") and self._line(number):
                return "\t"
            if len(leading) in (2, 3, 4, 8) and self._line(number):
                return leading  # one blank alone is a comment's
        return "    "

    # ---- the body ---------------------------------------------------------------------------

    def _uses(self, names: set[str], body: Node, place: int) -> list[Use]:
        """What the body does with its parameters whenever it runs; the checks above the place are passed by then."""
        used = [
            (match, kind, name)
            for kind, matches in self.by.items()
            if kind.startswith("use.")
            for match in matches
            if (name := text(match[kind][0])) in names
        ]
        if not used:
            return []
        used.sort(key=lambda each: each[0][each[1]][0].start_byte)
        leaves = [at for m in self.by.get("leaves", ()) if (at := m["leaves"][0].start_byte) >= place]
        assigned: dict[str, int] = {}
        for match in self.by.get("assigned", ()):
            for node in match["assigned"]:
                name = text(node)
                assigned[name] = min(assigned.get(name, node.start_byte), node.start_byte)
        uses: list[Use] = []
        for match, kind, name in used:
            node = match[kind][0]
            if assigned.get(name, node.start_byte + 1) <= node.start_byte:
                continue
            top = self._always(node, body)
            if top is None or any(leaf < top.start_byte for leaf in leaves):
                continue
            detail = next((text(match[k][0]) for k in _DETAILS if k in match), "")
            if detail in names and assigned.get(detail, node.start_byte + 1) <= node.start_byte:
                continue
            uses.append(Use(name, kind.removeprefix("use."), detail))
        return uses

    def _always(self, node: Node, body: Node) -> Node | None:
        """The statement of the body that holds a node which runs whenever the statement is reached."""
        conditional: Mapping[str, list[str]] = self.rules["conditional"]
        child = node
        while (around := child.parent) is not None and around != body:
            if around.type in conditional:
                always = [around.child_by_field_name(field) for field in conditional[around.type]]
                if child not in always:
                    return None
            child = around
        if around != body:
            return None
        skips: str = self.rules.get("skips", "")
        if skips and re.search(skips, self.document.text(Span(child.start_byte, node.start_byte))):
            return None  # some sign before it may leave it out
        return child

    def _checks(self, names: set[str]) -> _Checks:
        found = _Checks()
        kinds = ("checked", "handled", "handled.type", "handled.missing", "handled.call")
        nodes = {kind: [n for match in self.by.get(kind, ()) for n in match[kind]] for kind in kinds}
        for match in self.by.get("checked.wholly", ()):
            found.wholly |= {text(n) for n in match["checked.wholly"]} & names
        refusing = [(n.start_byte, n.end_byte) for n in nodes["checked"]]
        special: set[int] = set()
        nowhere: set[str] = set()
        for kind, kept in (
            ("handled.type", found.flexible), ("handled.missing", found.missing), ("handled.call", nowhere)
        ):  # fmt: skip
            for node in nodes[kind]:
                refused = any(start <= node.start_byte < end for start, end in refusing)
                if (refused or kept is not nowhere) and text(node) in names:
                    special.add(node.start_byte)
                    (found.typed if refused else kept).add(text(node))
        conditions: dict[str, None] = {}
        for kind in ("checked", "handled"):
            for condition in nodes[kind]:
                written = text(condition)
                conditions[written] = None
                for node in _identifiers(condition, names) if any(name in written for name in names) else ():
                    found.handled.add(text(node))
                    if kind == "checked" and node.start_byte not in special:
                        found.valued.add(text(node))
        found.conditions = tuple(conditions)
        return found

    def _bound(self, names: set[str]) -> frozenset[str]:
        if self.within is not None:
            return frozenset(names)
        captures = self.tree.captures("locals", self.node, self.within)
        return frozenset(
            text(n) for name in ("bind", "bind.parameter", "bind.outer") for n in captures.get(name, ())
            if n.start_byte != self.symbol.name_span.start
        )  # fmt: skip


_DETAILS = ("called", "method", "dividend", "index", "indexed")
"""Captures that say more of a use."""


def _bracketed(body: Node) -> bool:
    """Whether a body stands in braces of its own, as against lines further in."""
    first, last = body.child(0), body.child(body.child_count - 1)
    return body.child_count > 1 and first is not None and not first.is_named and last is not None and not last.is_named


def text(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def _identifiers(node: Node, names: set[str]) -> list[Node]:
    found: list[Node] = []
    todo = [node]
    while todo:
        current = todo.pop()
        if current.child_count == 0:
            if current.is_named and text(current) in names:
                found.append(current)
        else:
            todo.extend(current.named_children)
    return found


def _leading(document: Document, line: int) -> str:
    whole = document.text(document.line(line))
    return whole[: len(whole) - len(whole.lstrip(" \t\f"))].replace("\f", "")


def _of(indent: str, outer: str) -> str:
    """The step that this very body takes, "" where it shows none."""
    return indent[len(outer) :] if indent.startswith(outer) else ""
