"""No statement is cut off by one in front of it: that mends no code, it only takes it away."""

from __future__ import annotations

from itertools import pairwise

from dovetail.model.ask import Finding
from dovetail.text import Change
from dovetail.world import File, Snapshot


def all_reached(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Nothing follows a statement that leaves its block, but for what did so before."""
    old, new = before.file(path), after.file(path)
    if old is None or new is None:
        return []
    at, known = _cut_off(new), len(_cut_off(old))
    said = "this would never be reached"
    return [Finding("UNREACHED", said, n, n, line=new.document.line_at(n)) for n in at[known:]]


def _cut_off(file: File) -> list[int]:
    """Where blocks go on behind a statement that leaves them."""
    rules = file.language.table("repair") if file.language else None
    if rules is None or file.tree is None:
        return []
    blocks: dict[int, dict[int, str]] = {}
    for match in file.tree.matches("repair"):
        for node in match.get("statement", ()):
            if node.parent is not None and node.type != "comment":
                blocks.setdefault(node.parent.id, {})[node.start_byte] = node.type
    return [on for block in blocks.values() for at, on in pairwise(sorted(block)) if block[at] in rules["ends"]]
