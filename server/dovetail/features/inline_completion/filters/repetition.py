"""A model that says the same again and again has lost the thread."""

from __future__ import annotations

import re

from dovetail.features.inline_completion.filters.draft import Draft, Refusal

_LOOP = re.compile(r"([^\s=*#-]|.{2,24}?)\1{4,}")
"""Rulers of one sign are written on purpose."""


def repetition(draft: Draft) -> str | Refusal:
    """Three equal lines in a row, or one short piece five times."""
    lines = [line.strip() for line in draft.text.split("\n")]
    if any(a and a == b == c for a, b, c in zip(lines, lines[1:], lines[2:], strict=False)):
        return Refusal("it says the same line again and again")
    found = _LOOP.search(draft.text)
    if found and found.group(1).strip(" =*#-_~.") and draft.source == "model":
        return Refusal("it says the same again and again")
    return draft.text
