"""Guards as text, and the grammar that lets a model choose among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.features.actions.validation.derive import Check
from dovetail.features.actions.validation.habits import Habit
from dovetail.features.actions.validation.reading import Function
from dovetail.features.actions.validation.types import split

_GRAMMAR = 32 << 10
"""Bytes of GBNF above which the model is not asked."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the sequence of guards: a check and every way to write it."""

    check: Check
    texts: tuple[str, ...]
    """One for each plausible kind, the server's own choice first; lines end with `\\n`."""
    kinds: tuple[str, ...]
    """The kind that each text asks for."""

    @property
    def optional(self) -> bool:
        return self.check.confidence != "certain"

    @property
    def open(self) -> bool:
        """Whether there is anything to choose."""
        return self.optional or len(self.texts) > 1


def slots(
    checks: Iterable[Check], function: Function, habit: Habit, rules: Mapping[str, Any], taken: frozenset[str],
    form: str = "", template: str = "",
) -> list[Slot]:  # fmt: skip
    """The checks as text. One that would need a name which means something else here is left out.

    taken: names that the function or the file gives another meaning than the built-in one.
    """
    found: list[Slot] = []
    for check in checks:
        written = {
            text: kind
            for kind in reversed(check.kinds)
            if (text := _guard(check, kind, function, habit, rules, taken, form, template))
        }
        if written:
            found.append(Slot(check, tuple(reversed(written)), tuple(reversed(written.values()))))
    return found


def grammar(slots: Sequence[Slot]) -> str | None:
    """GBNF: the slots in their order, the optional ones left to the model. None where it would be huge."""
    rules: list[str] = []
    for number, slot in enumerate(slots):
        ways = " | ".join(_quoted(text) for text in slot.texts)
        if slot.optional:
            rules.append(f"guard-{number} ::= ({ways})?")
        else:
            rules.append(f"guard-{number} ::= {ways}")
    root = " ".join(f"guard-{number}" for number in range(len(slots)))
    written = "\n".join([f"root ::= {root}", *rules]) + "\n"
    return written if len(written.encode()) <= _GRAMMAR else None


def chosen(slots: Sequence[Slot], answer: str) -> list[int] | None:
    """Which way each slot was written in an answer, -1 where it was left out; None for anything else."""
    rest = answer.replace("\r\n", "\n")
    found: list[int] = []
    for slot in slots:
        way = next((i for i, text in enumerate(slot.texts) if rest.startswith(text)), -1)
        if way >= 0:
            rest = rest[len(slot.texts[way]) :]
        elif not slot.optional:
            return None
        found.append(way)
    return found if not rest.strip() else None


def _guard(
    check: Check, kind: str, function: Function, habit: Habit, rules: Mapping[str, Any], taken: frozenset[str],
    form: str, template: str,
) -> str:  # fmt: skip
    row, templates = rules["kinds"].get(kind), rules["templates"]
    if row is None:
        return ""
    builtin = [name for name in (*row.get("names", ()), *check.types) if name != "type"]
    by_type = row.get("error") == "type-error"
    usual = {"type-error": habit.type_error, "missing-error": habit.missing_error}
    error = check.error if check.error and not by_type else usual.get(row.get("error", ""), habit.value_error)
    if not _declared(error, function, templates):
        error = habit.value_error if _declared(habit.value_error, function, templates) else templates["value-error"]
    if check.errors and not _one_of(error, check.errors, templates):
        error = check.errors[0]
        if not _declared(error, function, templates):
            return ""
    others, fails = "", rules.get("fails")
    if fails is not None and not (function.results and function.results[-1][1] == fails["result"]):
        error, template = fails["else"].rstrip("("), fails["else-template"]
    elif fails is not None and (others := _others(function, fails)) is None:
        return ""
    if taken.intersection(name for name in builtin if "." not in name) or error.split(".")[0] in taken or not error:
        return ""
    values = {
        "p": check.name,
        "q": habit.quote,
        "a": check.a,
        "b": check.b,
        "types": check.types[0] if len(check.types) == 1 else f"({', '.join(check.types)})",
        "said": check.said,
        "choices": ", ".join(_requoted(choice, habit.quote) for choice in check.choices),
    }
    # where each type is asked for in its own way
    asks = [
        rules.get("type-tests", {}).get(one, "").format(p=check.name, type=one, q=habit.quote) for one in check.types
    ]
    if rules.get("type-tests") and not all(asks):
        return ""
    values["asked"], either = templates["and"].join(asks), templates["or"]
    condition = row["fails"].format_map(values)
    compound = either in condition
    if check.missing:
        unless = templates["unless-missing-any" if compound else "unless-missing"]
        condition = unless.format(p=check.name, condition=condition)
    form = rules["messages"].get("by-error", {}).get(error, form or habit.form)
    message = _message(check, row, values, habit, rules["messages"], form, "type" in taken)
    names = {**_steps(function), "condition": condition, "error": error, "message": message, "p": check.name}
    names |= {"others": others, "end": habit.end}
    name = template or habit.template
    name = templates.get("by-error", {}).get(error, name)
    if name not in templates:
        return ""
    written = templates[name].format_map(names)
    if (
        _width(written.split("\n")[0]) > habit.width
        and check.missing
        and compound
        and "unless-missing-wide" in templates
    ):
        whole = templates["unless-missing-wide"]
        inner = row["fails"].format_map(values).replace(either, f"\n{function.indent}{function.unit}{either.lstrip()}")
        names["condition"] = whole.format(p=check.name, condition=inner, **_steps(function))
        written = templates[name].format_map(names)
    if name == "short" and (_width(written.split("\n")[0]) > habit.width):
        name = "guard"
        written = templates[name].format_map(names)
    said = next((line for line in written.split("\n") if message in line), "")
    if name == "guard" and "wide" in templates and _width(said) > habit.width:
        written = templates["wide"].format_map(names)
    return written


def _declared(error: str, function: Function, templates: Mapping[str, Any]) -> bool:
    """Whether an error may leave a function: one of the usual, or one that its head names where it has to."""
    if not templates.get("declared", False):
        return True
    usual = [e for kind in ("type", "value", "missing") for e in templates[f"usual-{kind}-errors"]]
    return error in usual or re.search(rf"\b{re.escape(error)}\b", function.symbol.signature) is not None


def _one_of(error: str, expected: Sequence[str], templates: Mapping[str, Any]) -> bool:
    """Whether what a guard raises is one of the errors that tests expect."""
    raised = templates.get("raises", {}).get(error, error)
    return re.split(r"[.\\]", raised)[-1] in expected


def _others(function: Function, fails: Mapping[str, Any]) -> str | None:
    """What a function gives back beside the error; None where nobody can tell."""
    others: list[str] = []
    for number, (name, said) in enumerate(function.results[:-1]):
        value = next((row["value"] for row in fails["empty"] if re.fullmatch(row["pattern"], said)), "")
        if not value and name and name != "_":
            value = name  # nothing has given it another value yet
        others.append(value or _given_back(function, number, fails["plain"], fails["fine"]))
    return "".join(f"{other}, " for other in others) if all(others) else None


def _given_back(function: Function, number: int, plain: str, fine: str) -> str:
    """What the body gives back in a place when it fails, if that says nothing of its own; "" where it does not."""
    for written in function.returned:
        parts = split(written, ",")
        if len(parts) == len(function.results) and re.fullmatch(plain, parts[number]) and parts[-1] != fine:
            return parts[number]
    return ""


def _width(line: str) -> int:
    return len(line.expandtabs(4))


def _steps(function: Function) -> dict[str, str]:
    return {"i": function.indent, "u": function.unit}


def _message(
    check: Check, row: Mapping[str, Any], values: Mapping[str, str], habit: Habit, rules: Mapping[str, Any],
    form: str, no_type: bool,
) -> str:  # fmt: skip
    other = "'" if habit.quote == '"' else '"'
    said = [_requoted(choice, other) for choice in check.choices]
    plain_words = all(habit.quote not in word[1:-1] and "\\" not in word for word in said)
    must = row["must"].format_map({**values, "choices": ", ".join(said)}) if plain_words else "is not allowed"
    name = f"{habit.name_quote}{check.name}{habit.name_quote}"
    text = f"{name} {must}"
    got = row.get("got", "{p}").format_map(values)
    if form == "plain" or not got or ("type(" in got and no_type) or form not in rules:
        form = "plain"
    for old, new in rules["escapes"].get(form, ()):
        text = text.replace(old, new)
    pattern = f"{form}-name" if form != "plain" and row.get("got-name", False) else form
    if "message" in row:
        return row["message"].format_map({"q": habit.quote, "text": text, "p": check.name})
    return rules[pattern].format(q=habit.quote, text=text, got=got, end="." if habit.period else "")


def _requoted(literal: str, quote: str) -> str:
    """A text literal in other quotes, where that changes nothing else."""
    inner = literal[1:-1]
    if len(literal) > 1 and literal[0] in "\"'" and literal[-1] == literal[0] and not {'"', "'", "\\"} & set(inner):
        return f"{quote}{inner}{quote}"
    return literal


def _quoted(text: str) -> str:
    """A GBNF literal."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(char, char) for char in text) + '"'
