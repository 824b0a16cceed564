"""Whoever calls a function can go on calling it as before."""

from __future__ import annotations

from dovetail.graph import FileFacts
from dovetail.model.ask import Finding
from dovetail.text import Change
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot


def signature_kept(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every function and class that was there still has the head that it had."""
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    if one is None or two is None or texts is None or one.facts is None or two.facts is None:
        return []
    kept = {id(facts) for _, facts, _ in one.facts}
    now = _heads(two.facts, {id(facts) for _, facts, _ in two.facts} & kept)
    gone = [head for head in _heads(one.facts, {id(facts) for _, facts, _ in two.facts}) if head not in now]
    if not gone:
        return []
    at = next((now.start for _, now, _ in added(change, path)), 0)
    names = ", ".join(dict.fromkeys(name for name, _ in gone))
    return [finding("SIGNATURE", f"the signature of {names} would change", texts[1], at)]


def _heads(file: FileFacts, without: set[int]) -> list[tuple[str, str]]:
    """(name, head) of the functions and classes in the items that an edit touched."""
    return [
        (d.name, d.signature)
        for _, facts, _ in file
        if id(facts) not in without
        for d in facts.definitions
        if d.body < d.end
    ]
