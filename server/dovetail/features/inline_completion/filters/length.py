"""What the limit of tokens cut in two is not shown in part; nobody reads a line that does not end."""

from __future__ import annotations

import re

from dovetail.features.inline_completion.filters.draft import Draft, Refusal

LONGEST = 400
"""Characters of a line."""
_LAST_WORD = re.compile(r"\w+\Z")


def length(draft: Draft) -> str | Refusal:
    """Cut back to the last whole line, or the last whole word."""
    text = draft.text
    if draft.cut:
        text = text.rsplit("\n", 1)[0] if "\n" in text else _LAST_WORD.sub("", text)
    if any(len(line) > LONGEST for line in text.split("\n")):
        return Refusal(f"a line of it has more than {LONGEST} characters")
    return text
