"""Guards as text, and the grammar that lets a model choose among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.features.actions.validation.derive import Check
from dovetail.features.actions.validation.habits import Habit
from dovetail.features.actions.validation.reading import Function

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
    row = rules["kinds"][kind]
    builtin = [name for name in (*row.get("names", ()), *check.types) if name != "type"]
    by_type = row.get("error") == "type-error"
    error = check.error if check.error and not by_type else habit.type_error if by_type else habit.value_error
    if taken.intersection(name for name in builtin if "." not in name) or error in taken:
        return ""
    values = {
        "p": check.name,
        "a": check.a,
        "b": check.b,
        "types": check.types[0] if len(check.types) == 1 else f"({', '.join(check.types)})",
        "said": check.said,
        "choices": ", ".join(_requoted(choice, habit.quote) for choice in check.choices),
    }
    condition = row["fails"].format_map(values)
    compound = " or " in condition
    if check.missing:
        unless = rules["templates"]["unless-missing-any" if compound else "unless-missing"]
        condition = unless.format(p=check.name, condition=condition)
    message = _message(check, row, values, habit, rules["messages"], form or habit.form, "type" in taken)
    names = {**_steps(function), "condition": condition, "error": error, "message": message}
    name = template or habit.template
    written = rules["templates"][name].format_map(names)
    if _width(written.split("\n")[0]) > habit.width and check.missing and compound:
        whole = rules["templates"]["unless-missing-wide"]
        inner = row["fails"].format_map(values).replace(" or ", f"\n{function.indent}{function.unit}or ")
        names["condition"] = whole.format(p=check.name, condition=inner, **_steps(function))
        written = rules["templates"][name].format_map(names)
    if name == "guard" and _width(written.split("\n")[-2]) > habit.width:
        written = rules["templates"]["wide"].format_map(names)
    return written


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
    if form == "plain" or not got or ("type(" in got and no_type):
        form = "plain"
    shown = "f-string" if form == "f-string" else form
    for old, new in rules["escapes"].get(shown, ()):
        text = text.replace(old, new)
    pattern = f"{form}-name" if form != "plain" and got.endswith("__name__") else form
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
