"""What an annotation allows, as far as it can be asked at run time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Confidence = str
"""`certain`, `likely` or `possible`."""
ORDER = ("certain", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed."""

    checks: tuple[str, ...] = ()
    """What `isinstance` is asked; () where nothing can be asked."""
    said: str = ""
    traits: frozenset[str] = frozenset()
    """`number`, `sized`, `sequence`, `text`, `bool`: what every member is."""
    missing: bool = False
    """The missing value (`None`) is allowed."""
    choices: tuple[str, ...] = ()
    """The literals that are allowed, as written; () where any."""
    callable: bool = False
    confidence: Confidence = "certain"


def allowed(written: str, rules: Mapping[str, Any], origin: Callable[[str], str | None]) -> Allowed | None:
    """What an annotation allows; None where that is not known, or anything is.

    origin: the full name (`typing.Optional`, `int`) of a name as the file writes it; None where it is
    not known or not there at run time.
    """
    written, words = written.strip(), rules["type-words"]
    quoted = re.fullmatch(r"[\"'](.*)[\"']", written, re.DOTALL)
    if quoted and not words.get("literals", False):
        written = quoted.group(1).strip()
    members = split(written, words["union"]) if words["union"] else [written]
    if len(members) > 1:
        return _joined([allowed(member, rules, origin) for member in members])
    if written in words["missing"]:
        return Allowed(missing=True)
    if words.get("literals", False) and literal_type(written, rules) is not None:
        return Allowed(choices=(written,), confidence=words["literals"])
    for pattern in words.get("optional", ()):
        if (optional := re.fullmatch(pattern, written, re.DOTALL)) is not None:
            return _joined([allowed(optional["type"], rules, origin), Allowed(missing=True)])
    for row in rules.get("type-patterns", ()):
        if re.fullmatch(row["pattern"], written, re.DOTALL):
            return _row(rules["types"][row["type"]], written)
    found = re.fullmatch(r"([\w.]+)\s*(?:\[(.*)\])?", written, re.DOTALL)
    if found is None:
        return None
    name, inside = found.group(1), found.group(2)
    full = origin(name)
    if full is None:
        return None
    module, _, last = full.rpartition(".")
    module = rules["type-words"]["modules"].get(module, module)
    full = f"{module}.{last}" if module else last
    arguments = split(inside, ",") if inside else []
    match rules["type-forms"].get(full):
        case "optional":
            return _joined([allowed(inside or "", rules, origin), Allowed(missing=True)])
        case "union":
            return _joined([allowed(argument, rules, origin) for argument in arguments])
        case "first":
            return allowed(arguments[0], rules, origin) if arguments else None
        case "literal":
            return _literals(arguments, rules)
        case _:
            pass
    row = rules["types"].get(rules["same-types"].get(full, full))
    if row is None:
        return None
    known = _row(row, name)
    open_end = rules["fixed"].get(rules["same-types"].get(full, full))
    if open_end and arguments and open_end not in arguments:
        return replace(known, traits=frozenset[str]())  # as many items as the annotation lists
    return known


def _row(row: Mapping[str, Any], name: str) -> Allowed:
    confidence: str = row.get("confidence", "certain")
    traits = frozenset[str](row.get("is", ()))
    if row.get("kind") == "callable":
        return Allowed(traits=traits, callable=True, confidence=confidence)
    # typing.List is written so, but what exists is list
    checks = tuple(name if check == "@" else check for check in row.get("check", ()))
    return Allowed(checks, row.get("said", ""), traits, confidence=confidence)


def literal_type(written: str, rules: Mapping[str, Any]) -> tuple[str, bool] | None:
    """(type, is empty) of a literal; None for what is not one."""
    for row in rules["literals"]:
        if re.fullmatch(row["pattern"], written):
            return row["type"], bool(row.get("empty") and re.fullmatch(row["empty"], written))
    return None


def _literals(arguments: list[str], rules: Mapping[str, Any]) -> Allowed | None:
    missing = [a for a in arguments if a in rules["type-words"]["missing"]]
    choices = tuple(a for a in arguments if a not in missing)
    if not choices or any(literal_type(choice, rules) is None for choice in choices):
        return None
    return Allowed(choices=choices, missing=bool(missing))


def _joined(members: list[Allowed | None]) -> Allowed | None:
    known = [member for member in members if member is not None]
    if len(known) < len(members):
        return None
    missing = any(member.missing for member in known)
    real = [m for m in known if m.checks or m.choices or m.callable or m.traits]
    if len(real) == 1:
        one = real[0]
        return Allowed(one.checks, one.said, one.traits, missing, one.choices, one.callable, one.confidence)
    if not real:
        return Allowed(missing=True) if missing else None
    if all(member.choices for member in real):
        return replace(real[0], choices=tuple(c for member in real for c in member.choices), missing=missing)
    if any(member.choices or member.callable for member in real):
        return None
    checks = tuple(dict.fromkeys(check for member in real for check in member.checks))
    said = list(dict.fromkeys(member.said for member in real))
    if "a number" in said and "an int" in said:
        said.remove("an int")
    words = ", ".join(said[:-1]) + f" or {said[-1]}" if len(said) > 1 else said[0]
    traits = real[0].traits.intersection(*(member.traits for member in real))
    return Allowed(checks, words, traits, missing, confidence=max((m.confidence for m in real), key=ORDER.index))


def split(written: str, mark: str) -> list[str]:
    """Split at a mark outside of brackets and quotes."""
    parts, depth, quote, start = list[str](), 0, "", 0
    for index, char in enumerate(written):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == mark and depth == 0:
            parts.append(written[start:index])
            start = index + 1
    parts.append(written[start:])
    return [part.strip() for part in parts if part.strip()]
