"""Nothing invisible, misleading or meant for a machine."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.verify import clean_text


def characters(draft: Draft) -> str | Refusal:
    """The promise of `verify/clean_text.py`."""
    found = clean_text(draft.snapshot, draft.pasted, draft.change, draft.at.path)
    return Refusal(found[0].message) if found else draft.text
