"""A block ends with the first line that is indented less than it."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft


def block_end(draft: Draft) -> str:
    """The lines up to there, and without the ones that stand below the cursor already."""
    if not draft.block or draft.head.strip():
        return draft.text
    kept: list[str] = []
    for number, line in enumerate(draft.text.split("\n")):
        if number and line.strip() and not line.startswith(draft.head):
            break
        kept.append(line)
    _, below = draft.near(0, 12)
    for size in range(min(len(below), len(kept) - 1), 0, -1):
        if [line.strip() for line in kept[-size:]] == below[:size]:
            kept = kept[:-size]
            break
    return "\n".join(kept).rstrip("\n")
