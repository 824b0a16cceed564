"""gcc, asked for what it cannot compile; headers are looked for in the project alone, beside those of the system."""

from __future__ import annotations

import re
from pathlib import Path

from dovetail.model.ask import Finding
from dovetail.text import Document
from dovetail.verify import types

_HEADERS = (".h", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".tpp")
SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", *_HEADERS)
ON_ERRORS = True
"""It speaks on its standard error."""
_FOLDERS = 64
"""Folders in which headers are looked for, at most."""
_LINE = re.compile(
    r"^(?P<file>.+?):(?P<line>\d+):(?:\d+:)? (?P<kind>fatal error|error|warning|note): (?P<message>.+?)"
    r"(?: \[(?P<code>-W[\w=+-]+)\])?$"
)


def prepared(scratch: Path, file: Path, python: str) -> list[str]:
    project = scratch / "project"
    found = sorted({header.parent for header in project.rglob("*") if header.suffix in _HEADERS})
    roots = [project, *(folder for folder in (project / "include", project / "src") if folder.is_dir())]
    folders = list(dict.fromkeys([*roots, *found]))[:_FOLDERS]
    return [
        "-fsyntax-only", "-fno-diagnostics-color", "-fmessage-length=0",
        *(f"-I{folder}" for folder in folders), str(file),
    ]  # fmt: skip


def findings(output: bytes, file: Path, document: Document) -> list[Finding] | None:
    """The errors of the file; None where the answer is not understood, or where something stopped it half-way."""
    if file.suffix in _HEADERS:
        return None  # nobody says in which language one is
    found: list[Finding] = []
    understood = not output.strip()
    for line in output.decode("utf-8", "replace").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        understood = True
        if match["kind"] == "fatal error":
            return None
        if match["kind"] == "error" and Path(match["file"]) == file:
            found.append(types.finding(document, match["code"] or "error", match["message"], int(match["line"]) - 1))
    return found if understood else None
