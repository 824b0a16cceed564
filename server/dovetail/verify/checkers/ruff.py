"""ruff, from our own environment, on standard input."""

from __future__ import annotations

import ast
import re
import sysconfig
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from dovetail.model.ask import Finding, Run, Silence
from dovetail.text import Document, Span
from dovetail.verify.process import start

DEADLINE = 10.0
"""Seconds. ruff takes some 20 ms for a file; a machine may be busy."""


class _Place(BaseModel):
    row: int
    column: int


class _Edit(BaseModel):
    content: str
    location: _Place
    end_location: _Place


class _Fix(BaseModel):
    applicability: str
    edits: list[_Edit]


class _Found(BaseModel):
    code: str | None
    message: str
    location: _Place
    end_location: _Place
    fix: _Fix | None = None


_ANSWER = TypeAdapter(list[_Found])


@cache
def executable() -> str:
    """ruff beside our own interpreter; "" where it is not installed."""
    file = Path(sysconfig.get_path("scripts")) / f"ruff{sysconfig.get_config_var('EXE') or ''}"
    return str(file) if file.is_file() else ""


async def check(run: Run, roots: Sequence[str] = ()) -> list[Finding] | Silence:
    """What ruff says of a text. The project's own configuration counts only where it is trusted."""
    ruff = executable()
    if not ruff:
        return Silence("ruff is not installed beside dovetail; install the package `ruff` there", "none")
    argv = [
        ruff,
        "check",
        "--no-fix",
        "--no-cache",
        "--output-format",
        "json",
        "--stdin-filename",
        _safe(run.path),
    ]
    if not run.trusted:
        argv.append("--isolated")
    if run.select:
        argv += ["--select", ",".join(run.select)]
    text = run.text.encode("utf-8", "replace")
    output = await start([*argv, "-"], text, DEADLINE)
    if isinstance(output, Silence):
        return output
    if output.code not in (0, 1):
        return Silence("ruff could not read its configuration or the file", "failed")
    try:
        found = _ANSWER.validate_json(output.out or b"[]")
    except ValidationError:
        return Silence("ruff answered in a form that is not understood", "failed")
    document = Document(text)
    return [_finding(document, each) for each in found]


def _safe(path: str) -> str:
    return f"./{path}" if path.startswith("-") else path


def _finding(document: Document, found: _Found) -> Finding:
    start, end = _offset(document, found.location), _offset(document, found.end_location)
    fix: tuple[tuple[int, int, str], ...] = ()
    if found.fix is not None:
        edits = tuple(
            (_offset(document, e.location), _offset(document, e.end_location), e.content) for e in found.fix.edits
        )
        if found.fix.applicability == "safe" or found.code == "F841" and _idle(document, edits):
            fix = edits
    code = found.code if found.code and found.code != "invalid-syntax" else "SYNTAX"
    return Finding(code, found.message, start, max(start, end), fix, found.location.row - 1)


def _idle(document: Document, edits: Sequence[tuple[int, int, str]]) -> bool:
    """Whether what goes with a name that nobody reads does nothing: ruff calls that unsafe for the comments that may
    go, and takes for idle what reads an attribute."""
    return all(_does_nothing(document.text(Span(start, end)).strip(" \t\r\n;"), new) for start, end, new in edits)


def _does_nothing(gone: str, new: str) -> bool:
    if new.strip() not in ("", "pass") or "#" in gone and "\n" in gone:
        return False  # a comment inside of a statement tells of more than the name
    if re.fullmatch(r"\w+\s*=", gone):
        return True  # what it was given stays
    try:
        (statement,) = ast.parse(gone).body
    except (SyntaxError, ValueError):
        return False
    return isinstance(statement, ast.Assign | ast.AnnAssign) and _plain(statement.value)


def _plain(value: ast.expr | None) -> bool:
    """Literals and names, and lists of them."""
    if isinstance(value, ast.List | ast.Tuple):
        return all(map(_plain, value.elts))
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.operand, ast.Constant)
    return isinstance(value, ast.Constant | ast.Name) or isinstance(value, ast.Dict) and not value.keys


def _offset(document: Document, place: _Place) -> int:
    """ruff counts lines and characters from 1."""
    line = max(0, place.row - 1)
    if line >= document.lines:
        return len(document)
    start = document.start_of(line)
    data: Any = document.data[start : document.start_of(line + 1)]
    if data.isascii():
        return start + min(max(0, place.column - 1), len(data))
    return start + len(data.decode("utf-8", "replace")[: place.column - 1].encode())
