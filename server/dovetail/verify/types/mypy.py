"""mypy, without a configuration: its plug-ins are code of the project's choice."""

from __future__ import annotations

import re
from pathlib import Path

from dovetail.model.ask import Finding
from dovetail.text import Document
from dovetail.verify import types

SUFFIXES = (".py", ".pyi")
_LINE = re.compile(r"^(?P<file>.+?):(?P<line>\d+):(?:\d+:)? error: (?P<message>.+?)(?:  \[(?P<code>[\w-]+)\])?$")


def prepared(scratch: Path, file: Path, python: str) -> list[str]:
    (scratch / "mypy.ini").write_text("[mypy]\n", "utf-8")
    return [
        "--config-file", str(scratch / "mypy.ini"), "--cache-dir", str(scratch / "cache"), "--follow-imports", "silent",
        "--explicit-package-bases", "--namespace-packages", "--no-error-summary", "--show-column-numbers",
        "--show-error-codes", "--hide-error-context", "--show-absolute-path", "--no-color-output", "--no-pretty",
        *(["--python-executable", python] if python else []), str(file),
    ]  # fmt: skip


def findings(output: bytes, file: Path, document: Document) -> list[Finding] | None:
    """The errors of the file; None where the answer is not understood."""
    found: list[Finding] = []
    for line in output.decode("utf-8", "replace").splitlines():
        match = _LINE.match(line)
        if match is None and ": note:" not in line and line.strip():
            return None
        if match is not None and Path(match["file"]) == file:
            found.append(types.finding(document, match["code"] or "type", match["message"], int(match["line"]) - 1))
    return found
