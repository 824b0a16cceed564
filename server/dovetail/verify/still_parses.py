"""The text parses no worse than before."""

from __future__ import annotations

from dovetail.model.ask import Finding
from dovetail.text import Change, Document, Span
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot


def still_parses(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """No more syntax errors, none larger, and none in the new text where the old place had none."""
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    if one is None or two is None or texts is None or one.tree is None:
        return []
    if two.tree is None:
        return [Finding("SYNTAX", f"the file would be {two.text_only or 'text only'}")]
    new = two.tree.errors()
    if not new:
        return []
    old = one.tree.errors()
    for place, now, _ in added(change, path):
        touched = any(place.meets(error) for error in old)
        fresh = [error for error in new if now.holds(error)] if not touched else []
        if fresh:
            return [_wrong(texts[1], fresh[0])]
    grown = sum(len(e) for e in new) - sum(len(e) for e in old)
    inserted = sum(len(text) for _, _, text in added(change, path))
    if len(new) > len(old) or grown > inserted:
        first = next((e for e in new if not any(_same(e, o, change, path) for o in old)), new[0])
        return [_wrong(texts[1], first)]
    return []


def _same(error: Span, other: Span, change: Change, path: str) -> bool:
    """An error that was there before, moved by the edits in front of it."""
    moved = sum(edit.delta for edit in change.edits.get(path, ()) if edit.span.end <= other.start)
    return error.start == other.start + moved


def _wrong(document: Document, error: Span) -> Finding:
    line = document.line_at(error.start)
    text = document.text(Span(error.start, min(error.end, error.start + 40))).split("\n")[0].strip()
    what = f"near {text!r}" if text else "something is missing"
    return finding("SYNTAX", f"line {line + 1} is not valid syntax, {what}", document, error.start, error.end)
