"""Markdown that is safe to show: what comes from a repository is data, never markup."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&=-]|:(?=//)|(?<=www)\.|@(?=\w))")


def escaped(text: str) -> str:
    """Text as itself: no link, image, HTML or emphasis of its own."""
    return _SPECIAL.sub(r"\\\1", text)


def fenced(code: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
