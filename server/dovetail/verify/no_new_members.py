"""Nothing is asked of `self` that it does not have."""

from __future__ import annotations

from dovetail.graph import FileFacts
from dovetail.graph.facts import Facts
from dovetail.model.ask import Finding
from dovetail.syntax import language_for
from dovetail.text import Change
from dovetail.verify.promise import documents, finding
from dovetail.world import Snapshot

_ANY = ("__getattr__", "__getattribute__")
"""A file that defines one of these may answer any name."""


def no_new_members(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every member of its own object that the edit names is known somewhere in the project.

    Says nothing of a class that inherits from what the graph does not know: it may have any member.
    """
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    language = two.language if two else language_for(path)
    if one is None or two is None or texts is None or one.facts is None or two.facts is None or language is None:
        return []
    receivers = language.settings.get("receivers", ())
    graph = after.graph
    kept = {id(facts) for _, facts, _ in one.facts}
    mentioned: frozenset[str] | None = None
    found: list[Finding] = []
    for base, facts, container in _placed(two.facts):
        if id(facts) in kept:
            continue
        for use in facts.uses:
            if use.receiver not in receivers or use.name in graph.definers or use.name.startswith("__"):
                continue
            if container < 0 or not _closed(after, two.facts.shells.facts[container]):
                continue
            if mentioned is None:
                mentioned = frozenset[str]().union(*(f.mentioned for _, f, _ in one.facts))
            if use.name not in mentioned:
                message = f"{use.receiver}.{use.name} is not defined"
                found.append(finding("MEMBER", message, texts[1], base + use.start, base + use.end))
    return found


def _placed(file: FileFacts) -> list[tuple[int, Facts, int]]:
    """(start, facts, index of the class around) of every member of a class."""
    starts = file.leaves.starts.tolist()
    return list(zip(starts, file.leaves.facts, file.containers, strict=True))


def _closed(snapshot: Snapshot, shell: Facts) -> bool:
    """Whether all that a class can have is in the graph."""
    definers = snapshot.graph.definers
    bases = (inherit.base.split("[")[0].rsplit(".", 1)[-1] for inherit in shell.inherits)
    return all(base in definers for base in bases) and not any(name in definers for name in _ANY)
