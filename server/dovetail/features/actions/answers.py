"""A model's answer as code: what is wrapped around it goes, in one place for every action."""

from __future__ import annotations

import re

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
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
