"""`gofmt -e`, Go's own parser, on standard input: what it cannot read. How the text is laid out is left to editors."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dovetail.model.ask import Finding, Run, Silence
from dovetail.text import Document
from dovetail.verify.process import on_path, start

DEADLINE = 5.0
"""Seconds. gofmt takes some 10 ms for a file."""
_ERROR = re.compile(rb"^<standard input>:(\d+):(\d+): (.+)$", re.MULTILINE)


async def check(run: Run, roots: Sequence[str]) -> list[Finding] | Silence:
    """What gofmt cannot read in a text. It reads no configuration, so trust makes no difference."""
    gofmt = on_path("gofmt", roots)
    if not gofmt:
        return Silence("gofmt is not installed; it comes with Go", "none")
    text = run.text.encode("utf-8", "replace")
    output = await start([gofmt, "-e"], text, DEADLINE)
    if isinstance(output, Silence):
        return output
    document = Document(text)
    found = [
        _finding(document, int(line) - 1, int(column) - 1, said.decode("utf-8", "replace"))
        for line, column, said in _ERROR.findall(output.err)
    ]
    if output.code != (2 if found else 0):
        return Silence("gofmt answered in a form that is not understood", "failed")
    return found


def _finding(document: Document, line: int, column: int, message: str) -> Finding:
    """gofmt counts lines by their feeds alone, and columns in bytes."""
    starts = [0, *(match.end() for match in re.finditer(b"\n", document.data))]
    at = min(starts[min(line, len(starts) - 1)] + column, len(document))
    return Finding("SYNTAX", message, at, at, line=document.line_at(at))
