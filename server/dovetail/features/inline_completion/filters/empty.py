"""Nothing is not a suggestion."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal


def empty(draft: Draft) -> str | Refusal:
    """White space alone says nothing either."""
    return draft.text if draft.text.strip() else Refusal("there was nothing to add")
