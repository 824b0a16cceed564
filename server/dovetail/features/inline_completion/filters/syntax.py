"""Pasted into the tree it breaks nothing."""

from __future__ import annotations

from dataclasses import replace

from dovetail.features.inline_completion.filters.brackets import closing
from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.verify import still_parses


def syntax(draft: Draft) -> str | Refusal:
    """The promise of `verify/still_parses.py`. A body that it begins is closed by whoever goes on writing it."""
    found = still_parses(draft.snapshot, draft.pasted, draft.change, draft.at.path)
    if found and draft.text.rstrip().endswith("{"):
        closed = replace(draft, text=draft.text + closing(draft.text))
        found = still_parses(closed.snapshot, closed.pasted, closed.change, closed.at.path)
    return Refusal(found[0].message) if found else draft.text
