"""`textDocument/foldingRange`: what is indented below a line, bodies, runs of imports and of comments.

An editor that is told of folds no longer finds those of the indentation by itself, so they are among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.lsp.convert import to_path
from dovetail.syntax import Tree
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
    found = {
        first: t.FoldingRange(first, last, kind=t.FoldingRangeKind.Comment)
        for first, last in _comments(file.document, file.tree)
        if last > first
    }
    imports = list(_imports(file))
    for first, last in _indented(file.document):
        # a group in brackets is the run of imports that it holds
        held = [run for run in imports if first < run[0] and run[1] <= last and run[0] - first == 1]
        kind = t.FoldingRangeKind.Imports if held else None
        imports = [run for run in imports if run not in held]
        found.setdefault(first, t.FoldingRange(first, last, kind=kind))
    for kind, runs in ((t.FoldingRangeKind.Imports, imports), (None, _bodies(file))):
        for first, last in runs:
            if last > first:
                found.setdefault(first, t.FoldingRange(first, last, kind=kind))
    return [found[first] for first in sorted(found)]


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
    starts = document.line_starts.tolist()
    first = -1
    for line, start in enumerate([*starts, len(document)]):
        found = _REMARK.match(document.data, start) if line < len(starts) else None
        if found is not None and _is_comment(tree, found.start(1)):
            first = line if first < 0 else first
        elif first >= 0:
            yield first, line - 1
            first = -1


def _is_comment(tree: Tree, offset: int) -> bool:
    node = tree.root.descendant_for_byte_range(offset, offset + 1)
    for _ in range(2):
        if node is not None and "comment" in node.type:
            return True
        node = node.parent if node is not None else None
    return False
