"""ty, in its concise form."""

from __future__ import annotations

import re
from pathlib import Path

from dovetail.model.ask import Finding
from dovetail.text import Document
from dovetail.verify import types

SUFFIXES = (".py", ".pyi")
_LINE = re.compile(r"^(?P<file>.+?):(?P<line>\d+):\d+: (?P<kind>\w+)\[(?P<code>[\w-]+)\] (?P<message>.+)$")


def prepared(scratch: Path, file: Path, python: str) -> list[str]:
    project = str(scratch / "project")
    return [
        "check", "--output-format", "concise", "--color", "never", "--no-progress", "--project", project,
        *(["--python", python] if python else []), str(file),
    ]  # fmt: skip


def findings(output: bytes, file: Path, document: Document) -> list[Finding] | None:
    """The errors of the file; None where the answer is not understood."""
    found: list[Finding] = []
    said = output.decode("utf-8", "replace").splitlines()
    if not any(line.startswith(("Found ", "All checks passed")) for line in said):
        return None
    for line in said:
        match = _LINE.match(line)
        if match is None or match["kind"] != "error":
            continue
        if match["file"] == str(file) or str(file).endswith(f"/{match['file']}"):
            found.append(types.finding(document, match["code"], match["message"], int(match["line"]) - 1))
    return found
