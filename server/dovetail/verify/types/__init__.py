"""Type checkers: only one that the user names in their own settings, only in a folder that they trust.

A tool is a module named like its program, with `SUFFIXES`, `prepared(scratch, file, python) -> arguments` and
`findings(output, file, document)`, of its standard error where it says `ON_ERRORS`. It is shown a copy of the project's
sources with the text in its place; what in a project configures a checker, and may run code in one, is not copied.
"""

from __future__ import annotations

import asyncio
import os
import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dovetail.model.ask import Finding, Run, Silence
from dovetail.text import Document
from dovetail.verify.process import inside, start
from dovetail.verify.tests.copy import copied

DEADLINE = 30.0
"""Seconds for one look at one text."""
OFF = Silence("", "none")
"""Nobody wants to know: the user names no type checker, or none for this kind of file."""


@cache
def tools() -> tuple[str, ...]:
    return tuple(found.name for found in pkgutil.iter_modules(__path__))


def tools_for(path: str) -> tuple[str, ...]:
    """The type checkers that look at a file of that name."""
    return tuple(name for name in tools() if path.endswith(import_module(f"{__name__}.{name}").SUFFIXES))


def chosen(programs: str, path: str) -> str:
    """The first of those that the user names, commas between them, that looks at a file of that name; "" where none."""
    named = (program.strip() for program in programs.split(","))
    return next((program for program in named if _name(program) in tools_for(path)), "")


def looks_at(programs: str, path: str) -> bool:
    """Whether one of those that the user names is a type checker of that kind of file."""
    return bool(chosen(programs, path))


def _name(program: str) -> str:
    return Path(program).name.removesuffix(".exe")


async def types(run: Run, programs: str, python: str, roots: Sequence[str]) -> list[Finding] | Silence:
    """What the user's type checker says of a text, in its project; `OFF` where they named none for it."""
    program = chosen(programs, run.path)
    if not program:
        names = [_name(each.strip()) for each in programs.split(",")]
        unknown = next((name for name in names if name and name not in tools()), "")
        return Silence(f"{unknown} is no type checker that is known here ({', '.join(tools())})") if unknown else OFF
    name = _name(program)
    tool: Any = import_module(f"{__name__}.{name}")
    if not run.trusted:
        return Silence(f"{name} looks only at a folder that you trust", "refused")
    root = next((root.rstrip("/") for root in roots if run.path.startswith(f"{root.rstrip('/')}/")), "")
    if not root:
        return Silence("the file lies in no folder that is open", "none")
    if inside(program, roots):
        return Silence(f"{name} lies in the project; name one outside of it (type_checker)", "refused")
    with copied(root, tool.SUFFIXES) as scratch:
        if isinstance(scratch, Silence):
            return scratch
        file = Path(scratch, "project", os.path.relpath(run.path, root))
        text = run.text.encode("utf-8", "replace")
        await asyncio.to_thread(_written, file, text)
        argv = [program, *tool.prepared(Path(scratch), file, python)]
        found = {"PATH": os.pathsep.join((str(Path(program).parent), "/usr/local/bin", "/usr/bin", "/bin"))}
        output = await start(argv, b"", DEADLINE, found if os.name == "posix" else None)
        if isinstance(output, Silence):
            return output
        told = output.err if getattr(tool, "ON_ERRORS", False) else output.out
        said = tool.findings(told, file, Document(text)) if output.code in (0, 1, 2) else None
        return Silence(f"{name} could not look at the project", "failed") if said is None else said


def _written(file: Path, text: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)


def finding(document: Document, code: str, message: str, line: int) -> Finding:
    """A finding on a line, counted from 0."""
    start = document.start_of(max(line, 0))
    return Finding(code, " ".join(message.split()), start, start, line=max(line, 0))
