"""`textDocument/foldingRange`: what is indented below a line, bodies, runs of imports and of comments.

An editor that is told of folds no longer finds those of the indentation by itself, so they are among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.lsp.convert import to_path
from dovetail.syntax import Node, Tree
from dovetail.text import Document
from dovetail.world import File

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_TAB = 4
"""Columns of a tab, which only orders lines that mix both."""
_INDENT = re.compile(rb"[ \t]*")
_REMARK = re.compile(rb"[ \t]*(#|//|--|/\*|\*|<!--|;|%)")
"""What a line of a comment may begin with; the tree decides."""
Lines = tuple[int, int]
"""The first line, which stays, and the last one, both from 0."""


def folds(ls: Dovetail, params: t.FoldingRangeParams) -> list[t.FoldingRange]:
    """One at most for each first line, in the order of the text."""
    file = ls.snapshot().file(to_path(params.text_document.uri))
    if file is None or file.facts is None or file.tree is None:
        return []
    comments, imports = list(_comments(file.document, file.tree)), list(_imports(file))
    found = {
        first: t.FoldingRange(first, last, kind=t.FoldingRangeKind.Comment) for first, last in comments if last > first
    }
    indented = list(_indented(file.document))
    code = _code(file.document, (*comments, *imports))
    brought = {line for first, last in imports for line in range(first, last + 1)}
    held: set[int] = set()
    for first, last in indented:
        # a group in brackets is the run of imports that it holds
        group = first + 1 in brought and code[last + 1] == code[first + 1]
        held.update(range(first + 1, last + 1) if group else ())
        kind = t.FoldingRangeKind.Imports if group else None
        found.setdefault(first, t.FoldingRange(first, last, kind=kind))
    runs = [run for run in imports if run[0] not in held]
    for kind, some in ((t.FoldingRangeKind.Imports, runs), (None, _bodies(file))):
        for first, last in some:
            if last > first:
                found.setdefault(first, t.FoldingRange(first, last, kind=kind))
    return [found[first] for first in sorted(found)]


def _code(document: Document, but: Iterable[Lines]) -> list[int]:
    """How many lines before each one, and before the end, hold something, those in `but` not counted."""
    starts = [*document.line_starts.tolist(), len(document)]
    holds = [not document.data[start:end].isspace() and end > start for start, end in pairwise(starts)]
    for first, last in but:
        holds[first : last + 1] = [False] * (last + 1 - first)
    return list(accumulate(holds, initial=0))


def _indented(document: Document) -> Iterator[Lines]:
    """Lines that have others indented below them."""
    data = document.data
    around: list[tuple[int, int]] = []
    """(columns, line) of those that are still open."""
    before = 0
    """The last line that is not empty."""
    for line, start in enumerate(document.line_starts.tolist()):
        indent = _INDENT.match(data, start)
        assert indent is not None
        if data[indent.end() : indent.end() + 1] in (b"", b"\n", b"\r"):
            continue
        columns = len(indent.group().expandtabs(_TAB))
        while around and around[-1][0] >= columns:
            _, first = around.pop()
            if before > first:
                yield first, before
        around.append((columns, line))
        before = line
    yield from ((first, before) for _, first in around if before > first)


def _bodies(file: File) -> Iterator[Lines]:
    assert file.facts is not None
    for placed in file.facts.placed:
        d = placed.definition
        if d.body < d.end:
            end = max(placed.base + d.start, placed.base + d.end - 1)
            yield file.document.line_at(placed.base + d.start), file.document.line_at(end)


def _imports(file: File) -> Iterator[Lines]:
    assert file.facts is not None
    line = file.document.line_at
    run: Lines | None = None
    for first, last in sorted((line(base + i.start), line(base + i.end)) for base, i in file.facts.imports):
        if run is not None and first <= run[1] + 1:
            run = run[0], max(last, run[1])
            continue
        if run is not None:
            yield run
        run = first, last
    if run is not None:
        yield run


def _comments(document: Document, tree: Tree) -> Iterator[Lines]:
    """Runs of lines that begin with a comment, or lie in one that does."""
    first = last = -1
    for line, start in enumerate(document.line_starts.tolist()):
        if line <= last:
            continue
        found = _REMARK.match(document.data, start)
        node = _comment_at(tree, found.start(1)) if found is not None else None
        if node is None:
            continue
        if first >= 0 and line > last + 1:
            yield first, last
            first = -1
        first = line if first < 0 else first
        last = max(line, document.line_at(max(node.end_byte - 1, start)))
    if first >= 0:
        yield first, last


def _comment_at(tree: Tree, offset: int) -> Node | None:
    """The whole comment at a place, as far as it is one."""
    node = tree.root.descendant_for_byte_range(offset, offset + 1)
    found: Node | None = None
    for _ in range(3):
        if node is not None and "comment" in node.type:
            found = node
        node = node.parent if node is not None else None
    return found
