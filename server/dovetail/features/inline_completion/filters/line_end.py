"""Where one line is wanted there is one line, without white space at its end."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft


def line_end(draft: Draft) -> str:
    """Line ends are told apart later, when the text is inserted; here they are all one character."""
    text = draft.text.replace("\r\n", "\n").replace("\r", "\n")
    if not draft.block:
        text = text.split("\n", 1)[0]
    return text if draft.tail else text.rstrip()
