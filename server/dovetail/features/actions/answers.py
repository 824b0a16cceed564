"""A model's answer as code: what is wrapped around it goes, in one place for every action."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from dovetail.context.evidence import Ledger
from dovetail.model.ask import Answer

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_TALK = re.compile(
    r"(?:sure|certainly|of course|okay|hello|hi|yes|no problem|here(?:'s| is| are)|i(?:'m| am| will|'ll| have|'ve| can)"
    r"|the (?:code|function|answer|following|problem|error)|this (?:code|function|should|will)|to (?:fix|solve)"
    r"|you (?:can|should)|let(?:'s| me)|as an ai|please|note that)(?:[,!.](?:\s|$)|\s+\w+\s+\w+)",
    re.IGNORECASE,
)
"""How an answer begins that is none: a greeting, a promise, prose."""
_PREAMBLE = 240
"""Characters of talk after which no fence is waited for."""
_CIRCLE = re.compile(r"(?=.{0,39}[^\W\d_])(.{4,40}?)\1{5}\Z", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([^\n`]*)$", re.MULTILINE)


def code_of(text: str, *, cut: bool = False) -> str:
    """The code of an answer: without thoughts, byte-order mark, fences and the prose around them.

    cut: the answer ended at its limit, so its last line may be half a line and goes.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = _THOUGHT.sub("", text)
    opening = _FENCE.search(text)
    if opening is not None:
        inside = _inside(text, opening)
        cut = cut and inside[1]
        text = inside[0]
    if cut:
        text = text.rsplit("\n", 1)[0] if "\n" in text else ""
    return text.strip("\n")


def first_line(text: str) -> str:
    """The first line that says something, without indentation."""
    return next((line.strip() for line in text.split("\n") if line.strip()), "")


def unusable(text: str, old: str = "") -> str:
    """Why an answer is none: it goes in circles, talks, or says the question again. "" where it may be code."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return "it is empty"
    if any(lines[n] == lines[n + 1] == lines[n + 2] and len(lines[n]) > 3 for n in range(len(lines) - 2)):
        return "it repeats itself"
    if re.search(r"(.{4,40}?)\1{4,}", text, re.DOTALL):
        return "it repeats itself"
    if _TALK.match(lines[0]):
        return "it talks"
    if old.strip() and text.strip() == old.strip():
        return "it says the same again"
    return ""


def watching(old: str = "", *, line: bool = False) -> Callable[[int, str], bool]:
    """For `Ask.watch`: a candidate is dropped as soon as it goes in circles, talks or says again what stands there.

    old: the line that it would say again. line: one line is asked for; else talk may come before a fence.
    """

    def wanted(candidate: int, text: str) -> bool:
        return not _hopeless(text, old.strip(), line=line)

    return wanted


def whole(answers: Sequence[Answer], ledger: Ledger) -> list[Answer]:
    """Those that were not dropped while they were written; what the others cost is told."""
    kept = [answer for answer in answers if answer.stopped != "cancelled"]
    if dropped := len(answers) - len(kept):
        ledger.notes.append(f"{dropped} of {len(answers)} answers went in circles or talked, and were stopped")
    return kept


def _hopeless(text: str, old: str, *, line: bool) -> bool:
    if "<think" in text and "</think" not in text:
        return False
    text = _THOUGHT.sub("", text)
    first, more, _ = text.lstrip().partition("\n")
    if _TALK.match(first) and (line or (len(text) > _PREAMBLE and _FENCE.search(text) is None)):
        return True
    if old and more and first.strip() == old:
        return True
    done = [one.strip() for one in text.split("\n")[:-1] if one.strip()]
    if len(done) > 2 and len(done[-1]) > 3 and done[-1] == done[-2] == done[-3]:
        return True
    return _CIRCLE.search(text, max(0, len(text) - 6 * 40)) is not None


def _inside(text: str, opening: re.Match[str]) -> tuple[str, bool]:
    """(what a fence holds, whether it is left open). A fence inside a fence belongs to what it holds."""
    mark = opening.group(1)
    depth = 1
    for fence in _FENCE.finditer(text, opening.end()):
        if fence.group(1)[0] != mark[0] or len(fence.group(1)) < len(mark):
            continue
        depth += 1 if fence.group(2).strip() else -1
        if not depth:
            return text[opening.end() + 1 : fence.start()], False
    return text[opening.end() + 1 :], True
