"""What a rule is about, out of the documentation of the tool that has it."""

from __future__ import annotations

import re

from dovetail.features.markdown import fenced, prose
from dovetail.text import Span

_TOLD = ("What it does", "Why is this bad?", "Example", "Example 1")
"""Sections that say what is wrong; options, references and history are left to the tool's own pages."""
_MOST = 1000
"""Characters of it."""
_HEAD = re.compile(r"^#{1,3} +(?P<title>.+?)\s*$", re.MULTILINE)
_TARGET = r"(?:\([^)]*\)|\[[^\]]*\])?"
_FENCE = re.compile(r"(?ms)^(?P<mark>`{3,})(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=mark)[ \t]*$")


def digest(documentation: str, language: str) -> list[str]:
    """The paragraphs of a rule's Markdown that say what it is about; code that names no language is of `language`."""
    parts: list[str] = []
    room = _MOST
    for paragraph in _paragraphs(_told(documentation), language):
        room -= len(paragraph)
        if room < 0 and parts:
            break
        parts.append(paragraph)
    while parts and parts[-1].rstrip().endswith(":"):  # what it announces was cut off
        parts.pop()
    return parts


def summary(documentation: str) -> str:
    """Its first sentence or two, in one line."""
    first = next((p for p in re.split(r"\n\s*\n", _told(documentation)) if p.strip()), "")
    return " ".join(_linkless(first).split())[:300]


def _told(documentation: str) -> str:
    text = documentation.replace("\r\n", "\n")
    code = [Span(*found.span()) for found in _FENCE.finditer(text)]
    heads = [h for h in _HEAD.finditer(text) if not any(c.start <= h.start() < c.end for c in code)]
    ends = [*(head.start() for head in heads[1:]), len(text)]
    named = [text[head.end() : end] for head, end in zip(heads, ends, strict=False) if head["title"] in _TOLD]
    return "\n".join(named) or text[: heads[0].start() if heads else len(text)]


def _paragraphs(text: str, language: str) -> list[str]:
    parts: list[str] = []
    at = 0
    for fence in [*_FENCE.finditer(text), None]:
        between = text[at : fence.start() if fence else len(text)]
        parts += [_lines(p) for p in re.split(r"\n\s*\n", between) if p.strip()]
        if fence:
            at = fence.end()
            written = fence["language"] if fence["language"] in ("python", "pyi", "rust", "js", "ts") else language
            parts.append(fenced(fence["code"].rstrip("\n"), written))
    return parts


def _lines(paragraph: str) -> str:
    """A paragraph as one line, a list as its points."""
    points = re.split(r"\n(?=\s*[-*] )", paragraph.strip())
    flat = [" ".join(_linkless(re.sub(r"^\s*[-*] ", "", point)).split()) for point in points]
    if len(points) == 1 and not re.match(r"[-*] ", points[0]):
        return prose(flat[0])
    begins_with_point = re.match(r"\s*[-*] ", points[0]) is not None
    return "\n".join(
        f"- {prose(one)}" if number or begins_with_point else f"{prose(one)}\n" for number, one in enumerate(flat)
    )


def _linkless(text: str) -> str:
    """Words of links, where they stand in no code."""
    parts = re.split(r"(`[^`\n]+`)", re.sub(rf"\[(`[^`\n]+`)\]{_TARGET}", r"\1", text))
    parts[::2] = [re.sub(rf"\[([^\]]+)\]{_TARGET}", r"\1", part) for part in parts[::2]]
    return "".join(parts)
