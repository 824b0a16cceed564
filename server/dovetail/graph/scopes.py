"""Which names an item of a file binds, in which stretch of its text, and which come from outside."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import NamedTuple

from dovetail.syntax import Node, Tree
from dovetail.text import Span


def text_of(node: Node) -> str:
    raw = node.text
    return raw.decode("utf-8", "replace") if raw else ""


class Site(NamedTuple):
    """Where a name is bound."""

    node: Node
    parameter: bool


_START = attrgetter("start_byte")
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
        self.defined: set[str] = set()
        """Those of `names` that functions and classes bind."""
        self.wide: set[str] = set()


class Scopes:
    """Which of the item's names are local, and which come from outside."""

    def __init__(self, tree: Tree, node: Node, limit: int, within: Span | None) -> None:
        captures = tree.captures("locals", node, within)
        base = node.start_byte
        self.top = Scope(base, node.end_byte, None)
        self.all = [self.top]
        opening = [
            (n, kind)
            for name, kind in _SCOPES
            for n in captures.get(name, ())
            if n.start_byte >= base and n.end_byte <= node.end_byte
        ]
        # where a node is both, what is evaluated outside goes first: its own names are inside
        opening.sort(key=lambda pair: (pair[0].start_byte, -pair[0].end_byte, pair[1] != "outside"))
        around = self.top
        for scope, kind in opening:
            while around.outer is not None and around.end <= scope.start_byte:
                around = around.outer
            around = Scope(scope.start_byte, scope.end_byte, around, kind)
            self.all.append(around)
        self.local_at: dict[int, Scope] = {}
        claimed: set[int] = set()
        # a pattern that is assigned to binds nothing, unlike one that is declared
        patterns = [(n.start_byte, n.end_byte) for n in captures.get("assign.pattern", ())]
        aimed = [n for n in captures.get("bind", ()) if any(s <= n.start_byte < e for s, e in patterns)]
        unbound = {n.start_byte for n in aimed}
        marked = [
            (n.start_byte, name, n)
            for name in ("bind.top", "bind", "bind.parameter", "bind.outer", "bind.function", "global")
            for n in captures.get(name, ())
            if base <= n.start_byte < limit and not (name == "bind" and n.start_byte in unbound)
        ]
        marked.sort(key=itemgetter(0))
        around_each = self.around([at for at, _, _ in marked])
        for (at, name, n), scope in zip(marked, around_each, strict=True):
            if name == "bind.top" and scope is not self.top:
                continue  # an assignment to a name from outside
            claimed.add(at)
            text = text_of(n)
            if name == "bind.outer" and scope.outer is not None:
                scope = scope.outer
                scope.defined.add(text)
            while name == "bind.function" and scope.outer is not None and not scope.is_function:
                scope = scope.outer
            if name == "global":
                scope.wide.add(text)
            else:
                sites = scope.names.setdefault(text, [])
                if not sites or sites[-1].node.start_byte != at:  # two patterns may say the same
                    sites.append(Site(n, name == "bind.parameter"))
                self.local_at[at] = scope
        self.members = {n.start_byte: n for n in captures.get("member", ()) if base <= n.start_byte < limit}
        self.calls = {n.start_byte for n in captures.get("call", ())}
        self.mentions = {n.start_byte for n in captures.get("mention", ())}
        skipped = {n.start_byte for n in captures.get("skip", ())}
        skipped |= claimed | self.members.keys()
        self.reads = [
            n for n in captures.get("read", ()) if n.start_byte not in skipped and base <= n.start_byte < limit
        ]
        self.assigned: dict[str, list[Site]] = {}
        """What gets a value and is bound nowhere in the item: this binds it in the file, if nothing else does."""
        given = [n for n in (*captures.get("assign", ()), *aimed) if base <= n.start_byte < limit]
        if given:
            given = sorted((n for n in given if n.start_byte not in claimed), key=_START)
            for n, scope in zip(given, self.around([n.start_byte for n in given]), strict=True):
                name = text_of(n)
                if name not in self.top.names and self.bound_in(name, scope) is None:
                    self.assigned.setdefault(name, []).append(Site(n, False))
            read = {n.start_byte for n in self.reads}
            self.reads = sorted((*self.reads, *(n for n in given if n.start_byte not in read)), key=_START)
        self.binds = frozenset(self.top.names)
        self.wide = frozenset((*(name for scope in self.all for name in scope.wide), *self.assigned))

    def around(self, offsets: list[int]) -> list[Scope]:
        """The innermost scope around each of the offsets, which come in order."""
        found: list[Scope] = []
        around, ahead = self.top, 1
        for at in offsets:
            while True:
                while around.outer is not None and around.end <= at:
                    around = around.outer
                if ahead == len(self.all) or self.all[ahead].start > at:
                    break
                around = self.all[ahead]
                ahead += 1
            found.append(around)
        return found

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
