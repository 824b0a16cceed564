"""An answer begins where the cursor is: the indentation in front of it is not written twice."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft


def indentation(draft: Draft) -> str:
    """Also where a block was written as if the cursor stood at the margin."""
    if draft.head.strip():
        return draft.text
    lines = draft.text.split("\n")
    bare = lines[0].lstrip(" \t")
    if not bare:
        return draft.text
    twice = lines[0][: len(lines[0]) - len(bare)]
    lines[0] = bare
    rest = [line for line in lines[1:] if line.strip()]
    if twice and all(line.startswith(draft.head + twice) for line in rest):
        lines[1:] = [line.replace(twice, "", 1) if line.strip() else line for line in lines[1:]]
    elif rest and draft.head and _opens(draft, bare) and not rest[0].startswith(draft.head):
        # what is inside of a block is indented more than the line that opens it: all of it is meant from here
        lines[1:] = [draft.head + line if line.strip() else line for line in lines[1:]]
    return "\n".join(lines)


def _opens(draft: Draft, line: str) -> bool:
    assert draft.file.language is not None
    opener = draft.file.language.settings.get("opens-block")
    return bool(opener) and line.rstrip().endswith(opener)
