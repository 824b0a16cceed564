"""One immutable version of a text, with its lines.

Lines end at `\\n`, `\\r\\n` or a lone `\\r`, and nowhere else (LSP 3.18, "Text Documents"): a form feed
or U+2028 is an ordinary character. tree-sitter counts rows by `\\n` alone, so rows and lines
differ in a file with lone `\\r`; both are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dovetail.text.change import Edit, Overlap, Span

Offsets = NDArray[np.int64]

_TERMINATOR = re.compile(rb"\r\n|\n|\r")
_NEWLINE = 10


class Document:
    """The bytes of one version and where its lines begin. Never changes."""

    __slots__ = ("_lines", "_rows", "_valid", "data")

    data: bytes

    def __init__(self, data: bytes, lines: Offsets | None = None, valid: bool | None = None) -> None:
        """valid: whether the bytes are UTF-8, where that is known."""
        self.data = data
        self._valid = _is_utf8(data) if valid is None else valid
        self._lines = _line_starts(data) if lines is None else lines
        self._rows = self._lines
        if b"\r" in data and len(self._lines) - 1 != data.count(b"\n"):
            self._rows = _row_starts(data)

    @classmethod
    def of(cls, text: str) -> Document:
        """From text. A lone surrogate is kept as its three bytes, so that nothing is lost."""
        return cls(text.encode("utf-8", "surrogatepass"))

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes are text; half a character is none."""
        return self._valid

    @property
    def source(self) -> bytes:
        """UTF-8 of the same length, as parsers need it: `data`, with `?` for each byte that is not."""
        if self._valid:
            return self.data
        return self.data.decode("utf-8", "surrogateescape").encode("utf-8", "replace")

    def __len__(self) -> int:
        return len(self.data)

    @property
    def line_starts(self) -> Offsets:
        """Where each line begins, ascending, the first at 0. Do not write to it."""
        return self._lines

    @property
    def lines(self) -> int:
        """How many lines there are; an empty document has one."""
        return len(self._lines)

    def text(self, span: Span | None = None) -> str:
        """The text of a span, or of all. What is not valid UTF-8 shows as U+FFFD."""
        data = self.data if span is None else self.data[span.start : span.end]
        return data.decode("utf-8", "replace")

    def slice(self, span: Span) -> bytes:
        return self.data[span.start : span.end]

    def line_at(self, offset: int) -> int:
        """The number of the line that holds this offset, from 0."""
        return int(self._lines.searchsorted(offset, "right")) - 1

    def start_of(self, line: int) -> int:
        """Where a line begins. A line past the end begins at the end of the text."""
        return int(self._lines[line]) if line < len(self._lines) else len(self.data)

    def line(self, line: int) -> Span:
        """The span of a line without its terminator."""
        start = self.start_of(line)
        end = self.start_of(line + 1)
        if line + 1 < len(self._lines):
            end -= 2 if self.data[end - 2 : end] == b"\r\n" and end - 2 >= start else 1
        return Span(start, end)

    def full_lines(self, first: int, last: int) -> Span:
        """The span from the start of line `first` through the terminator of line `last`."""
        return Span(self.start_of(first), self.start_of(last + 1))

    def point(self, offset: int) -> tuple[int, int]:
        """tree-sitter's (row, byte column)."""
        row = int(self._rows.searchsorted(offset, "right")) - 1
        return row, offset - int(self._rows[row])

    def indentation(self, line: int) -> str:
        """The blanks and tabs that a line begins with."""
        whole = self.text(self.line(line))
        return whole[: len(whole) - len(whole.lstrip(" \t"))]

    def newline(self) -> bytes:
        """The line end that this document uses: that of its first line, `\\n` where it has none."""
        if len(self._lines) < 2:
            return b"\n"
        end = int(self._lines[1])
        if self.data[end - 2 : end] == b"\r\n":
            return b"\r\n"
        return self.data[end - 1 : end]

    def edited(self, edit: Edit) -> Document:
        """The next version. Costs two copies of memory and the lines that the edit touches."""
        start, end = edit.span.start, edit.span.end
        if end > len(self.data):
            raise ValueError(f"edit ends at {end}, the text at {len(self.data)}")
        data = b"".join((self.data[:start], edit.new, self.data[end:]))
        # A line begins at p when byte p-1 ends one, which byte p can spoil (\r before \n): so every
        # p < start and every p > end is as before, and the few between are looked at anew.
        new_end = start + len(edit.new)
        head = self._lines[: int(self._lines.searchsorted(max(start, 1), "left"))]
        tail = self._lines[int(self._lines.searchsorted(max(end, 0), "right")) :]
        between = _begins(data, max(start, 1), new_end)
        if edit.delta:
            tail = tail + edit.delta
        lines = (
            np.concatenate((head, between, tail))
            if len(between) or len(head) + len(tail) != len(self._lines) or edit.delta
            else self._lines
        )
        apart = not self._valid or any(
            _continues(text, at) for text, at in ((self.data, start), (self.data, end), (data, start), (data, new_end))
        )
        return Document(data, lines, None if apart else _is_utf8(edit.new))

    def with_edits(self, edits: Sequence[Edit]) -> Document:
        """Apply edits that all speak of this version: sorted, not overlapping (else `Overlap`)."""
        document = self
        last = len(self.data) + 1
        for edit in reversed(edits):
            if edit.span.end > last:
                raise Overlap(f"{edit.span} reaches past {last}")
            last = edit.span.start
            document = document.edited(edit)
        return document


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _continues(data: bytes, at: int) -> bool:
    """Whether a byte goes on with a character that began before it."""
    return at < len(data) and data[at] & 0xC0 == 0x80


def _line_starts(data: bytes) -> Offsets:
    if b"\r" not in data:
        return _row_starts(data)
    ends = [match.end() for match in _TERMINATOR.finditer(data)]
    return np.array([0, *ends], dtype=np.int64)


def _row_starts(data: bytes) -> Offsets:
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _NEWLINE)
    starts = np.empty(len(ends) + 1, dtype=np.int64)
    starts[0] = 0
    starts[1:] = ends + 1
    return starts


def _begins(data: bytes, first: int, last: int) -> Offsets:
    """The line starts p with `first ≤ p ≤ last`."""
    found: list[int] = []
    for match in re.finditer(rb"[\r\n]", data[first - 1 : last]):
        at = first + match.start()
        if data[at - 1] == _NEWLINE or data[at : at + 1] != b"\n":
            found.append(at)
    return np.array(found, dtype=np.int64)
