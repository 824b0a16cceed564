"""Which names may follow `self.`: where the graph knows all of them, the model chooses among these."""

from __future__ import annotations

import re

from dovetail.graph import Symbol
from dovetail.graph.calls import closed
from dovetail.text import Span
from dovetail.world import File, Selection, Snapshot

_MOST = 120
"""More names than these, and choosing is no help."""
_DEPTH = 6


def members(snapshot: Snapshot, file: File, at: Selection, *, away: bool = False) -> frozenset[str]:
    """The members that can be read at the cursor; empty where anything may be written.

    away: they are told to a model on another machine.

    Only behind the language's own name for the object, in a class of which the graph knows every base. Not where a
    statement begins: there a new member may be assigned.
    """
    if file.language is None:
        return frozenset()
    document = file.document
    head = document.text(Span(document.start_of(document.line_at(at.offset)), at.offset))
    found = re.search(r"(?<![\w.$])([\w$]+)\.(\w*)\Z", head)
    if found is None or not head[: found.start()].strip():
        return frozenset()
    if found[1] not in file.language.settings.get("receivers", ()):
        return frozenset()
    owner = snapshot.graph.enclosing(file.path, at.offset, ("class", "interface", "enum"))
    if owner is None or not closed(snapshot.graph, owner):
        return frozenset()
    bases = _bases(snapshot, owner, 0)
    if not all(snapshot.may_show(one.path, file.path, away=away) for one in bases):
        return frozenset()
    graph = snapshot.graph
    placed = [(one.path, there) for one in bases if (there := graph.placed(one)) is not None]
    names = {name for path, there in placed for name in graph.files[path].members_named(there)}
    fitting = frozenset(name for name in names if name.startswith(found[2]))
    return fitting if len(names) <= _MOST else frozenset()


def _bases(snapshot: Snapshot, owner: Symbol, depth: int) -> list[Symbol]:
    """The class and all that it takes members from."""
    if depth > _DEPTH:
        return []
    found = [owner]
    for _, base in snapshot.graph.bases(owner):
        if base is not None:
            found += _bases(snapshot, base, depth + 1)
    return found
