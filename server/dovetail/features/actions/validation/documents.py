"""What documentation says of each parameter, and what of that can be checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Said:
    """What documentation says of one parameter."""

    type: str = ""
    text: str = ""


@dataclass(slots=True)
class Documented:
    """What the documentation of a function says."""

    parameters: dict[str, Said] = field(default_factory=dict[str, Said])
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(error, when)."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that documentation promises of a parameter."""

    kind: str
    a: str
    b: str
    choices: tuple[str, ...]
    error: str
    """The error that is documented for it, "" where none is."""
    confidence: str
    words: str


def read_documentation(doc: str, rules: Mapping[str, Any]) -> Documented:
    """Sections (Google, NumPy) and fields (Sphinx, Epytext) of a cleaned documentation text."""
    found = Documented()
    lines = doc.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        heading = re.match(rules["sections"], line)
        underlined = at + 1 < len(lines) and re.match(rules["underline"], lines[at + 1])
        if heading and (underlined or heading["colon"]):
            title = heading["title"]
            at += 2 if underlined else 1
            end = _section_end(lines, at, _indent(line), bool(underlined), rules)
            if title in rules["parameter-titles"]:
                _entries(lines[at:end], bool(underlined), rules, found, errors=False)
            elif title in rules["error-titles"]:
                _entries(lines[at:end], bool(underlined), rules, found, errors=True)
            at = end
            continue
        at = _field(lines, at, rules, found)
    return found


def promises(name: str, documented: Documented, rules: Mapping[str, Any]) -> list[Promise]:
    """What can be checked of what is said about a parameter. Half-sentences with a condition do not count."""
    found: list[Promise] = []
    said = documented.parameters.get(name)
    if said:
        plain = _unconditional(said.text, rules)
        found += _matched(rules["phrases"], "", plain, "", rules, rules["after"])
    for error, when in documented.errors:
        found += _matched(rules["errors"], name, " ".join(when.split()), error, rules)
    return found


def _matched(
    rows: Sequence[Mapping[str, Any]], name: str, text: str, error: str, rules: Mapping[str, Any], after: str = ""
) -> list[Promise]:
    """The rows that match, earlier ones first; of two that read the same words the earlier.

    after: what may follow the words that were read.
    """
    found: list[Promise] = []
    read: list[tuple[int, int]] = []
    for row in rows:
        pattern = row["pattern"].replace("{number}", rules["number"]).replace("{p}", re.escape(name))
        match = re.search(pattern, text)
        if match and not any(match.start() < end and start < match.end() for start, end in read):
            read.append(match.span())
            follows = row.get("after", after)
            if follows and not (re.match(follows, text[match.end() :]) and _whole(match)):
                continue
            found.append(_promise(row, match, error))
    return found


def _whole(match: re.Match[str]) -> bool:
    """Whether a list of choices is at its end."""
    choices = match.groupdict().get("choices")
    return choices is None or choices.rstrip()[-1:] in ("'", '"', "`")


def _unconditional(text: str, rules: Mapping[str, Any]) -> str:
    """The sentences of a description that hold whatever else is the case."""
    flat = re.sub(rules["harmless"], "", " ".join(text.split()))
    sentences = re.split(rules["sentence"], flat)
    return " ".join(s.strip() for s in sentences if not re.search(rules["condition"], s)).strip()


def _promise(row: Mapping[str, Any], match: re.Match[str], error: str) -> Promise:
    groups = match.groupdict()
    choices = tuple(re.findall(r"\"[\w -]+\"|'[\w -]+'", groups.get("choices") or ""))
    return Promise(
        row["kind"], groups.get("a") or "", groups.get("b") or "", choices, error,
        row.get("confidence", "certain"), match.group().strip(),
    )  # fmt: skip


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


def _entries(lines: list[str], underlined: bool, rules: Mapping[str, Any], found: Documented, *, errors: bool) -> None:
    filled = [line for line in lines if line.strip()]
    if not filled:
        return
    base = min(_indent(line) for line in filled)
    pattern = rules["entry-underlined"] if underlined else rules["entry"]
    names: list[str] = []
    error = -1
    for line in lines:
        match = re.match(pattern, line) if line.strip() and _indent(line) == base else None
        if match:
            names = [name.strip() for name in match["name"].split(",")]
            text = match["text"] if "text" in match.re.groupindex else ""
            if errors:
                found.errors.append((names[0], text))
                error = len(found.errors) - 1
                continue
            for name in names:
                found.parameters[name] = Said((match["type"] or "").strip(), text)
        elif errors and error >= 0:
            found.errors[error] = (found.errors[error][0], f"{found.errors[error][1]} {line.strip()}")
        elif not errors:
            for name in names:
                found.parameters[name].text += f" {line.strip()}"


def _field(lines: list[str], at: int, rules: Mapping[str, Any], found: Documented) -> int:
    line = lines[at]
    end = at + 1
    while end < len(lines) and lines[end].strip() and not re.match(rules["any-field"], lines[end]):
        end += 1
    more = " ".join(part.strip() for part in lines[at + 1 : end])
    if match := re.match(rules["parameter-field"], line):
        said = found.parameters.setdefault(match["name"], Said())
        said.text = f"{match['text']} {more}"
        said.type = match["type"] or said.type
        return end
    if match := re.match(rules["type-field"], line):
        found.parameters.setdefault(match["name"], Said()).type = match["type"].strip()
    elif match := re.match(rules["error-field"], line):
        found.errors.append((match["error"], f"{match['text']} {more}"))
        return end
    return at + 1
