"""What stands right of the cursor already is not written again."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft
from dovetail.features.inline_completion.place import closes


def suffix(draft: Draft) -> str:
    """Cut the longest end of the answer that the line has already."""
    text, rest = draft.text, draft.tail
    for size in range(min(len(rest), len(text)), 0, -1):
        if text.endswith(rest[:size]) and (size == len(rest) or closes(rest[:size])):
            return text[: len(text) - size]
    return text
