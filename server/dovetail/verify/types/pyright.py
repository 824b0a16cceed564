"""pyright, as https://microsoft.github.io/pyright/#/command-line tells its answer in JSON."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ValidationError

from dovetail.model.ask import Finding
from dovetail.text import Document
from dovetail.verify import types

SUFFIXES = (".py", ".pyi")


class _Place(BaseModel):
    line: int


class _Range(BaseModel):
    start: _Place


class _Found(BaseModel):
    file: str
    severity: str
    message: str
    range: _Range = _Range(start=_Place(line=0))
    rule: str = "type"


class _Answer(BaseModel):
    generalDiagnostics: list[_Found]


def prepared(scratch: Path, file: Path, python: str) -> list[str]:
    config = {"include": [file.relative_to(scratch).as_posix()], "executionEnvironments": [{"root": "project"}]}
    (scratch / "pyrightconfig.json").write_text(json.dumps(config), "utf-8")
    return ["--outputjson", "--project", str(scratch), *(["--pythonpath", python] if python else [])]


def findings(output: bytes, file: Path, document: Document) -> list[Finding] | None:
    """The errors of the file; None where the answer is not understood."""
    try:
        answer = _Answer.model_validate_json(output)
    except ValidationError:
        return None
    return [
        types.finding(document, one.rule, one.message, one.range.start.line)
        for one in answer.generalDiagnostics
        if one.severity == "error" and Path(one.file) == file
    ]
