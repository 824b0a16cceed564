"""Documentation as text: put together from its parts, or mended where it no longer matches."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dovetail.features.actions.documentation.style import Style
from dovetail.features.actions.documentation.target import Target, text
from dovetail.graph.documentation import Documented, Part
from dovetail.graph.signature import Parameter
from dovetail.text import Edit, Span

_WIDTH = 88
_LONGEST_TYPE = 40
"""Characters of a type that stay on the line of its name."""
_ORDER = ("generics", "parameters", "returns", "yields", "errors")


@dataclass(frozen=True, slots=True)
class Prose:
    """The words for each part."""

    summary: str
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    result: str = ""
    errors: dict[str, str] = field(default_factory=dict[str, str])
    generics: dict[str, str] = field(default_factory=dict[str, str])


def composed(target: Target, style: Style, prose: Prose, indent: str) -> list[str]:
    """The lines of new documentation, without their indentation."""
    width = max(_WIDTH - len(indent.expandtabs(4)), 40)
    opening = len(target.rules["write"]["opens"])
    summary = prose.summary
    if not re.match(rf"{re.escape(target.symbol.name)}\b", summary):
        first, _, rest = summary.partition(" ")
        lower = f"{first[:1].lower()}{first[1:]}" if first[1:].islower() else first
        form = target.rules["write"].get("summary", "{summary}")
        summary = form.format(summary=summary, name=target.symbol.name, lower=f"{lower} {rest}".rstrip())
    lines = textwrap.wrap(summary, width - opening, break_long_words=False, break_on_hyphens=False)
    for kind in _ORDER:
        lines += _part(kind, target, style, prose, width, bool(lines))
    return lines


def inserted(target: Target, style: Style, lines: Sequence[str]) -> Edit | str:
    """The edit that puts documentation where there is none, or why it cannot be done."""
    write, document = target.rules["write"], target.document
    newline = document.newline().decode()
    if write["place"] == "above":
        return _above(target, lines, newline)
    body = target.node.child_by_field_name("body")
    if body is None:
        return "there is no body to write into"
    statements = [child for child in body.named_children if not child.is_extra]
    if not statements:
        return "there is no body to write into"
    head = first = statements[0]
    # what only stands where a body must be is not needed any more
    instead = len(statements) == 1 and text(first) in write["placeholders"]
    while (before := head.prev_sibling or (head.parent if head.parent != target.node else None)) is not None:
        head = before
        if not head.is_extra and head.end_byte <= first.start_byte:
            break
    at_line = document.line_at(first.start_byte)
    if document.line_at(head.end_byte) == at_line:
        outer = document.indentation(document.line_at(target.node.start_byte))
        indent = outer + ("\t" if outer.startswith("\t") else "    ")
        place = Span(head.end_byte, first.end_byte if instead else first.start_byte)
        new = newline + _quoted(target, style, lines, indent, newline) + (newline + indent) * (not instead)
        return Edit(place, new.encode())
    indent = document.indentation(at_line)
    if instead:
        new = _quoted(target, style, lines, indent, newline).removeprefix(indent)
        return Edit(Span(first.start_byte, first.end_byte), new.encode())
    start = document.start_of(document.line_at(head.end_byte) + 1)
    return Edit(Span(start, start), (_quoted(target, style, lines, indent, newline) + newline).encode())


def _above(target: Target, lines: Sequence[str], newline: str) -> Edit | str:
    """The edit that puts a comment over the whole statement, what wraps it and what decorates it included."""
    write, document, node = target.rules["write"], target.document, target.node
    if write["never"] and any(write["never"] in line for line in lines):
        return f"its words hold {write['never']}, which ends a comment"
    around = {*write["around"], *target.language.wrappers}
    while (outer := node.parent) is not None and outer.type in around:
        others = [child for child in outer.named_children if not child.is_extra and child.type not in write["before"]]
        if others != [node]:
            return "it is declared together with something else"
        node = outer
    start = node.start_byte
    while (before := node.prev_sibling) is not None and before.type in write["before"]:
        node, start = before, before.start_byte
    first = document.start_of(document.line_at(start))
    indent = document.text(Span(first, start))
    if indent.strip():
        return "something else stands before it on its line"
    if len(lines) == 1:
        written = [write["one"].format(text=lines[0])]
    else:
        written = [write["opens"], *(f"{write['line']}{line}".rstrip() for line in lines), write["closes"]]
        written = [line for line in written if line]  # comments of single lines have no ends
    return Edit(Span(first, first), "".join(f"{indent}{line}{newline}" for line in written).encode())


def mended(target: Target, style: Style, prose: Prose, documented: Documented) -> Edit | str:
    """The edit that takes out what is gone and puts in what is missing, or why it cannot be done."""
    nodes = [
        n for m in target.tree.matches("tags", target.node) if "documents" in m
        and m["documents"][0].start_byte == target.symbol.body for n in m["doc"]
    ]  # fmt: skip
    if len(nodes) != 1:
        return "its documentation is put together from several texts"
    content = text(nodes[0])
    source = [line.removesuffix("\r") for line in content.split("\n")]
    lead = next((n for n, line in enumerate(source) if line.strip()), 0)
    indent = target.document.indentation(target.document.line_at(nodes[0].end_byte))
    width = max(_WIDTH - len(indent.expandtabs(4)), 40)
    lines: list[str | None] = list(source[lead:])
    after: dict[int, list[str]] = {}

    names = [parameter.name for parameter in target.written.parameters]
    gone = [name for name in documented.parameters if name not in names]
    for name in gone:
        said = documented.parameters[name]
        if not said.alone:
            return f"one entry documents {name} together with others"
        _drop(lines, said.first, said.last)
    section = documented.part("parameters")
    if section is not None and section.form != "field" and set(documented.parameters) <= set(gone) and not names:
        _drop_part(lines, section)
    here = -1
    for parameter in target.written.parameters:
        known = documented.parameters.get(parameter.name)
        if known is not None:
            here = known.last
        elif section is not None and documented.parameters and not (here < 0 and section.form == "field"):
            at = here if here >= 0 else section.opens - 1
            after.setdefault(at, []).extend(_entry("parameters", parameter, target, style, prose, width))
        elif section is not None:
            after.setdefault(section.first - 1, []).extend(_entry("parameters", parameter, target, style, prose, width))
    for kind in ("returns", "yields"):
        part = documented.part(kind)
        unsaid = kind != target.result and not target.stub and not target.written.returns
        nothing = kind == "returns" and target.written.returns in target.rules["nothing"]
        if part is not None and (unsaid or nothing):
            _drop_part(lines, part)
    new: list[str] = []
    for number, line in enumerate(lines):
        if line is not None:
            new.append(line)
        new += [f"{indent}{more}".rstrip() for more in after.get(number, ())]
    if len(new) and len(lines) - 1 in after:
        new.append(indent)  # the closing mark gets a line of its own
    while len(new) > 1 and not new[-1].strip() and not new[-2].strip():
        new.pop()
    newline = target.document.newline().decode()
    whole = newline.join([*source[:lead], *new])
    return Edit(Span(nodes[0].start_byte, nodes[0].end_byte), whole.encode())


def _drop(lines: list[str | None], first: int, last: int) -> None:
    for number in range(first, last + 1):
        lines[number] = None


def _drop_part(lines: list[str | None], part: Part) -> None:
    _drop(lines, part.first, part.last)
    above = part.first - 1
    if part.form != "field" and above > 0 and lines[above] is not None and not (lines[above] or "").strip():
        lines[above] = None


def _part(kind: str, target: Target, style: Style, prose: Prose, width: int, spaced: bool) -> list[str]:
    row: Any = style.rules.get(kind)
    if row is None:
        return []
    lines: list[str] = []
    if kind == "parameters":
        for parameter in target.written.parameters:
            lines += _entry(kind, parameter, target, style, prose, width)
    elif kind in ("errors", "generics"):
        for name in prose.errors if kind == "errors" else prose.generics:
            lines += _entry(kind, name, target, style, prose, width)
    elif kind == target.result:
        lines += _entry(kind, None, target, style, prose, width)
    if not lines:
        return []
    blank = [""] if spaced and (style.rules["form"] != "field" or kind == _first_kind(target, style, prose)) else []
    return [*blank, *row["head"], *lines]


def _first_kind(target: Target, style: Style, prose: Prose) -> str:
    if prose.generics and "generics" in style.rules:
        return "generics"
    if target.written.parameters:
        return "parameters"
    return target.result or ("errors" if prose.errors else "")


def _entry(
    kind: str, what: Parameter | str | None, target: Target, style: Style, prose: Prose, width: int
) -> list[str]:
    row: Any = style.rules[kind]
    step: str = style.rules["step"]
    optional = said_type = name = ""
    if isinstance(what, Parameter):
        name = target.rules["words"]["marks"].get(what.passed, "") + what.name
        said_type, said = what.type, prose.parameters[what.name]
        optional = target.rules["words"]["optional"] if what.default is not None else ""
    elif isinstance(what, str):
        name, said = what, (prose.errors if kind == "errors" else prose.generics)[what]
    else:
        said_type, said = target.written.returns, prose.result
    typed = 0 < len(said_type) <= _LONGEST_TYPE and (style.typed or row.get("always", False)) and "typed" in row
    written = row["typed" if typed else "entry"].format(name=name, type=said_type, optional=optional, text=said, i=step)
    more = row["more"].format(i=step)
    lines: list[str] = []
    for line in written.split("\n"):
        lead = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line, width, subsequent_indent=more if line.strip() != said or not lead else lead,
            break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
        )  # fmt: skip
    return lines


def _quoted(target: Target, style: Style, lines: Sequence[str], indent: str, newline: str) -> str:
    write = target.rules["write"]
    opens, closes = write["opens"], write["closes"]
    if any(write["raw"][0] in line for line in lines):
        opens = write["raw"][1] + opens
    if len(lines) == 1:
        return f"{indent}{opens}{lines[0]}{closes}"
    first = [f"{indent}{opens}", f"{indent}{lines[0]}"] if style.below else [f"{indent}{opens}{lines[0]}"]
    rest = [f"{indent}{line}".rstrip() for line in lines[1:]]
    return newline.join([*first, *rest, f"{indent}{closes}"])
