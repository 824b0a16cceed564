"""What becomes of an answer before anybody sees it, one file each: first it is trimmed, then it must hold.

A filter is a function `draft → text | Refusal`. Their order is that of `TEXT` and `TREE`; what changes the
text comes before what judges it, and what is cheap before what pastes it into the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dovetail.features.inline_completion.filters.block_end import block_end
from dovetail.features.inline_completion.filters.brackets import brackets
from dovetail.features.inline_completion.filters.characters import characters
from dovetail.features.inline_completion.filters.draft import Draft, Refusal
from dovetail.features.inline_completion.filters.echo import echo
from dovetail.features.inline_completion.filters.empty import empty
from dovetail.features.inline_completion.filters.indentation import indentation
from dovetail.features.inline_completion.filters.length import length
from dovetail.features.inline_completion.filters.line_end import line_end
from dovetail.features.inline_completion.filters.members import members
from dovetail.features.inline_completion.filters.names import names
from dovetail.features.inline_completion.filters.prose import prose
from dovetail.features.inline_completion.filters.repetition import repetition
from dovetail.features.inline_completion.filters.secrets import secrets
from dovetail.features.inline_completion.filters.suffix import suffix
from dovetail.features.inline_completion.filters.syntax import syntax
from dovetail.model.ask import Stage, Steps

__all__ = ["GATES", "Draft", "Refusal", "filtered"]

Gate = tuple[str, Callable[[Draft], str | Refusal]]
TEXT: tuple[Gate, ...] = (
    ("one line", line_end),
    ("not too long", length),
    ("indented as here", indentation),
    ("one block", block_end),
    ("not written already", suffix),
    ("brackets in pairs", brackets),
    ("no white space alone", line_end),
    ("says something new", empty),
    ("says something new", repetition),
    ("says something new", echo),
    ("code, not talk", prose),
)
TREE: tuple[Gate, ...] = (
    ("clean text", characters),
    ("no secrets", secrets),
    ("parses no worse", syntax),
    ("names exist", names),
    ("members exist", members),
)
"""These look at the draft pasted into the tree: a millisecond or two each in a large file."""
GATES = tuple(dict.fromkeys(name for name, _ in TEXT + TREE))


def filtered(draft: Draft, without: frozenset[str] = frozenset()) -> Steps[tuple[Draft, str, str]]:
    """The draft as far as it came, the gate that it failed and why; ("", "") where it holds.

    Tells of a stage before each gate that takes time, so that other requests are heard in between.
    """
    for gate, check in TEXT + TREE:
        if gate in without:
            continue
        if (gate, check) in TREE:
            yield Stage("VERIFY")
        said = check(draft)
        if isinstance(said, Refusal):
            return draft, gate, said.reason
        if said != draft.text:
            draft = replace(draft, text=said)
    return draft, "", ""
