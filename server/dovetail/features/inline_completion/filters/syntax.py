"""Pasted into the tree it breaks nothing."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.verify import still_parses


def syntax(draft: Draft) -> str | Refusal:
    """The promise of `verify/still_parses.py`."""
    found = still_parses(draft.snapshot, draft.pasted, draft.change, draft.at.path)
    return Refusal(found[0].message) if found else draft.text
