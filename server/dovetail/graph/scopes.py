"""Which names the items of a file bind, in which stretch of its text, and which come from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import cache
from itertools import compress
from operator import attrgetter, itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np

from dovetail.syntax import Language, Match, Node, Tree
from dovetail.text import Span


def text_of(node: Node) -> str:
    raw = node.text
    return raw.decode("utf-8", "replace") if raw else ""


class Site(NamedTuple):
    """Where a name is bound."""

    node: Node
    parameter: bool


_START = attrgetter("start_byte")
_AT = itemgetter(0)
_PLACE = itemgetter(0, 1, 2)
_NONE: frozenset[int] = frozenset()
_NOTHING: frozenset[str] = frozenset()
_NEVER = 1 << 62
"""An offset that no text has."""
_BINDS = ("bind.top", "bind", "bind.parameter", "bind.outer", "bind.function", "global", "nonlocal")
_PLAIN: frozenset[str] = frozenset(("bind", "bind.parameter"))
_FROM_OUTSIDE: frozenset[str] = frozenset(("global", "nonlocal"))
_SCOPES = (("scope", ""), ("scope.function", "function"), ("scope.class", "class"), ("scope.outside", "outside"))


class Scope:
    """A stretch of text with names of its own."""

    __slots__ = ("beyond", "defined", "end", "is_class", "is_function", "lookup", "names", "outer", "start", "wide")

    def __init__(self, start: int, end: int, outer: Scope | None, kind: str = "") -> None:
        self.start, self.end, self.outer = start, end, outer
        self.is_class = kind == "class"
        self.is_function = kind == "function"
        # what is evaluated outside of the scope that it is written in, as a default is
        outside = kind == "outside" and outer is not None and outer.lookup is not None
        self.lookup: Scope | None = outer.lookup if outside and outer is not None else outer
        self.names: dict[str, list[Site]] = {}
        """What it binds, and where, in the order of the text."""
        self.defined: Set[str] = _NOTHING
        """Those of `names` that functions and classes bind."""
        self.wide: Set[str] = _NOTHING
        """Names that are not its own although it binds them."""
        self.beyond: Set[str] = _NOTHING
        """Those of them that a function around it has."""


class Piece(NamedTuple):
    """An item that is told, or whose scopes are asked for."""

    node: Node
    start: int
    limit: int
    """What counts begins before it: the end, or where the body of a container does."""
    end: int
    depth: int = 0
    """How deep in the tree the node is."""


Gathered: TypeAlias = tuple[list[tuple[int, Match]], Match, dict[int, Node]]
"""The matches of `tags.scm` by pattern; the captures of `locals.scm`, in whatever order; what holds each member."""


def gathered(language: Language, matches: Iterable[tuple[int, Match]]) -> Gathered:
    """Sort out what both queries say (`Tree.numbered`)."""
    single, first = _numbers(language)
    captures: Match = {name: [] for name in single if name}
    extends = [captures[name].extend if name else None for name in single]
    tags: list[tuple[int, Match]] = []
    holders: dict[int, Node] = {}
    for number, match in matches:
        if (extend := extends[number]) is not None:
            extend(match[single[number]])
        elif number < first:
            tags.append((number, match))
        else:
            for name, nodes in match.items():
                if name == "holder":
                    holders[match["member"][0].start_byte] = nodes[0]
                else:
                    captures.setdefault(name, []).extend(nodes)
    return tags, captures, holders


@cache
def _numbers(language: Language) -> tuple[tuple[str, ...], int]:
    """By pattern of `tags`, then of `locals`, what it captures, "" in `tags` and for several; how many `tags` has."""
    patterns, first = language.patterns("tags", "locals")
    names = (names[0] if number >= first and len(names) == 1 else "" for number, names in enumerate(patterns))
    return tuple(names), first


class Scopes:
    """Which names of one item, or of many, are local, and which come from outside."""

    def __init__(self, tree: Tree, node: Node, limit: int, within: Span | None) -> None:
        """Of one item, or what begins before `limit` in it; within: where that is looked for."""
        piece = Piece(node, node.start_byte, limit, node.end_byte)
        self._enter(tree, [piece], gathered(tree.language, tree.numbered("tags", "locals", node, within))[1])

    @classmethod
    def of(cls, tree: Tree, pieces: Sequence[Piece], captures: Match) -> Scopes:
        """Of items that do not overlap, in the order of the text. captures: of `locals.scm`."""
        scopes = cls.__new__(cls)
        scopes._enter(tree, pieces, captures)
        return scopes

    def _enter(self, tree: Tree, pieces: Sequence[Piece], captures: Match) -> None:
        get = captures.get
        self._bounds = np.array([at for piece in pieces for at in (piece.start, piece.limit)], np.int64)
        self.tops = [Scope(piece.start, piece.end, None) for piece in pieces]
        """What is around each item."""
        self.top = self.tops[0]
        self.all: list[Scope] = []
        """The innermost scopes last, item by item."""
        self._open(captures, pieces)
        self._steps: list[tuple[int, Scope]] | None = None
        self.local_at: dict[int, Scope] = {}
        self.elsewhere: set[int] = set()
        """Where a name gets a value that is another scope's."""
        aimed: list[Node] = []
        if get("assign.pattern"):  # a pattern that is assigned to binds nothing, unlike one that is declared
            patterns = [(n.start_byte, n.end_byte) for n in captures["assign.pattern"]]
            aimed = [n for n in get("bind", ()) if any(s <= n.start_byte < e for s, e in patterns)]
        skipped = self._bind(tree, captures, {n.start_byte for n in aimed} if aimed else _NONE)
        given = {at: n for at, n in self._inside((*get("assign", ()), *aimed)) if at not in skipped}
        self.members = dict(self._inside(get("member", ())))
        self.calls: Set[int] = {n.start_byte for n in get("call", ())}
        self.mentions: Set[int] = {n.start_byte for n in get("mention", ())}
        skipped.update([n.start_byte for n in get("skip", ())])
        skipped.update(self.members)
        self.reads = [n for n in get("read", ()) if n.start_byte not in skipped]
        self.read_at = [n.start_byte for n in self.reads]
        """Where each of `reads` begins."""
        if self.read_at != sorted(self.read_at):
            self.reads.sort(key=_START)
            self.read_at.sort()
        if not all(counts := self._counts(self.read_at)):
            self.reads, self.read_at = list(compress(self.reads, counts)), list(compress(self.read_at, counts))
        self.assigned: dict[str, list[Site]] = {}
        """What gets a value and is bound nowhere in the item: this binds it in the file, if nothing else does."""
        self.wide: dict[Scope, Set[str]] = {}
        """What an item binds in the file from inside, by the scope around it."""
        if given:
            nodes = [given[at] for at in sorted(given)]
            for n, name, scope in zip(nodes, tree.texts(nodes), self.around(sorted(given)), strict=True):
                top = _outermost(scope)
                if name not in top.names and self.bound_in(name, scope) is None:
                    self.assigned.setdefault(name, []).append(Site(n, False))
                    self.wide[top] = self.wide.get(top, _NOTHING) | {name}
            read = set(self.read_at)
            self.reads = sorted((*self.reads, *(n for n in nodes if n.start_byte not in read)), key=_START)
            self.read_at = [n.start_byte for n in self.reads]
        inner: set[str] = set()
        for scope in self.all:
            if scope.outer is not None and scope.names:
                inner.update(scope.names)
            if scope.wide:
                top = _outermost(scope)
                self.wide[top] = self.wide.get(top, _NOTHING) | scope.wide
        self.inner: Set[str] = inner
        """The names that are bound inside."""

    def _inside(self, nodes: Sequence[Node]) -> list[tuple[int, Node]]:
        """(start, node) of those that count in an item."""
        starts = [n.start_byte for n in nodes]
        return list(compress(zip(starts, nodes, strict=True), self._counts(starts)))

    def _counts(self, starts: list[int]) -> list[int]:
        """Whether what starts there counts in an item."""
        return (self._bounds.searchsorted(starts, "right") & 1).tolist() if starts else []

    def number(self, offsets: Sequence[int]) -> list[int]:
        """Of each offset in an item the item's number."""
        return (self._bounds.searchsorted(offsets, "right") >> 1).tolist()

    def _open(self, captures: Match, pieces: Sequence[Piece]) -> None:
        opening = [
            (n.start_byte, -n.end_byte, kind != "outside", kind, n)
            for name, kind in _SCOPES
            for n in captures.get(name, ())
        ]
        # where a node is both, what is evaluated outside goes first: its own names are inside
        opening.sort(key=_PLACE)
        number, ahead = -1, pieces[0].start
        around, last = self.top, None
        base, end = 0, -1
        for at, minus_end, _, kind, n in opening:
            while ahead <= at:
                number += 1
                around = self.tops[number]
                self.all.append(around)
                base, end = around.start, around.end
                ahead = pieces[number + 1].start if number + 1 < len(pieces) else _NEVER
            if at < base or -minus_end > end or (kind, n) == last:  # two patterns may say the same
                continue
            last = kind, n
            while around.outer is not None and around.end <= at:
                around = around.outer
            around = Scope(at, -minus_end, around, kind)
            self.all.append(around)
        self.all += self.tops[number + 1 :]

    def _bind(self, tree: Tree, captures: Match, unbound: Set[int]) -> set[int]:
        """Enter the names that the items bind. The offsets that this accounts for."""
        claimed: set[int] = set()
        marked = [
            (at, name, n)
            for name in _BINDS
            for n in captures.get(name, ())
            if (at := n.start_byte) not in unbound or name != "bind"
        ]
        marked.sort(key=_AT)
        places = self._counts([at for at, _, _ in marked])
        if not all(places):
            marked = list(compress(marked, places))
        around_each = self.around([at for at, _, _ in marked])
        texts = tree.texts([n for _, _, n in marked])
        for (at, name, n), text, scope in zip(marked, texts, around_each, strict=True):
            if name not in _PLAIN:
                if name == "bind.top" and scope.outer is not None:
                    continue  # an assignment to a name from outside
                if name == "bind.outer" and scope.outer is not None:
                    scope = scope.outer
                    scope.defined = scope.defined | {text}
                while name == "bind.function" and scope.outer is not None and not scope.is_function:
                    scope = scope.outer
            claimed.add(at)
            if name in _FROM_OUTSIDE:
                scope.wide = scope.wide | {text}
                scope.beyond = scope.beyond | {text} if name == "nonlocal" else scope.beyond
                continue
            if scope.wide and text in scope.wide:
                self.elsewhere.add(at)
            self.local_at[at] = scope
            sites = scope.names.get(text)
            if sites is None:
                scope.names[text] = [Site(n, name == "bind.parameter")]
            elif sites[-1].node.start_byte != at:  # two patterns may say the same
                sites.append(Site(n, name == "bind.parameter"))
        return claimed

    def around(self, offsets: list[int]) -> list[Scope]:
        """The innermost scope around each of the offsets, which come in order."""
        if len(self.all) == 1:
            return [self.top] * len(offsets)
        if self._steps is None:
            self._steps = self._stepped()
        steps = iter(self._steps)
        ahead, after = next(steps)
        around = self.top
        found: list[Scope] = []
        for at in offsets:
            while ahead <= at:
                around = after
                ahead, after = next(steps)
            found.append(around)
        return found

    def _stepped(self) -> list[tuple[int, Scope]]:
        """From which offset on which scope is the innermost, one past the last offset at the end."""
        steps: list[tuple[int, Scope]] = []
        around = self.top
        for scope in self.all:
            while around.outer is not None and around.end <= scope.start:
                steps.append((around.end, around.outer))
                around = around.outer
            steps.append((scope.start, scope))
            around = scope
        while around.outer is not None:
            steps.append((around.end, around.outer))
            around = around.outer
        steps.append((_NEVER, self.top))
        return steps

    def bound_in(self, name: str, innermost: Scope) -> Scope | None:
        """The scope inside the item that binds a name; None where it comes from outside."""
        while innermost.lookup is not innermost.outer and innermost.lookup is not None:
            innermost = innermost.lookup
        scope: Scope | None = innermost
        while scope is not None and scope.outer is not None:
            if name in scope.wide:
                return None
            # the names of a class are seen in its own body, not in its methods
            if name in scope.names and (scope is innermost or not scope.is_class):
                return scope
            scope = scope.lookup
        return None


def owner_of(name: str, innermost: Scope) -> Scope | None:
    """The scope that has a name of which a function says that one around has it; None where none says so."""
    scope: Scope | None = innermost
    while scope is not None and name not in scope.beyond:
        scope = scope.outer
    around = scope.outer if scope is not None else None
    while around is not None and (around.is_class or name not in around.names or name in around.wide):
        around = around.outer
    return around if around is not None and around.outer is not None else None


def _outermost(scope: Scope) -> Scope:
    while scope.outer is not None:
        scope = scope.outer
    return scope
