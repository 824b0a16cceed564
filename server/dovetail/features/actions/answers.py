"""A model's answer as code: what is wrapped around it goes, in one place for every action."""

from __future__ import annotations

import re

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_TALK = re.compile(
    r"(?:sure|certainly|of course|okay|hello|hi|yes|no problem|here(?:'s| is| are)|i(?:'m| am| will|'ll| have|'ve| can)"
    r"|the (?:code|function|answer|following|problem|error)|this (?:code|function|should|will)|to (?:fix|solve)"
    r"|you (?:can|should)|let(?:'s| me)|as an ai|please|note that)(?:[,!.](?:\s|$)|\s+\w+\s+\w+)",
    re.IGNORECASE,
)
"""How an answer begins that is none: a greeting, a promise, prose."""
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
