"""A linter finds nothing that it did not find before."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from dovetail.model.ask import Finding
from dovetail.text import Document

_LINE = re.compile(r"\blines? \d+")
_NAMED = re.compile(r"[`'\"“]([^\W\d]\w*)[`'\"”]")


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where the lines of a text went."""

    parts: tuple[tuple[str, int, int, int, int], ...]
    """As `difflib` tells them."""

    @classmethod
    def of(cls, before: Document, after: Document) -> _Moved:
        old, new = before.data.splitlines(), after.data.splitlines()
        least = min(len(old), len(new))
        first = next((n for n in range(least) if old[n] != new[n]), least)
        same = next((n for n in range(least - first) if old[-1 - n] != new[-1 - n]), least - first)
        end, new_end = len(old) - same, len(new) - same
        middle = SequenceMatcher(None, old[first:end], new[first:new_end]).get_opcodes()
        return cls((
            ("equal", 0, first, 0, first),
            *((tag, a + first, b + first, c + first, d + first) for tag, a, b, c, d in middle),
            ("equal", end, len(old), new_end, len(new)),
        ))  # fmt: skip

    def one(self, before: int, after: int) -> bool:
        """Whether a line before is the line after; lines that were put in the place of others count as one."""
        for tag, old, old_end, new, new_end in self.parts:
            if old <= before < old_end:
                return new <= after < new_end and (tag != "equal" or after - new == before - old)
        return False


def lints_no_worse(
    before: list[Finding], after: list[Finding], texts: tuple[Document, Document] | None = None
) -> list[Finding]:
    """The findings after a change that were not there before. Lines may move, so places do not count.

    A linter that could not read the text before had nothing to say but that, so then only syntax counts. One that
    quotes code says something else of each text: of the same line, the same rule is the same finding, unless it
    names another name. texts: before and after, where they are known.
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
    if not new or texts is None:
        return new
    moved = _Moved.of(*texts)
    gone: list[Finding] = []
    for f in before:
        if f.code != "SYNTAX" and known[_said(f)]:
            known[_said(f)] -= 1
            gone.append(f)
    worse: list[Finding] = []
    for found in new:
        here = (f for f in gone if f.code == found.code and moved.one(f.line, found.line))
        same = next((f for f in here if _alike(f, found)), None)
        if same is None:
            worse.append(found)
        else:
            gone.remove(same)
    return worse


def _alike(old: Finding, new: Finding) -> bool:
    return set(_NAMED.findall(new.message)) <= set(_NAMED.findall(old.message))


def _said(finding: Finding) -> tuple[str, str]:
    """What it says, but for the places of other lines that it names."""
    return finding.code, _LINE.sub("line", finding.message)
