"""What changes where with a signature, and how a language says it: `parameters.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dovetail.graph import Symbol
from dovetail.graph.calls import language_of
from dovetail.graph.scopes import Scopes
from dovetail.graph.signature import Signature
from dovetail.syntax import Language, Node
from dovetail.text import Change, Edit, Span
from dovetail.world import Snapshot

RULES = "parameters"
MOST = 500
"""Calls above which a signature is not changed at once."""
FUNCTIONS = 40
"""Functions that a parameter is handed down through."""
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class New:
    """A parameter to come."""

    name: str
    type: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A place where a function is called."""

    path: str
    at: Span
    """The name that is called."""
    arguments: Node | None
    within: Symbol | None
    signature: Signature | None
    """As it takes its arguments there; None where that is not certain."""
    receiver: bool = False
    """Whether the object is the first of the arguments: a method that is called through its type."""


@dataclass
class Planned:
    """What changes where."""

    snapshot: Snapshot
    """With every file open that the change touches."""
    functions: list[Symbol] = field(default_factory=list[Symbol])
    """In the order of the plan: who is called before who calls."""
    edits: dict[str, list[Edit]] = field(default_factory=dict[str, list[Edit]])
    calls: int = 0
    left: int = 0
    """Calls that stay as they are: the default speaks for them."""
    guesses: dict[Key, set[Key]] = field(default_factory=dict[Key, set[Key]])
    """By function, calls that may mean it, of an object that nobody knows."""
    implied: str = ""
    """A class that makes its base without a word."""
    default: str = ""
    """What the calls get that stay as they are."""
    tops: dict[str, Scopes] = field(default_factory=dict[str, Scopes])
    """What whole files bind, where that was asked for."""

    def put(self, path: str, span: Span, new: str) -> None:
        edit = Edit(span, new.encode("utf-8", "replace"))
        if edit not in self.edits.setdefault(path, []):
            self.edits[path].append(edit)

    def change(self) -> Change:
        return Change({path: tuple(sorted(edits, key=lambda e: e.span)) for path, edits in sorted(self.edits.items())})


def asked(language: Language, text: str) -> New | None:
    """A parameter as a person writes it: `timeout`, `timeout: float = 30`, and as the language does."""
    rules = language.table(RULES)
    for pattern in rules["asked"] if rules else ():
        if (found := re.fullmatch(pattern, text.strip())) is not None and rules is not None:
            return New(f"{rules.get('sigil', '')}{found['name']}", found["type"] or "", found["default"] or "")
    return None


def key_of(symbol: Symbol) -> Key:
    return symbol.path, symbol.name_span.start


def rules_of(plan: Planned, symbol: Symbol) -> Mapping[str, Any]:
    language = language_of(plan.snapshot.graph, symbol.path)
    rules = language.table(RULES) if language else None
    assert rules is not None
    return rules


def open_file(plan: Planned, path: str) -> str:
    opened = plan.snapshot.opened(path)
    if opened is None:
        return f"the text of {path.rsplit('/', 1)[-1]} is not kept in memory; open it and ask again"
    plan.snapshot = opened
    return ""


def may_be_left_out(rules: Mapping[str, Any], new: New) -> bool:
    """Whether calls need not give a parameter."""
    return bool(rules["left-out"]) and (bool(new.default) or "optional" in rules)


def where(plan: Planned, call: Call) -> str:
    """A call, in words."""
    return f"the call in {line_of(plan, call.path, call.at.start)}"


def doubtful(plan: Planned, function: Symbol, of: str) -> str:
    """Calls that may mean a function, in words; "" where there are none."""
    places = plan.guesses.get(key_of(function), ())
    if not places:
        return ""
    path, at = min(places)
    many = f"{len(places)} call{'s' * (len(places) != 1)}"
    line = f" ({line_of(plan, path, at)})" if path in plan.snapshot.files else ""
    return f"{many} of a {function.name} may mean it, of {of}{line}"


def line_of(plan: Planned, path: str, at: int) -> str:
    """A place, in words."""
    return f"{path.rsplit('/', 1)[-1]} line {plan.snapshot.files[path].document.line_at(at) + 1}"
