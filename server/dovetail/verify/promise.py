"""What a promise is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from dovetail.model.ask import Finding
from dovetail.text import Change, Document, Span
from dovetail.world import Snapshot

Promise: TypeAlias = Callable[[Snapshot, Snapshot, Change, str], list[Finding]]
"""(before, after, change, path) → what is wrong with the file at `path`; [] where the promise holds."""


def documents(before: Snapshot, after: Snapshot, path: str) -> tuple[Document, Document] | None:
    """The two texts of a file; None where it is not open."""
    one, two = before.file(path), after.file(path)
    return (one.document, two.document) if one and two else None


def added(change: Change, path: str) -> Iterator[tuple[Span, Span, bytes]]:
    """(span before, span after, new bytes) of each edit of a file."""
    moved = 0
    for edit in change.edits.get(path, ()):
        start = edit.span.start + moved
        yield edit.span, Span(start, start + len(edit.new)), edit.new
        moved += edit.delta


def finding(code: str, message: str, document: Document, start: int, end: int | None = None) -> Finding:
    """A finding at a byte span of a document."""
    start = min(start, len(document))
    return Finding(code, message, start, start if end is None else end, line=document.line_at(start))
