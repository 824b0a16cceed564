"""Whoever calls a function can go on calling it as before."""

from __future__ import annotations

from dovetail.graph import FileFacts
from dovetail.graph.signature import Signature, signature_at
from dovetail.model.ask import Finding
from dovetail.text import Change, Span
from dovetail.verify.promise import added, documents, finding
from dovetail.world import File, Snapshot


def signature_kept(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every function and class that was there still has the head that it had."""
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    if one is None or two is None or texts is None or one.facts is None or two.facts is None:
        return []
    kept = {id(facts) for _, facts, _ in one.facts}
    now = _heads(two, two.facts, kept)
    gone = [head for head in _heads(one, one.facts, {id(facts) for _, facts, _ in two.facts}) if head not in now]
    if not gone:
        return []
    at = next((now.start for _, now, _ in added(change, path)), 0)
    names = ", ".join(dict.fromkeys(name for name, _ in gone))
    return [finding("SIGNATURE", f"the signature of {names} would change", texts[1], at)]


def _heads(file: File, facts: FileFacts, without: set[int]) -> list[tuple[str, Signature | str]]:
    """(name, head) of the functions and classes in the items that an edit touched."""
    assert file.tree is not None
    found: list[tuple[str, Signature | str]] = []
    for base, item, _ in facts:
        if id(item) in without:
            continue
        for d in item.definitions:
            if d.body >= d.end:
                continue
            span = Span(base + d.start, base + d.end)
            read = signature_at(file.tree, span, base + d.body) if d.kind == "function" else None
            found.append((d.name, read or d.signature))
    return found
