"""What a test that fails says of one case: what was expected, what came, for which call.

A small model mends more when it is told that than when it is shown a runner's output.
"""

from __future__ import annotations

import re

from dovetail.model.ask import Finding

TEST = "TEST"
"""The code of a finding that a test tells."""
FAILS = " fails: "
"""Between its name and what it says; a model is told the same with a dash."""
_MESSAGE = 160
"""Characters of it."""
_PART = re.compile(r"; |\n")
_ASSERT = re.compile(r"(?:AssertionError: )?assert (?P<no>not )?(?P<said>.+)")
_WHERE = re.compile(r"\+ +where (?P<value>.+?) = (?P<call>.+)")
_SAID = (
    re.compile(r"(?s)\bExpected(?: value)?: (?P<wanted>[^\n]+)\n\s*Received(?: value)?: +(?P<got>[^\n]+)"),
    re.compile(r"(?s)\bexpected: ?(?P<wanted>[^\n]+)\n\s*actual *: ?(?P<got>[^\n]+)"),
    re.compile(r"(?s)\bleft: (?P<got>[^\n]+)\n\s*right: (?P<wanted>[^\n]+)"),
    re.compile(r"\bexpected (?P<got>.+?) to (?:be|equal|deeply equal|strictly equal|loosely equal)"
               r" (?!(?:an?|above|below|at|in|within|true|false|ok|empty|less|greater|close) )(?P<wanted>[^\n]+?)"
               r"(?: // .*)?(?:\n|$)"),
    re.compile(r"(?P<call>[\w.]+\([^\n]*?\)) = (?P<got>[^\n]+?)[,;] (?:want|wanted|expected) (?P<wanted>[^\n]+)"),
    re.compile(r"\bgot (?P<got>[^\n]+?)[,;] (?:want|wanted|expected) (?P<wanted>[^\n]+)"),
    re.compile(r"\b(?:want|wanted|expected) (?P<wanted>[^\n]+?)[,;] (?:but )?got (?P<got>[^\n]+)"),
)  # fmt: skip
"""How runners and their assertions say what came in place of what."""


def fails(name: str, message: str, at: int = 0, line: int = 0) -> Finding:
    """What a test that fails says, as a finding: `test_share fails: expected 2, got 3, for share(6, 3)`."""
    return Finding(TEST, f"{name.rpartition('::')[2]}{FAILS}{message}", at, at, line=line)


def failing_case(message: str) -> str:
    """`expected 2, got 3, for share(6, 3)` where a runner tells so; else its words in one line."""
    for form in _SAID:
        if said := form.search(message):
            whence = f", for {said['call']}" if "call" in said.groupdict() else ""
            return f"expected {said['wanted'].strip()}, got {said['got'].strip()}{whence}"[:_MESSAGE]
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
