"""Each name it uses is bound, imported or built in."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.verify import no_new_names


def names(draft: Draft) -> str | Refusal:
    """The promise of `verify/no_new_names.py`."""
    found = no_new_names(draft.snapshot, draft.pasted, draft.change, draft.at.path)
    return Refusal(found[0].message) if found else draft.text
