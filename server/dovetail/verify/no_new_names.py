"""Nothing is named that does not exist."""

from __future__ import annotations

from dovetail.model.ask import Finding
from dovetail.syntax import language_for
from dovetail.text import Change
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot


def no_new_names(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every plain name that the edit brings is bound, imported or built in."""
    texts = documents(before, after, path)
    if texts is None:
        return []
    one, two = before.graph.files.get(path), after.graph.files.get(path)
    if one is None or two is None:
        return []
    gone, come = one.unlike(two), two.unlike(one)
    binds = frozenset[str]().union(*(facts.binds | facts.wide for facts in come))
    kept: frozenset[int] = frozenset()
    if all(facts.binds | facts.wide <= binds and not facts.imports for facts in gone):
        kept = frozenset(id(facts) for _, facts, _ in one)  # no name went, so what stayed means what it meant
    unknown = after.graph.unknown_names(path, kept)
    if unknown and any(not unknown.isdisjoint(facts.free) for _, facts, _ in one):
        unknown -= before.graph.unknown_names(path)
    found: list[Finding] = []
    for name in sorted(unknown):
        at = next((_find(name.encode(), text, now.start) for _, now, text in added(change, path)), 0)
        found.append(finding("NAME", f"{name} is not defined", texts[1], at, at + len(name.encode())))
    return found


def names_open(snapshot: Snapshot, path: str) -> str:
    """Why names cannot be checked in a file; "" where they can."""
    if path not in snapshot.graph.files:
        return "no grammar for this kind of file"
    language = language_for(path)
    if language is not None and not language.settings.get("names-known", True):
        return f"a file of {language.spoken} does not say where all its names come from"
    if snapshot.graph.imports_anything(path):
        return "the file imports with *, which may bring any name"
    return ""


def _find(name: bytes, text: bytes, base: int) -> int:
    at = text.find(name)
    return base + max(at, 0)
