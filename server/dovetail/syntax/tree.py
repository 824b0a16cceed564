"""A parsed version of a document."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TypeAlias

import tree_sitter as ts

from dovetail.syntax.language import Language
from dovetail.text import Document, Edit, Span

Node: TypeAlias = ts.Node
_START = attrgetter("start_byte")
_LONGEST = 4
"""Bytes of a character."""
PATIENCE = 2.0
"""Processor seconds for a text from elsewhere. Two megabytes take a fifth of one; some broken texts the square of
their length."""
DEEPEST = 500
"""Nodes inside of one another of which queries tell. Patterns over a chain (`a.then().then() …`) cost the square of its
depth; no code that a person writes is a fifth as deep."""
_PIECE = 4096
"""Bytes that a parser is given at a time where it must be stopped in time: it hears that only between two pieces."""
Match: TypeAlias = dict[str, list[ts.Node]]
"""What one match of a query captured, by capture name without `@`."""


class TooSlow(Exception):
    """The text takes too long to parse."""


class Tree:
    """The syntax of one document. Never changes; `edited` gives the next."""

    __slots__ = ("_source", "_tree", "language")

    def __init__(self, language: Language, tree: ts.Tree, source: bytes) -> None:
        self.language = language
        self._tree = tree
        self._source = source

    @classmethod
    def parse(cls, language: Language, document: Document) -> Tree:
        """From scratch, about 12 MB/s, as long as it takes."""
        return cls(language, language.parser.parse(document.source), document.source)

    @classmethod
    def tried(cls, language: Language, document: Document) -> Tree:
        """As `parse`, for a text that a stranger may have written. Raises `TooSlow`."""
        source = document.source
        first = _in_time(language, source, None)
        if first is None or first.root_node.has_error:  # what is broken depends on how it was come by
            return cls.parse(language, document)
        return cls(language, language.parser.parse(source, first), source)  # taken over whole; the text is at hand now

    def edited(self, before: Document, edit: Edit, after: Document) -> tuple[Tree, list[Span]]:
        """The tree after one edit, and the spans (in `after`) whose syntax changed.

        The spans tell what tree-sitter re-parsed into something else; text that was replaced by
        text of the same shape is not among them, so callers add the edit's own span. Raises `TooSlow` where
        much came at once.
        """
        start, end = edit.span.start, edit.span.end
        new_end = start + len(edit.new)
        halves = not (before.is_utf8 and after.is_utf8)
        if halves:  # the parser reads other bytes in place of half a character, so beside of the edit as well
            start, more = max(0, start - _LONGEST), min(_LONGEST, len(before) - end)
            end, new_end = end + more, new_end + more
        old = self._tree.copy()  # edit() marks the tree; a snapshot may still hold the original
        old.edit(
            start_byte=start,
            old_end_byte=end,
            new_end_byte=new_end,
            start_point=before.point(start),
            old_end_point=before.point(end),
            new_end_point=after.point(new_end),
        )
        if len(edit.new) > _PIECE:
            _in_time(self.language, after.source, old)
        tree = self.language.parser.parse(after.source, old)
        changed = [Span(r.start_byte, max(r.start_byte, r.end_byte)) for r in old.changed_ranges(tree)]
        if halves:
            changed.append(Span(start, new_end))
        return Tree(self.language, tree, after.source), changed

    def unlike(self, other: Tree) -> list[Span]:
        """Where another tree of the same text has other syntax."""
        return [Span(r.start_byte, max(r.start_byte, r.end_byte)) for r in self._tree.changed_ranges(other._tree)]

    @property
    def root(self) -> Node:
        return self._tree.root_node

    def texts(self, nodes: Iterable[Node]) -> list[str]:
        """What nodes of this tree say. Several times as fast as asking each."""
        data = self._source
        return [data[n.start_byte : n.end_byte].decode("utf-8", "replace") for n in nodes]

    def bytes_of(self, start: int, end: int) -> bytes:
        """A piece of the text."""
        return self._source[start:end]

    def line(self, offset: int) -> str:
        """The text of the line that an offset is in, without the space around it."""
        data = self._source
        start, end = data.rfind(b"\n", 0, offset) + 1, data.find(b"\n", offset)
        return data[start : end if end >= 0 else len(data)].decode("utf-8", "replace").strip()

    def node_at(self, span: Span) -> Node:
        """The smallest node that covers the span; the root where none does."""
        return self.root.descendant_for_byte_range(span.start, span.end) or self.root

    def named_at(self, span: Span) -> Node:
        """The smallest named node that covers the span."""
        return self.root.named_descendant_for_byte_range(span.start, span.end) or self.root

    def matches(self, query: str, node: Node | None = None, within: Span | None = None) -> list[Match]:
        """Run a query of the language on a node (the root by default). [] where it has no such query.

        `within` bounds the matches to those that meet the span; their captures may lie outside.
        """
        compiled = self.language.query(query)
        if compiled is None:
            return []
        return [captures for _, captures in _cursor(compiled, within).matches(node or self.root)]

    def numbered(
        self, one: str, two: str, node: Node, within: Span | None = None, *, depth: int = 0
    ) -> list[tuple[int, Match]]:
        """What the matches of two queries capture, in one walk over the tree, which costs more than the patterns do.

        With the number of the pattern: `Language.patterns`. depth: how deep in the tree the node is.
        """
        compiled = self.language.query(one, two)
        if compiled is None or depth > DEEPEST:
            return []
        return _cursor(compiled, within, DEEPEST - depth).matches(node)

    def captures(self, query: str, node: Node | None = None, within: Span | None = None) -> Match:
        """All captures of a query by name, each in the order of the text."""
        compiled = self.language.query(query)
        if compiled is None:
            return {}
        found = _cursor(compiled, within).captures(node or self.root)
        for nodes in found.values():
            nodes.sort(key=_START)  # tree-sitter gives them in the order in which matches finish
        return found

    @property
    def too_deep(self) -> bool:
        """Whether something in it is nested deeper than queries look. Costs what is large."""
        todo = [(self.root, 0)]
        while todo:
            node, depth = todo.pop()
            if depth + node.descendant_count <= DEEPEST:
                continue
            if depth >= DEEPEST:
                return True
            todo += [(child, depth + 1) for child in node.children]
        return False

    def errors(self) -> list[Span]:
        """Where the text is not valid syntax: ERROR and MISSING nodes. Costs what there are errors."""
        return [Span(node.start_byte, node.end_byte) for node in _broken(self.root)]


def _cursor(query: ts.Query, within: Span | None, depth: int = DEEPEST) -> ts.QueryCursor:
    cursor = ts.QueryCursor(query)
    cursor.set_max_start_depth(depth)
    if within is not None:
        cursor.set_byte_range(within.start, within.end)
    return cursor


def _broken(root: Node) -> Iterator[Node]:
    """In the order of the text. Without recursion: what is half-typed can be nested as deep as a file is long."""
    todo = [root] if root.has_error else []
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            yield node
        todo += [child for child in reversed(node.children) if child.has_error or child.is_missing]


def _in_time(language: Language, source: bytes, old: ts.Tree | None) -> ts.Tree | None:
    """A tree that does not keep its text; None for a text that cannot take long. Raises `TooSlow`.

    tree-sitter's own way to be stopped crashes, but it takes a text that ends early.
    """
    if len(source) <= _PIECE:
        return None
    until = time.thread_time() + PATIENCE
    late = False

    def read(at: int, _: object) -> bytes:
        nonlocal late
        late = late or time.thread_time() > until
        return b"" if late else source[at : at + _PIECE]

    parse = language.parser.parse
    tree = parse(read) if old is None else parse(read, old)
    if late:
        raise TooSlow
    return tree
