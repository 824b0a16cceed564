"""An answer on its way to the screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from dovetail.text import Change, Document, Edit, Span
from dovetail.world import File, Selection, Snapshot


@dataclass(frozen=True)
class Draft:
    """A text that might be inserted at a cursor."""

    snapshot: Snapshot
    file: File
    at: Selection
    text: str
    block: bool = False
    """Several lines are wanted."""
    cut: bool = False
    """The limit of tokens ended it, not the model."""
    source: Literal["model", "project"] = "model"

    @property
    def document(self) -> Document:
        return self.file.document

    @cached_property
    def head(self) -> str:
        """The cursor's line up to the cursor."""
        return self.document.text(Span(self.document.start_of(self.document.line_at(self.at.offset)), self.at.offset))

    @cached_property
    def tail(self) -> str:
        """The cursor's line from the cursor on."""
        end = self.at.span.end
        return self.document.text(Span(end, self.document.line(self.document.line_at(end)).end)).rstrip()

    def near(self, above: int, below: int) -> tuple[list[str], list[str]]:
        """Lines with text above (nearest last) and below the cursor's line, without their indentation."""
        document, here = self.document, self.document.line_at(self.at.offset)
        there = document.line_at(self.at.span.end)
        up = [document.text(document.line(n)).strip() for n in range(max(0, here - above), here)]
        down = [
            document.text(document.line(n)).strip() for n in range(there + 1, min(document.lines, there + 1 + below))
        ]
        return [line for line in up if line], [line for line in down if line]

    @cached_property
    def change(self) -> Change:
        newline = self.document.newline().decode()
        text = self.text.replace("\n", newline) if newline != "\n" else self.text
        return Change.one(self.at.path, [Edit(self.at.span, text.encode("utf-8", "replace"))])

    @cached_property
    def pasted(self) -> Snapshot:
        """What the project would be with it."""
        return self.snapshot.after(self.change)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft is not shown, in words that follow "nothing is shown:"."""

    reason: str
