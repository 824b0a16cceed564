"""A linter finds nothing that it did not find before."""

from __future__ import annotations

import re
from collections import Counter

from dovetail.model.ask import Finding

_LINE = re.compile(r"\blines? \d+")


def lints_no_worse(before: list[Finding], after: list[Finding]) -> list[Finding]:
    """The findings after a change that were not there before. Lines may move, so places do not count.

    A linter that could not read the text before had nothing to say but that, so then only syntax counts.
    """
    known = Counter(map(_said, before))
    unreadable = any(f.code == "SYNTAX" for f in before)
    new: list[Finding] = []
    for found in after:
        if unreadable and found.code != "SYNTAX":
            continue
        if known[_said(found)]:
            known[_said(found)] -= 1
        else:
            new.append(found)
    return new


def _said(finding: Finding) -> tuple[str, str]:
    """What it says, but for the places of other lines that it names."""
    return finding.code, _LINE.sub("line", finding.message)
