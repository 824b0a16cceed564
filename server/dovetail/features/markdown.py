"""Markdown that is safe to show: what comes from a repository is data, never markup."""

from __future__ import annotations

import re

_ANYWHERE = re.compile(
    r"([\\`*\[\]<>|~&]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # between two letters it is one
    r"|:(?=//)|(?<=www)\.|@(?=\w))"  # some editors make links of bare addresses
)
_PAGE = re.compile(r"https://[a-zA-Z0-9.-]+(?:/[\w./#%~+=?&!@:,-]*)?", re.ASCII)
_AT_LINE_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))", re.MULTILINE)


def escaped(text: str) -> str:
    """Text as itself: no link, image, HTML, list or emphasis of its own."""
    return _AT_LINE_START.sub(_kept, _ANYWHERE.sub(r"\\\1", text))


def _kept(start: re.Match[str]) -> str:
    mark = start[2]
    return f"{start[1]}{mark}\\" if mark.isdigit() else f"{start[1]}\\{mark}"


def fenced(code: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def prose(text: str) -> str:
    """Text as itself, but for names between single backticks, which stay code."""
    parts = re.split(r"(?<!`)(`[^`\n]+`)(?!`)", text)
    return "".join(part if number % 2 else escaped(part) for number, part in enumerate(parts))


def link(title: str, address: str) -> str:
    """A link to a page, "" for any other address: nothing that a click could do here."""
    return f"[{escaped(title)}]({address})" if _PAGE.fullmatch(address) else ""
