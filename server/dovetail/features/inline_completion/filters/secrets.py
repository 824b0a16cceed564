"""No key, password or token."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.verify import no_secrets


def secrets(draft: Draft) -> str | Refusal:
    """The promise of `verify/no_secrets.py`."""
    found = no_secrets(draft.snapshot, draft.pasted, draft.change, draft.at.path)
    return Refusal(found[0].message) if found else draft.text
