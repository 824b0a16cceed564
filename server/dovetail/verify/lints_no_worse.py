"""A linter finds nothing that it did not find before."""

from __future__ import annotations

from collections import Counter

from dovetail.model.ask import Finding


def lints_no_worse(before: list[Finding], after: list[Finding]) -> list[Finding]:
    """The findings after a change that were not there before. Lines may move, so places do not count."""
    known = Counter((f.code, f.message) for f in before)
    new: list[Finding] = []
    for found in after:
        key = (found.code, found.message)
        if known[key]:
            known[key] -= 1
        else:
            new.append(found)
    return new
