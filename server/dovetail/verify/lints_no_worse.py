"""A linter finds nothing that it did not find before."""

from __future__ import annotations

from collections import Counter

from dovetail.model.ask import Finding


def lints_no_worse(before: list[Finding], after: list[Finding]) -> list[Finding]:
    """The findings after a change that were not there before. Lines may move, so places do not count.

    A linter that could not read the text before had nothing to say but that, so then only syntax counts.
    """
    known = Counter((f.code, f.message) for f in before)
    unreadable = any(f.code == "SYNTAX" for f in before)
    new: list[Finding] = []
    for found in after:
        if unreadable and found.code != "SYNTAX":
            continue
        key = (found.code, found.message)
        if known[key]:
            known[key] -= 1
        else:
            new.append(found)
    return new
