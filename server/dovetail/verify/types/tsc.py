"""tsc, TypeScript's own, in strict mode."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dovetail.model.ask import Finding
from dovetail.text import Document
from dovetail.verify import types

SUFFIXES = (".ts", ".tsx", ".mts", ".cts")
_LINE = re.compile(r"^(?P<file>.+?)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<message>.+)$")


def prepared(scratch: Path, file: Path, python: str) -> list[str]:
    options = {
        "noEmit": True, "strict": True, "skipLibCheck": True, "target": "esnext", "module": "esnext",
        "moduleResolution": "bundler", "jsx": "preserve", "types": list[str](),
    }  # fmt: skip
    config = {"compilerOptions": options, "files": [file.relative_to(scratch).as_posix()]}
    (scratch / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    return ["--pretty", "false", "--project", str(scratch)]


def findings(output: bytes, file: Path, document: Document) -> list[Finding] | None:
    """The errors of the file; None where the answer is not understood."""
    found: list[Finding] = []
    for line in output.decode("utf-8", "replace").splitlines():
        match = _LINE.match(line)
        if line.startswith("error ") or match is not None and match["file"].endswith("tsconfig.json"):
            return None
        if match is None:
            continue
        if str(file).endswith(f"/{match['file'].lstrip('./')}") or match["file"] == str(file):
            found.append(types.finding(document, match["code"], match["message"], int(match["line"]) - 1))
    return found
