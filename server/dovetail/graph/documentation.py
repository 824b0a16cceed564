"""What the documentation of a function says, part by part, and on which lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Form = Literal["section", "underlined", "field"]
"""How a part is written: `Args:` and entries below it, an underlined heading, `:param x:`."""


@dataclass(slots=True)
class Said:
    """What documentation says of one parameter or error."""

    type: str = ""
    text: str = ""
    first: int = 0
    last: int = 0
    """The lines that say it, both included, from 0."""
    alone: bool = True
    """False where one entry speaks of several at once."""
    optional: bool = False
    """It says that the parameter may be left out: `[name]`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section, or one field."""

    kind: str
    """`parameters`, `errors`, `returns`, `yields`, or "" for any other."""
    form: Form
    first: int
    """Its heading; of a field the field itself."""
    opens: int
    """Where what it says begins."""
    last: int
    """Its last line that is not blank, included."""


@dataclass(slots=True)
class Documented:
    """What the documentation of a function says."""

    parameters: dict[str, Said] = field(default_factory=dict[str, Said])
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(error, when)."""
    parts: list[Part] = field(default_factory=list[Part])

    def part(self, kind: str) -> Part | None:
        """The first part of a kind."""
        return next((part for part in self.parts if part.kind == kind), None)


def read_documentation(doc: str, rules: Mapping[str, Any]) -> Documented:
    """Sections (Google, NumPy) and fields (Sphinx, Epytext) of a cleaned documentation text. Not to be changed."""
    global _last  # several rows of one menu ask for the same
    known = _last
    if known is None or known[0] != doc or known[1] is not rules:
        known = _last = (doc, rules, _read(doc, rules))
    return known[2]


_last: tuple[str, Mapping[str, Any], Documented] | None = None


def _read(doc: str, rules: Mapping[str, Any]) -> Documented:
    found = Documented()
    lines = [line.removesuffix("\r") for line in doc.split("\n")]
    titles = {
        title: kind
        for kind in ("parameters", "errors", "returns", "yields")
        for title in rules.get(_TITLES[kind], ())
    }  # fmt: skip
    at = 0
    while at < len(lines):
        line = lines[at]
        heading = re.match(rules["sections"], line) if rules.get("sections") else None
        underlined = heading is not None and at + 1 < len(lines) and re.match(rules["underline"], lines[at + 1])
        if heading and (underlined or heading["colon"]):
            kind = titles.get(heading["title"], "")
            opens = at + (2 if underlined else 1)
            end = _section_end(lines, opens, _indent(line), bool(underlined), rules)
            if kind in ("parameters", "errors"):
                _entries(lines, opens, end, bool(underlined), rules, found, errors=kind == "errors")
            found.parts.append(
                Part(kind, "underlined" if underlined else "section", at, opens, _filled(lines, opens, end))
            )
            at = end
            continue
        at = _field(lines, at, rules, found)
    return found


_TITLES = {
    "parameters": "parameter-titles",
    "errors": "error-titles",
    "returns": "return-titles",
    "yields": "yield-titles",
}


def _filled(lines: list[str], opens: int, end: int) -> int:
    """The last line of a section that says something."""
    while end > opens and not lines[end - 1].strip():
        end -= 1
    return end - 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _section_end(lines: list[str], at: int, indent: int, underlined: bool, rules: Mapping[str, Any]) -> int:
    for number in range(at, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if underlined:
            following = lines[number + 1] if number + 1 < len(lines) else ""
            if re.match(rules["underline"], following) and _indent(line) <= indent:
                return number
        elif _indent(line) <= indent:
            return number
    return len(lines)


def _entries(
    lines: list[str], opens: int, end: int, underlined: bool, rules: Mapping[str, Any], found: Documented, *,
    errors: bool,
) -> None:  # fmt: skip
    filled = [line for line in lines[opens:end] if line.strip()]
    if not filled:
        return
    base = min(_indent(line) for line in filled)
    pattern = rules["entry-underlined"] if underlined else rules["entry"]
    names: list[str] = []
    error = -1
    for number in range(opens, end):
        line = lines[number]
        match = re.match(pattern, line) if line.strip() and _indent(line) == base else None
        if match:
            names = [name.strip().lstrip("*") for name in match["name"].split(",")]
            text = match["text"] if "text" in match.re.groupindex else ""
            if errors:
                found.errors.append((names[0], text))
                error = len(found.errors) - 1
                continue
            for name in names:
                kind = (match["type"] or "").strip()
                found.parameters[name] = Said(kind, text, number, number, len(names) == 1)
        elif errors and error >= 0:
            found.errors[error] = (found.errors[error][0], f"{found.errors[error][1]} {line.strip()}")
        elif not errors:
            for name in names:
                said = found.parameters[name]
                said.text += f" {line.strip()}"
                said.last = number if line.strip() else said.last


def _field(lines: list[str], at: int, rules: Mapping[str, Any], found: Documented) -> int:
    line = lines[at]
    end = at + 1
    while end < len(lines) and lines[end].strip() and not re.match(rules["any-field"], lines[end]):
        end += 1
    more = " ".join(part.strip() for part in lines[at + 1 : end])
    if match := re.match(rules["parameter-field"], line):
        said = found.parameters.setdefault(match["name"], Said(first=at))
        said.text = f"{match['text']} {more}"
        said.type = match["type"] or said.type
        said.optional = bool(match.groupdict().get("optional"))
        said.first, said.last = min(said.first, at), end - 1
        found.parts.append(Part("parameters", "field", at, at, end - 1))
        return end
    if match := re.match(rules["type-field"], line):
        said = found.parameters.setdefault(match["name"], Said(first=at, last=at))
        said.type = match["type"].strip()
        said.last = max(said.last, at)
    elif match := re.match(rules["error-field"], line):
        found.errors.append((match["error"], f"{match['text']} {more}"))
        found.parts.append(Part("errors", "field", at, at, end - 1))
        return end
    elif match := re.match(rules["result-field"], line) if rules.get("result-field") else None:
        kind = "yields" if match["kind"].startswith("y") else "returns"
        found.parts.append(Part(kind, "field", at, at, end - 1))
        return end
    return at + 1
