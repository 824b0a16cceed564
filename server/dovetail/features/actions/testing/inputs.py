"""Arguments that a function may be called with: of examples and calls, of annotations, defaults and its own numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dovetail.features.actions.documentation.target import Target, text
from dovetail.features.actions.testing.literals import kind_of, literal
from dovetail.features.actions.validation.types import split
from dovetail.graph.documentation import read_documentation
from dovetail.graph.signature import Parameter
from dovetail.syntax import Language, Node, Tree
from dovetail.text import Document, Span
from dovetail.world import Snapshot

_CALLS = 60
"""Calls in the project that are looked at."""
_EACH = 9
"""Values of one parameter."""
_MOST = 60


@dataclass(frozen=True, slots=True)
class Input:
    """Arguments by position, as they are written, and where they come from."""

    arguments: tuple[str, ...]
    why: str
    by_model: bool = False
    derived: bool = False
    """Nobody wrote it: it fits what is annotated."""

    @property
    def tuple(self) -> str:
        """As one literal."""
        return f"({', '.join(self.arguments)}{',' if len(self.arguments) == 1 else ''})"


def inputs(snapshot: Snapshot, found: Target, rules: Mapping[str, Any]) -> list[Input]:
    """What it is worth calling the function with, what a person wrote first."""
    listed = [*_examples(found), *islice(_calls(snapshot, found), _CALLS), *derived(found, rules)]
    return list({one.arguments: one for one in reversed(listed)}.values())[::-1][:_MOST]


def written_calls(found: Target, code: str) -> Iterator[tuple[str, ...]]:
    """The literal arguments of each call of the function in a piece of code."""
    tree = Tree.parse(found.language, Document.of(code))
    for match in tree.matches("calls"):
        if "call" in match and "arguments" in match and text(match["callee"][0]) == found.symbol.name:
            given = literal_arguments(match["arguments"][0], found.written.parameters, found.language)
            if given is not None:
                yield given


def literal_arguments(arguments: Node, parameters: Sequence[Parameter], language: Language) -> tuple[str, ...] | None:
    """What a call gives, by position, where all of it is literal and fits; None else."""
    given: list[str] = []
    named: dict[str, str] = {}
    for node in arguments.named_children:
        if node.is_extra:
            continue
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and value is not None:
            named[text(name)] = text(value)
        else:
            given.append(text(node))
    plain = [p for p in parameters if p.passed in ("position", "either")]
    for parameter in plain[len(given) :]:
        if not named:
            break
        if parameter.name in named:
            given.append(named.pop(parameter.name))
        elif parameter.default is not None:
            given.append(parameter.default)
        else:
            return None
    needed = sum(p.needed for p in plain)
    if named or not needed <= len(given) <= len(plain) or not all(literal(one, language) for one in given):
        return None
    return tuple(given)


# ---- what a person wrote ------------------------------------------------------------------------


def _examples(found: Target) -> Iterator[Input]:
    for line in re.findall(r"(?m)^\s*>>> ?(.*)$", found.symbol.doc):
        for arguments in written_calls(found, line):
            yield Input(arguments, "an example in its documentation")


def _calls(snapshot: Snapshot, found: Target) -> Iterator[Input]:
    for reference in snapshot.graph.references(found.symbol, _CALLS, guessed=False):
        opened = snapshot.opened(reference.path) if reference.call else None
        file = opened.files[reference.path] if opened else None
        if file is None or file.tree is None:
            continue
        node: Node | None = file.tree.named_at(reference.span)
        while node is not None and node.child_by_field_name("arguments") is None:
            node = node.parent
        arguments = node.child_by_field_name("arguments") if node is not None else None
        given = (
            literal_arguments(arguments, found.written.parameters, found.language) if arguments is not None else None
        )
        if given is not None:
            yield Input(given, f"a call in {reference.path.rsplit('/', 1)[-1]}")


# ---- what is written about it -------------------------------------------------------------------


def derived(found: Target, rules: Mapping[str, Any]) -> Iterator[Input]:
    """Each parameter's values in turn, then one at a time."""
    values: list[list[str]] = []
    documented = read_documentation(found.symbol.doc, found.rules).parameters
    own, language = _own(found), found.language
    for parameter in found.written.parameters:
        if parameter.passed not in ("position", "either"):
            continue
        said = documented.get(parameter.name)
        written = parameter.type or (said.type if said else "") or _asked(found, parameter, rules)
        mine = list(_values(written, rules, language))
        if parameter.default is not None and literal(parameter.default, language):
            mine = [*(mine or _like(parameter.default, rules, language)), parameter.default]
        if not mine and parameter.needed:
            return
        if not mine:
            break  # a default that is no literal: it is left out, and what follows it
        kinds = {kind_of(one, language) for one in mine}
        mine[1:1] = [one for one in own if kind_of(one, language) in kinds]
        values.append(list(dict.fromkeys(mine))[:_EACH])
    if not values and found.written.parameters and any(p.needed for p in found.written.parameters):
        return
    why = "its annotations, defaults, documentation and body" if values else "that it takes nothing"
    for turn in range(max(map(len, values), default=1)):
        # of one type, but not the same: what is mixed up would not show
        yield Input(tuple(mine[(turn + at) % len(mine)] for at, mine in enumerate(values)), why, derived=True)
    for at, mine in enumerate(values):
        for one in mine:
            rest = [other[number % len(other)] for number, other in enumerate(values)]
            yield Input((*rest[:at], one, *rest[at + 1 :]), why, derived=True)


def _asked(found: Target, parameter: Parameter, rules: Mapping[str, Any]) -> str:
    """The type of which something is asked of a parameter in the body, where the language has nothing better to say;
    of which nothing is asked may be left out."""
    if parameter.default is not None or "asked" not in rules:
        return ""
    body = Span(found.symbol.body, found.symbol.span.end)
    name, inside = re.escape(parameter.name), found.document.text(body)
    told = (type for form, type in rules["asked"] if re.search(form.replace("{p}", name), inside))
    return next(told, rules["left-out"])


def _own(found: Target) -> list[str]:
    """The literals of the body, and the numbers next to them: there it decides."""
    body = found.node.child_by_field_name("body")
    if body is None:
        return []
    own: list[str] = []
    captured = found.tree.captures("annotations", body, Span(body.start_byte, body.end_byte))
    for kind in ("is.int", "is.float", "is.str"):
        for node in captured.get(kind, ())[:6]:
            written = text(node)
            if not literal(written, found.language) or written in found.symbol.doc or len(written) > 20:
                continue
            value = ast.literal_eval(written)
            own.append(repr(value))
            if isinstance(value, int):
                own += [repr(value - 1), repr(value + 1)]
    return list(dict.fromkeys(own))


def _like(default: str, rules: Mapping[str, Any], language: Language) -> list[str]:
    """More of the type of a default."""
    kind = kind_of(default, language)
    return list(_values(kind, rules, language)) if kind != "NoneType" else []


def _values(written: str, rules: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Values of a type as it is annotated; none where it is not known."""
    written = written.strip()
    for form, instead in rules.get("rewritten", ()):
        written = re.sub(form, instead, written)
    if rules.get("literal-types") and literal(written, language) and written not in rules["values"]:
        yield written
        return
    written = written.strip("\"'").strip() if "literal-types" not in rules else written
    members = split(written, "|")
    if len(members) > 1:
        yield from _joined(members, rules, language)
        return
    found = re.fullmatch(r"(?:[\w.]+\.)?(\w+)\s*(?:\[(.*)\])?", written, re.DOTALL)
    if found is None:
        return
    name, inside = rules["same-types"].get(found.group(1), found.group(1)), split(found.group(2) or "", ",")
    forms = rules["forms"]
    if name in forms["literal"]:
        yield from (one for one in inside if literal(one, language))
    elif name in forms["optional"]:
        yield from _joined([*inside, "None"], rules, language)
    elif name in forms["union"]:
        yield from _joined(inside, rules, language)
    elif name in forms["first"]:
        yield from _values(inside[0] if inside else "", rules, language)
    elif name in rules["containers"]:
        yield from _container(name, inside, rules, language)
    else:
        yield from rules["values"].get("none" if name == "None" else name, ())


def _joined(members: Sequence[str], rules: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Some of each member, in turns; nothing where one is not known."""
    each = [list(_values(member, rules, language)) for member in members]
    if all(each):
        for turn in range(max(map(len, each))):
            yield from (values[turn] for values in each if turn < len(values))


def _container(name: str, inside: Sequence[str], rules: Mapping[str, Any], language: Language) -> Iterator[str]:
    if name == "tuple" and inside and inside[-1] != "...":
        each = [list(_values(one, rules, language)) for one in inside]
        if all(each):
            for turn in range(max(map(len, each))):
                items = [values[(turn + at) % len(values)] for at, values in enumerate(each)]
                yield f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        return
    usual = next(iter(rules["values"]))
    first = list(_values(inside[0] if inside else usual, rules, language))
    second = list(_values(inside[1] if len(inside) > 1 and inside[1] != "..." else usual, rules, language))
    if not first or not second:
        return

    def of(values: Sequence[str], at: int) -> str:
        return values[at % len(values)]

    parts = {"a": of(first, 0), "b": of(first, 2), "c": of(first, 3), "k": of(first, 0), "l": of(first, 2)}
    parts |= {"v": of(second, 0), "w": of(second, 2)}
    for template in rules["containers"][name]:
        made = template.format_map(parts)
        if literal(made, language):
            yield made
