"""“Now the same for the caller”: a sentence that leans on what was done last.

What was done is read from the memory, what is meant from the graph; a model has no part in it. Several that may be
meant are asked back.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dovetail.features.intent import Question
from dovetail.graph import Symbol
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

_MOST = 6
"""Names that a question lists."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done last."""

    action: str
    path: str
    symbol: str
    """The function or class that it was about, with what it is in."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The same action, at another place."""

    action: str
    at: Selection


@cache
def _rules() -> Mapping[str, Any]:
    table: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("intent.toml").read_text("utf-8"))["follow-up"]
    return table


def is_follow_up(sentence: str) -> bool:
    """Whether a sentence says that something is to be done again."""
    return _asked(sentence) is not None


def follow_up(sentence: str, last: Act | None, snapshot: Snapshot, here: Selection) -> FollowUp | Question:
    """What a follow-up comes to, or what has to be said first."""
    what = _asked(sentence)
    if last is None or what is None:
        return Question("the same as what? Nothing that could be done again was done in this project yet")
    if what in _rules()["here"]:
        return FollowUp(last.action, here)
    about = _symbol(snapshot, last.path, last.symbol)
    for row in ("callers", "callees"):
        if re.fullmatch(_rules()[row], what):
            if about is None:
                return Question(f"{last.symbol or 'what it was about'} is not there any more; name the function")
            graph = snapshot.graph
            found = [one for one, _ in (graph.callers(about) if row == "callers" else graph.callees(about))]
            found = [one for one in found if one.kind in ("function", "method") and one != about]
            word = "calls" if row == "callers" else "is called by"
            return _one(last, found, f"nothing that is known {word} {about.name}")
    name = what.strip("`").removesuffix("()")
    same = [one for one in snapshot.graph.symbols(here.path) if name in (one.name, one.qualified)]
    last_name = name.rsplit(".", 1)[-1]
    found = same or [one for one in snapshot.graph.named(last_name, 20) if name in (one.name, one.qualified)]
    return _one(last, found, f"there is no {name} in this project")


def _asked(sentence: str) -> str | None:
    text = " ".join(sentence.replace("’", "'").split()).rstrip(".!?")
    for pattern in _rules()["patterns"]:
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            what = found["what"]
            return what.lower() if " " in what or what.lower() in _rules()["here"] else what
    return None


def _one(last: Act, found: list[Symbol], nothing: str) -> FollowUp | Question:
    if not found:
        return Question(nothing)
    if len(found) > 1:
        listed = ", ".join(dict.fromkeys(one.qualified for one in found[:_MOST]))
        return Question(f"which one: {listed}?")
    start = found[0].name_span.start
    return FollowUp(last.action, Selection(found[0].path, Span(start, start)))


def _symbol(snapshot: Snapshot, path: str, name: str) -> Symbol | None:
    return next((one for one in snapshot.graph.symbols(path) if name and name == one.qualified), None)


def about(snapshot: Snapshot, path: str, offset: int) -> str:
    """What an action at a place is about, for the memory."""
    symbol = snapshot.graph.enclosing(path, offset, ("function", "class"))
    return symbol.qualified if symbol is not None else ""
