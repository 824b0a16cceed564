"""Who writes code wants code: no talk, no fence, and no comment alone."""

from __future__ import annotations

import re

from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.features.inline_completion.place import inside

_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_TALK = re.compile(
    r"^\s*(?:sure|certainly|of course|here(?:'s| is| are)|this (?:code|function|will)|i (?:have|can|will|would)|"
    r"note that|please|as an ai|the (?:code|function|answer|following|completion))\b",
    re.IGNORECASE,
)


def prose(draft: Draft) -> str | Refusal:
    """Only a model talks; what the project says is its own."""
    if draft.source != "model" or inside(draft.file, draft.at.offset, "comment"):
        return draft.text
    if inside(draft.file, draft.at.offset, "string"):
        return draft.text
    if _FENCE.search(draft.text):
        return Refusal("it is a code fence, not code")
    if not draft.head.strip() and _TALK.match(draft.text) and " " in draft.text.strip():
        return Refusal("it talks instead of writing code")
    assert draft.file.language is not None
    mark = draft.file.language.settings.get("comment", "").strip()
    lines = [line.strip() for line in draft.text.split("\n") if line.strip()]
    if mark and not draft.head.strip() and all(line.startswith(mark) for line in lines):
        return Refusal("it is only a comment")
    return draft.text
