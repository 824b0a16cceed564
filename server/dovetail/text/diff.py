"""Two versions of a document as a unified diff."""

from __future__ import annotations

from difflib import unified_diff as _unified

from dovetail.text.document import Document


def unified_diff(path: str, before: Document, after: Document, context: int = 3) -> str:
    """What `diff -u` says; "" where they are equal. Lines end as LSP's do; `\\r` shows as it is."""
    lines = _unified(_lines(before), _lines(after), f"a/{path}", f"b/{path}", n=context)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(document: Document) -> list[str]:
    whole = [document.text(document.full_lines(n, n)) for n in range(document.lines)]
    return whole if whole[-1] else whole[:-1]
