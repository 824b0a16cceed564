"""A bracket is closed once: where one below the cursor closes it, or nothing was opened, the answer ends before it."""

from __future__ import annotations

import re

from dovetail.features.inline_completion.filters.draft import Draft
from dovetail.features.inline_completion.place import brackets as around
from dovetail.features.inline_completion.place import inside

_PAIRS = {")": "(", "]": "[", "}": "{"}
_PART = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`|[()\[\]{}]")
"""A string, which is passed over, or a bracket."""


def closing(text: str) -> str:
    """What closes the brackets that a text opens and leaves open."""
    left: list[str] = []
    for match in _PART.finditer(text):
        sign = match.group()
        if sign in "([{":
            left.append(sign)
        elif left and _PAIRS.get(sign) == left[-1]:
            left.pop()
    closers = {opens: closes for closes, opens in _PAIRS.items()}
    return "".join(closers[sign] for sign in reversed(left))


def brackets(draft: Draft) -> str:
    """Up to the first closing bracket that has nothing to close."""
    if not any(sign in draft.text for sign in _PAIRS) or inside(draft.file, draft.at.offset, "string"):
        return draft.text
    if inside(draft.file, draft.at.offset, "comment"):
        return draft.text
    open_before, closed_behind = around(draft.file, draft.at.offset)
    for sign in reversed(closed_behind):  # the outermost brackets are the ones that the text behind closes
        if open_before and open_before[0] == _PAIRS[sign]:
            del open_before[0]
    for match in _PART.finditer(draft.text):
        sign = match.group()
        if sign in "([{":
            open_before.append(sign)
        elif sign in _PAIRS:
            if not open_before or open_before[-1] != _PAIRS[sign]:
                return draft.text[: match.start()]
            open_before.pop()
    return draft.text
