"""An answer begins where the cursor is: the indentation in front of it is not written twice."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft


def indentation(draft: Draft) -> str:
    """Also where a whole block was written as if the cursor stood at the margin."""
    if draft.head.strip():
        return draft.text
    lines = draft.text.split("\n")
    bare = lines[0].lstrip(" \t")
    if not bare:
        return draft.text
    twice = lines[0][: len(lines[0]) - len(bare)]
    lines[0] = bare
    rest = [line for line in lines[1:] if line.strip()]
    if draft.head and rest and not twice and all(_less(line, draft.head) for line in rest):
        steps = {len(line) - len(line.lstrip()) for line in rest}
        if min(steps) == 0 and draft.block:  # relative to the cursor throughout
            lines[1:] = [draft.head + line if line.strip() else line for line in lines[1:]]
    elif twice and draft.head and all(line.startswith(draft.head + twice) for line in rest):
        lines[1:] = [line.replace(twice, "", 1) if line.strip() else line for line in lines[1:]]
    return "\n".join(lines)


def _less(line: str, indent: str) -> bool:
    return not line.startswith(indent)
