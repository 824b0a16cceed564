"""What a test that fails says of one case: what was expected, what came, for which call.

A small model mends more when it is told that than when it is shown a runner's output.
"""

from __future__ import annotations

import re

_MESSAGE = 160
"""Characters of it."""
_PART = re.compile(r"; |\n")
_ASSERT = re.compile(r"(?:AssertionError: )?assert (?P<no>not )?(?P<said>.+)")
_WHERE = re.compile(r"\+ +where (?P<value>.+?) = (?P<call>.+)")


def failing_case(message: str) -> str:
    """`expected 2, got 3, for share(6, 3)` where pytest tells so; else its words in one line."""
    parts = [" ".join(part.split()) for part in _PART.split(message)]
    asserted = _ASSERT.fullmatch(parts[0])
    calls = [match for part in parts[1:] if (match := _WHERE.fullmatch(part))]
    whence = {match["value"]: match["call"] for match in reversed(calls)}
    told = _compared(asserted["said"], whence) if asserted and not asserted["no"] else ""
    if asserted and not told and asserted["said"] in whence:
        wanted, got = "false" if asserted["no"] else "true", asserted["said"]
        told = f"expected something {wanted}, got {got}, for {whence[got]}"
    return (told or " ".join(message.split()))[:_MESSAGE]


def _compared(said: str, whence: dict[str, str]) -> str:
    """Of `got == wanted`, either way round: what was called for is what came."""
    for sign in (" == ", " is "):
        got, _, wanted = said.partition(sign)
        if not wanted or sign in wanted or wanted.startswith("not "):
            continue
        if got not in whence and wanted in whence:
            got, wanted = wanted, got
        return f"expected {wanted}, got {got}" + (f", for {whence[got]}" if got in whence else "")
    return ""
