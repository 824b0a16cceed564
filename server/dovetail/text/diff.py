"""What two versions of a text differ in: as a unified diff, and as the one stretch of each."""

from __future__ import annotations

from difflib import unified_diff as _unified

from dovetail.text.change import Span
from dovetail.text.document import Document


def unified_diff(path: str, before: Document, after: Document, context: int = 3) -> str:
    """What `diff -u` says; "" where they are equal. Lines end as LSP's do; `\\r` shows as it is."""
    lines = _unified(_lines(before), _lines(after), f"a/{path}", f"b/{path}", n=context)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def differing(one: bytes, two: bytes) -> tuple[Span, Span]:
    """The smallest stretch of each outside of which the two are one text. By halving: costs a look at each byte."""
    start, most = 0, min(len(one), len(two))
    high = most
    while start < high:
        middle = (start + high + 1) // 2
        if one[start:middle] == two[start:middle]:
            start = middle
        else:
            high = middle - 1
    end, high = 0, most - start
    while end < high:
        middle = (end + high + 1) // 2
        if one[len(one) - middle : len(one) - end] == two[len(two) - middle : len(two) - end]:
            end = middle
        else:
            high = middle - 1
    return Span(start, len(one) - end), Span(start, len(two) - end)


def _lines(document: Document) -> list[str]:
    whole = [document.text(document.full_lines(n, n)) for n in range(document.lines)]
    return whole if whole[-1] else whole[:-1]
