"""No definition is lost."""

from __future__ import annotations

from collections import Counter

from dovetail.graph import FileFacts
from dovetail.graph.facts import Facts
from dovetail.model.ask import Finding
from dovetail.text import Change
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot


def outline_kept(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every function and class of the file is still there under its name, in what it was in.

    Of a text with syntax errors the outline is a guess that may name one thing twice: then the name counts.
    """
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    if one is None or two is None or texts is None or one.facts is None or two.facts is None:
        return []
    # Items that an edit leaves alone are the same objects in both.
    kept = {id(facts) for _, facts, _ in one.facts} & {id(facts) for _, facts, _ in two.facts}
    lost = _names(one.facts, kept) - _names(two.facts, kept)
    if one.tree is not None and one.tree.root.has_error:
        there = {(kind, name) for kind, name, _ in _names(two.facts, set())}
        lost = Counter({key: n for key, n in lost.items() if key[:2] not in there})
    if not lost:
        return []
    at = next((now.start for _, now, _ in added(change, path)), 0)
    names = ", ".join(sorted(name for _, name, _ in lost))
    return [finding("OUTLINE", f"{names} would be lost", texts[1], at)]


def _names(file: FileFacts, kept: set[int]) -> Counter[tuple[str, str, str]]:
    return Counter(
        (d.kind, d.name, _around(facts, d.parent))
        for _, facts, _ in file
        if id(facts) not in kept
        for d in facts.definitions
        if d.kind in ("function", "class")
    )


def _around(facts: Facts, parent: int) -> str:
    return facts.definitions[parent].name if parent >= 0 else ""
