"""Where the graph knows a class or a function, it has the member, and takes the arguments."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.verify import calls_fit, no_new_members


def members(draft: Draft) -> str | Refusal:
    """The promises of `verify/no_new_members.py` and `verify/calls_fit.py`."""
    for promise in (no_new_members, calls_fit):
        if found := promise(draft.snapshot, draft.pasted, draft.change, draft.at.path):
            return Refusal(found[0].message)
    return draft.text
