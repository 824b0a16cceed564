"""Which names an item of a file binds, in which stretch of its text, and which come from outside."""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from operator import attrgetter, itemgetter
from typing import NamedTuple

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
_BINDS = ("bind.top", "bind", "bind.parameter", "bind.outer", "bind.function", "global")
_SCOPES = (("scope", ""), ("scope.function", "function"), ("scope.class", "class"), ("scope.outside", "outside"))


class Scope:
    """A stretch of text with names of its own."""

    __slots__ = ("defined", "end", "is_class", "is_function", "lookup", "names", "outer", "start", "wide")

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


def gathered(
    tree: Tree, node: Node, within: Span | None
) -> tuple[list[tuple[int, Match]], Match, dict[int, Node]]:  # fmt: skip
    """The matches of `tags.scm` by pattern; the captures of `locals.scm`, in whatever order; what holds each member."""
    single, first = _numbers(tree.language)
    tags: list[tuple[int, Match]] = []
    reads: list[Node] = []
    captures: Match = {"read": reads}
    holders: dict[int, Node] = {}
    for number, match in tree.numbered("tags", "locals", node, within):
        name = single[number]
        if name == "read":
            reads += match["read"]
        elif name:
            if name in captures:
                captures[name] += match[name]
            else:
                captures[name] = match[name]
        elif number < first:
            tags.append((number, match))
        else:
            for name, nodes in match.items():
                if name == "holder":
                    holders[match["member"][0].start_byte] = nodes[0]
                elif name in captures:
                    captures[name] += nodes
                else:
                    captures[name] = nodes
    return tags, captures, holders


@cache
def _numbers(language: Language) -> tuple[tuple[str, ...], int]:
    """By pattern of `tags`, then of `locals`, what it captures, "" in `tags` and for several; how many `tags` has."""
    patterns, first = language.patterns("tags", "locals")
    names = (names[0] if number >= first and len(names) == 1 else "" for number, names in enumerate(patterns))
    return tuple(names), first


class Scopes:
    """Which of the item's names are local, and which come from outside."""

    def __init__(self, tree: Tree, node: Node, limit: int, within: Span | None, captures: Match | None = None) -> None:
        """captures: of `locals.scm`, where the caller has them, in whatever order."""
        if captures is None:
            captures = gathered(tree, node, within)[1]
        get = captures.get
        base = node.start_byte
        self.top = Scope(base, node.end_byte, None)
        self.all = [self.top]
        self._steps: list[tuple[int, Scope]] | None = None
        self._open(captures, base, node.end_byte)
        self.local_at: dict[int, Scope] = {}
        aimed: list[Node] = []
        if "assign.pattern" in captures:  # a pattern that is assigned to binds nothing, unlike one that is declared
            patterns = [(n.start_byte, n.end_byte) for n in captures["assign.pattern"]]
            aimed = [n for n in get("bind", ()) if any(s <= n.start_byte < e for s, e in patterns)]
        skipped = self._bind(tree, captures, base, limit, {n.start_byte for n in aimed} if aimed else _NONE)
        given = [n for n in (*get("assign", ()), *aimed) if base <= n.start_byte < limit]
        given = {at: n for n in given if (at := n.start_byte) not in skipped} if given else {}
        self.members = {at: n for n in get("member", ()) if base <= (at := n.start_byte) < limit}
        self.calls: Set[int] = {n.start_byte for n in captures["call"]} if "call" in captures else _NONE
        self.mentions: Set[int] = {n.start_byte for n in captures["mention"]} if "mention" in captures else _NONE
        if "skip" in captures:
            skipped.update([n.start_byte for n in captures["skip"]])
        skipped.update(self.members)
        self.reads = [n for n in get("read", ()) if (at := n.start_byte) not in skipped and base <= at < limit]
        self.reads.sort(key=_START)
        self.assigned: dict[str, list[Site]] = {}
        """What gets a value and is bound nowhere in the item: this binds it in the file, if nothing else does."""
        if given:
            nodes = [given[at] for at in sorted(given)]
            for n, name, scope in zip(nodes, tree.texts(nodes), self.around(sorted(given)), strict=True):
                if name not in self.top.names and self.bound_in(name, scope) is None:
                    self.assigned.setdefault(name, []).append(Site(n, False))
            read = {n.start_byte for n in self.reads}
            self.reads = sorted((*self.reads, *(n for n in nodes if n.start_byte not in read)), key=_START)
        inside = self.all[1:]
        self.binds = frozenset(self.top.names)
        self.wide = frozenset[str]().union(self.assigned, *[scope.wide for scope in self.all if scope.wide])
        self.inner = _NOTHING.union(*[scope.names for scope in inside]) if inside else _NOTHING
        """The names that are bound inside."""

    def _open(self, captures: Match, base: int, end: int) -> None:
        opening = [
            (n.start_byte, -n.end_byte, kind != "outside", kind, n)
            for name, kind in _SCOPES
            if name in captures
            for n in captures[name]
            if n.start_byte >= base and n.end_byte <= end
        ]
        # where a node is both, what is evaluated outside goes first: its own names are inside
        opening.sort(key=_PLACE)
        around, last = self.top, None
        for at, minus_end, _, kind, n in opening:
            if (kind, n) == last:  # two patterns may say the same
                continue
            last = kind, n
            while around.outer is not None and around.end <= at:
                around = around.outer
            around = Scope(at, -minus_end, around, kind)
            self.all.append(around)

    def _bind(self, tree: Tree, captures: Match, base: int, limit: int, unbound: Set[int]) -> set[int]:
        """Enter the names that the item binds. The offsets that this accounts for."""
        claimed: set[int] = set()
        marked = [
            (at, name, n)
            for name in _BINDS
            if name in captures
            for n in captures[name]
            if base <= (at := n.start_byte) < limit and not (name == "bind" and at in unbound)
        ]
        if not marked:
            return claimed
        marked.sort(key=_AT)
        around_each = self.around([at for at, _, _ in marked])
        texts = tree.texts([n for _, _, n in marked])
        for (at, name, n), text, scope in zip(marked, texts, around_each, strict=True):
            if name == "bind.top" and scope is not self.top:
                continue  # an assignment to a name from outside
            claimed.add(at)
            if name == "bind.outer" and scope.outer is not None:
                scope = scope.outer
                scope.defined = scope.defined | {text}
            while name == "bind.function" and scope.outer is not None and not scope.is_function:
                scope = scope.outer
            if name == "global":
                scope.wide = scope.wide | {text}
            elif text not in scope.names:
                scope.names[text] = [Site(n, name == "bind.parameter")]
                self.local_at[at] = scope
            else:
                sites = scope.names[text]
                if sites[-1].node.start_byte != at:  # two patterns may say the same
                    sites.append(Site(n, name == "bind.parameter"))
                self.local_at[at] = scope
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
        for scope in self.all[1:]:
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
        while scope is not None and scope is not self.top:
            if name in scope.wide:
                return None
            # the names of a class are seen in its own body, not in its methods
            if name in scope.names and (scope is innermost or not scope.is_class):
                return scope
            scope = scope.lookup
        return None
