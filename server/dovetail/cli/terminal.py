"""The terminal: what a file or a model says is shown, and never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook
from rich.segment import Segment

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Bytes that move the cursor, ring, set titles or start such a sequence, and those that turn the order of letters."""


def terminal(*, error: bool = False, markup: bool = False) -> Console:
    """Standard output, or standard error. Reasons and paths are text, never markup, unless it says so."""
    console = Console(stderr=error, markup=markup)
    console.push_render_hook(_Cleaner())
    return console


class _Cleaner(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Clean(one) for one in renderables]


class _Clean:
    """Something to print, its text without control characters; those of `rich` itself stay."""

    def __init__(self, what: RenderableType) -> None:
        self._what = what

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._what, options):
            if segment.control or not _CONTROL.search(segment.text):
                yield segment
            else:
                yield Segment(_CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", segment.text), segment.style)
