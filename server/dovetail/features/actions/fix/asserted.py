"""What a failing assertion asks: the functions that it names, and those that they name in turn.

A test prepares before it asks. What it prepares with goes through as many failing tests as what it asks, and an edit
there that happens to pass, `-=` for `+=` before the smaller of two is asked for, is no likelier to be what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dovetail.features.actions.fix.locate import Suspicion
from dovetail.model.ask import Ran
from dovetail.syntax import Node, language_for
from dovetail.text import Document, Span
from dovetail.world import File, Snapshot

_AS_MUCH = 0.75
"""Of the suspicion of what is edited, what another function must have to be as suspicious. One test that passes
through the one alone makes it less."""
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Function:
    """An outermost function or method of a file that may be changed."""

    path: str
    name: str
    owner: str
    """The class it lies in, "" where it lies in none."""
    span: Span
    lines: range
    speaks_of: frozenset[str]

    def named_in(self, names: Iterable[str]) -> bool:
        return (self.owner if self.makes else self.name) in names

    @property
    def makes(self) -> bool:
        """Whether it makes an object: who names the class calls it."""
        return self.name in ("__init__", "__new__", "__post_init__")

    @property
    def implied(self) -> bool:
        """Whether it may be called where nothing names it."""
        return self.name.startswith("__") and not self.makes


class Asserted:
    """Which functions the failing tests ask about, and which they only prepare with."""

    def __init__(self, snapshot: Snapshot, files: Sequence[File], suspected: Suspicion, failing: Sequence[Ran]) -> None:
        self.suspected, self.failing = suspected, failing
        self.functions = [function for file in files for function in _functions(snapshot, file)]
        named = {ran.name: _named(snapshot, ran, self.functions) for ran in failing}
        self.named = {name: [f for f in self.functions if f.named_in(names)] for name, names in named.items()}
        self.asked = {name: self._with_theirs(found) for name, found in self.named.items()}

    def rank(self, path: str, span: Span) -> int:
        """0 for what an assertion names, 1 for what that calls, 2 for the rest."""
        for rank, told in enumerate((self.named, self.asked)):
            if any(f.path == path and f.span.meets(span) for found in told.values() for f in found):
                return rank
        return 2

    def besides(self, path: str, line: int) -> tuple[str, str] | None:
        """(the function around a line, one that is asked about and as suspicious) where the failing assertions do not
        ask about the first; None where they do, where they name none, and where something else speaks against it."""
        own = next((f for f in self.functions if f.path == path and line in f.lines), None)
        if own is None or own.implied:
            return None
        through = [ran for ran in self.failing if _through(ran, own)]
        if not through or any(
            not self.asked[ran.name] or own in self.asked[ran.name] or _raised(ran, own) for ran in through
        ):
            return None
        shared = [
            f for f in self.functions
            if not f.makes and all(f in self.asked[ran.name] and _through(ran, f) for ran in through)
        ]  # fmt: skip
        best = max(shared, key=self._suspicion, default=None)
        if best is None or self._suspicion(best) < _AS_MUCH * self._suspicion(own):
            return None
        return own.name, next((f for f in self.named[through[0].name] if f in shared), best).name

    def _suspicion(self, function: Function) -> float:
        of = self.suspected.of(function.path)
        return max((of[line] for line in function.lines if line in of), default=0.0)

    def _with_theirs(self, found: Sequence[Function]) -> list[Function]:
        """Functions, and whatever they speak of, directly or not."""
        reached = list(found)
        for one in reached:  # it grows meanwhile
            reached += [f for f in self.functions if f not in reached and f.named_in(one.speaks_of)]
        return reached


def _functions(snapshot: Snapshot, file: File) -> Iterator[Function]:
    if file.tree is None:
        return
    until = -1
    found = {
        node.start_byte: (node, match) for match in file.tree.matches("repair") for node in match.get("function", ())
    }
    for start in sorted(found):
        node, match = found[start]
        if start < until or not match.get("function.name"):
            continue
        until = node.end_byte
        span = Span(start, until)
        owner = snapshot.graph.enclosing(file.path, start, ("class",))
        lines = range(file.document.line_at(start), file.document.line_at(until - 1) + 1)
        name = (match["function.name"][0].text or b"").decode("utf-8", "replace")
        speaks_of = frozenset(_NAME.findall(file.document.text(span)))
        yield Function(file.path, name, owner.name if owner else "", span, lines, speaks_of)


def _through(ran: Ran, function: Function) -> bool:
    return any(line in function.lines for line in ran.lines.get(function.path, ()))


def _raised(ran: Ran, function: Function) -> bool:
    return any(path == function.path and line in function.lines for path, line in ran.raised)


def _named(snapshot: Snapshot, ran: Ran, functions: Sequence[Function]) -> set[str]:
    """What the statement names that failed in the test; where that is no function, what its variables were set to."""
    file, line = _failed(snapshot, ran)
    if file is None or file.tree is None:
        return set()
    statements = [n for m in file.tree.matches("repair") for n in m.get("statement", ())]
    around = [n for n in statements if n.start_point[0] <= line <= n.end_point[0]]
    shortest = min((n.end_point[0] - n.start_point[0] for n in around), default=0)
    failed = [n for n in around if n.end_point[0] - n.start_point[0] == shortest]
    identifiers = [each for node in failed for each in _identifiers(node)]
    names = {_text(each) for each in identifiers}
    if not failed or any(f.named_in(names) for f in functions):
        return names
    # `got = shop.total()`, then `assert got == 3`; of `team.points` the variable `team` is not what is asked about
    alone = {_text(each) for each in identifiers if each.parent is None or each.parent.type != "attribute"}
    outer = max(
        (n for m in file.tree.matches("repair") for n in m.get("function", ()) if n.start_byte <= failed[0].start_byte),
        key=lambda n: n.start_byte,
        default=None,
    )
    set_to: dict[str, Node] = {}
    for match in file.tree.matches("repair", outer):
        for target, value in zip(match.get("target", ()), match.get("value", ()), strict=False):
            if target.start_byte < failed[0].start_byte and _text(target) in alone:
                set_to[_text(target)] = value
    return names | {_text(each) for value in set_to.values() for each in _identifiers(value)}


def _failed(snapshot: Snapshot, ran: Ran) -> tuple[File | None, int]:
    """The test file and the line that a failure came from."""
    for path, line in reversed(ran.raised):
        language = language_for(path)
        rules = language.table("repair") if language else None
        if rules is None or not re.search(rules["test-file"], path):
            continue
        file = snapshot.file(path)
        if file is None and (text := snapshot.texts.get(path)) is not None:
            file = File.open(path, Document(text), None, None)
        return file, line
    return None, 0


def _identifiers(node: Node) -> Iterator[Node]:
    if node.type == "identifier":
        yield node
    for child in node.children:
        yield from _identifiers(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
