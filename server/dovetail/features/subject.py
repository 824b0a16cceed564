"""What a sentence is about, where nobody points at a place: a name or a file that the graph knows.

Nothing is guessed: several that may be meant are asked back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dovetail.features.intent import BEFORE_A_NAME, Question, words
from dovetail.graph import Symbol
from dovetail.text import Span
from dovetail.world import Snapshot

_MOST = 6
"""Places that a question lists."""
_AS_CODE = re.compile(r"[\w.]*(?:_|\w\.\w|[a-z]+[A-Z]|\d)[\w.]*")
_ABOUT = ("function", "method", "class", "interface", "enum", "type", "constant", "variable")


@dataclass(frozen=True, slots=True)
class Subject:
    """A file, and where in it."""

    path: str
    at: Span | None = None
    """The name that is meant; None where it is the file."""


def subject(sentence: str, snapshot: Snapshot) -> Subject | Question | None:
    """The one place that a sentence names; None where it names none."""
    files = _files(sentence, snapshot)
    if len(files) > 1:
        return _which(snapshot, files)
    inside = files[0] if files else ""
    for word in _likely(words(sentence)):
        name = word.strip(".").removesuffix("()")
        found = [
            one
            for one in snapshot.graph.named(name.rsplit(".", 1)[-1])
            if name in (one.name, one.qualified) and one.kind in _ABOUT and inside in ("", one.path)
        ]
        if len(found) > 1:
            return _which(snapshot, [f"{one.path}:{one.qualified}" for one in found])
        if found:
            return Subject(found[0].path, Span(found[0].name_span.start, found[0].name_span.start))
    return Subject(inside) if inside else None


def test_meant(named: str, snapshot: Snapshot, near: str = "") -> Symbol | Question:
    """The test that is called so, as a runner or a person writes it; near: a file that goes before others."""
    path, _, inner = named.replace("\\", "/").partition("::")
    name = (inner or path).replace("::", ".")
    found = [
        one
        for one in snapshot.graph.named(name.rsplit(".", 1)[-1])
        if name in (one.name, one.qualified) and (not inner or one.path.endswith(f"/{path.removeprefix('./')}"))
    ]
    found = [one for one in found if one.path == near] or found
    if not found:
        return Question(f"there is no test {named} in this project")
    if len(found) > 1:
        return _which(snapshot, [f"{one.path}:{one.qualified}" for one in found])
    return found[0]


def _likely(said: Sequence[str]) -> list[str]:
    """Words that may be names, those that can be nothing else first."""
    said = [word.strip("\"'()!;:") for word in said]
    behind = [word for before, word in pairwise(said) if before.lower() in BEFORE_A_NAME]
    return list(dict.fromkeys(word for word in (*filter(_AS_CODE.fullmatch, said), *behind, *said[1:]) if word))


def _files(sentence: str, snapshot: Snapshot) -> list[str]:
    """The files of the project that a sentence names, by the end of their paths."""
    for word in words(sentence):
        name = word.strip("\"'():;!").removeprefix("./")
        if "." in name and (found := [path for path in snapshot.graph.files if f"/{path}".endswith(f"/{name}")]):
            return sorted(found)
    return []


def _which(snapshot: Snapshot, places: Sequence[str]) -> Question:
    shown = [place.removeprefix(f"{snapshot.root_of(place)}/") for place in places[:_MOST]]
    return Question(f"which one: {', '.join(shown)}{' …' * (len(places) > _MOST)}?")
