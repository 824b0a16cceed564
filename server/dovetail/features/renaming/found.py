"""What a rename has found so far, and how what it looks through is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dovetail.graph import Reference, Symbol
from dovetail.model.ask import Stage, Steps
from dovetail.syntax import Language
from dovetail.text import Change, Edit, Span
from dovetail.world import Snapshot

RULES = "rename"
MOST = 5000
"""Places above which a rename is not one, and guessed ones that are kept."""
PARSED = 200
"""Files whose text is read to know what an object is; in the others its members are guessed."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name that can be changed."""

    text: str
    span: Span
    """Where it was pointed at."""
    what: str
    """`variable`, `parameter`, `function` …"""


@dataclass
class Renaming:
    """Every place to change."""

    named: Named
    new: str
    before: Snapshot
    """With every file open that the change touches."""
    sure: dict[str, set[Span]] = field(default_factory=dict[str, set[Span]])
    maybe: dict[str, set[Span]] = field(default_factory=dict[str, set[Span]])
    """Where it cannot be told whether it is meant: members of what nobody knows, texts that may be looked up."""
    notes: list[str] = field(default_factory=list[str])
    """What may depend on the name and cannot be looked at, in words."""
    after: Snapshot = field(default_factory=Snapshot)
    """What is sure, done."""

    def change(self, *, guesses: bool = False) -> Change:
        """The edits; with those that are only guessed where asked for."""
        places = {path: set(spans) for path, spans in self.sure.items()}
        for path, spans in self.maybe.items() if guesses else ():
            places.setdefault(path, set()).update(spans)
        new = self.new.encode()
        return Change({path: tuple(Edit(s, new) for s in sorted(spans)) for path, spans in sorted(places.items())})

    @property
    def places(self) -> int:
        return sum(map(len, self.sure.values()))

    @property
    def guesses(self) -> int:
        return sum(map(len, self.maybe.values()))


def rules_of(language: Language) -> Mapping[str, Any]:
    rules = language.table(RULES)
    assert rules is not None
    return rules


def places_of(found: Renaming, symbol: Symbol, *, others: bool = False) -> Steps[list[Reference] | str]:
    """The places that name a symbol, those of objects that nobody knows last; or why they are too many.

    others: also those that call it by another name, as far as they are certain.
    """
    sure: list[Reference] = []
    guesses: list[Reference] = []
    for some in found.before.graph.references_by_file(symbol, parsed=PARSED, others=others):
        sure += [one for one in some if one.how == "resolved"]
        guesses += [one for one in some if one.how != "resolved" and not one.other]
        if len(sure) > MOST:
            return f"{symbol.name} is named in more than {MOST} places"
        if len(guesses) > MOST:
            note(found, f"more than {MOST} other places may mean {symbol.name}; only the first of them are known")
            del guesses[MOST:]
        yield Stage("LOCATE")
    return [*sure, *guesses]


def make_open(found: Renaming, path: str) -> str:
    """Make sure that a file's text is at hand."""
    if found.before.file(path) is not None:
        return ""
    opened = found.before.opened(path)
    if opened is None:
        return f"the text of {short(path)} is not kept in memory; open it and rename again"
    found.before = opened
    return ""


def reached(found: Renaming, path: str) -> Steps[str]:
    """As `make_open`, one of many."""
    if found.before.file(path) is None:
        yield Stage("LOCATE")
    return make_open(found, path)


def note(found: Renaming, said: str) -> None:
    if said not in found.notes:
        found.notes.append(said)


def settle(found: Renaming) -> None:
    """What is sure is no guess."""
    found.sure = {place: spans for place, spans in found.sure.items() if spans}
    guesses = {place: spans - found.sure.get(place, set()) for place, spans in found.maybe.items()}
    found.maybe = {place: spans for place, spans in guesses.items() if spans}


def text_at(snapshot: Snapshot, path: str, span: Span) -> str:
    file = snapshot.file(path)
    return file.document.text(span) if file is not None and span.end <= len(file.document) else ""


def short(path: str) -> str:
    return path.rsplit("/", 1)[-1]
