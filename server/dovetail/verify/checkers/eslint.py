"""eslint, the user's own, on standard input: a fixed set of rules, no configuration and no plug-in of anybody's.

A project's eslint and what it configures is code of the project, so it is never run: not from `node_modules`, not in a
folder that is trusted. What is asked are the rules about mistakes; those about style are the project's business.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter

from dovetail.model.ask import Finding, Run, Silence
from dovetail.text import Document
from dovetail.verify.process import inside, on_path, start

DEADLINE = 15.0
"""Seconds. Node takes one to start, a machine may be busy."""
RULES = (
    "constructor-super", "for-direction", "getter-return", "no-async-promise-executor", "no-case-declarations",
    "no-class-assign", "no-compare-neg-zero", "no-cond-assign", "no-const-assign", "no-constant-binary-expression",
    "no-constant-condition", "no-debugger", "no-dupe-args", "no-dupe-class-members", "no-dupe-else-if",
    "no-dupe-keys", "no-duplicate-case", "no-empty-pattern", "no-ex-assign", "no-extra-boolean-cast",
    "no-fallthrough", "no-func-assign", "no-global-assign", "no-import-assign", "no-invalid-regexp",
    "no-loss-of-precision", "no-obj-calls", "no-redeclare", "no-regex-spaces", "no-self-assign", "no-setter-return",
    "no-shadow-restricted-names", "no-sparse-arrays", "no-this-before-super", "no-unreachable", "no-unsafe-finally",
    "no-unsafe-negation", "no-unsafe-optional-chaining", "no-unused-labels", "no-useless-catch", "no-useless-escape",
    "require-yield", "use-isnan", "valid-typeof",
)  # fmt: skip
UNUSED = "no-unused-vars"
_NOT_TYPED = ("no-redeclare", "no-dupe-class-members")
"""Rules that take overloads for mistakes."""
_TYPED = {".ts": ".ts", ".mts": ".ts", ".cts": ".ts", ".tsx": ".tsx"}
_MODULE = re.compile(r"^\s*(?:import\b[^(]|export\b)", re.MULTILINE)
_REQUIRES = re.compile(r"\brequire\s*\(|\bmodule\.exports\b|\bexports\.\w")
_ELEMENT = re.compile(r"</|/>")
_MISSING = Silence("eslint is not installed (`npm install -g eslint`; that of a project is never run)", "none")
_UNTYPED = Silence("eslint has no parser of TypeScript (`npm install -g typescript typescript-eslint`)", "none")


class _Edit(BaseModel):
    range: tuple[int, int]
    text: str


class _Found(BaseModel):
    rule: str | None = Field(alias="ruleId")
    message: str
    fatal: bool = False
    line: int = 1
    column: int = 1
    last_line: int | None = Field(default=None, alias="endLine")
    last_column: int | None = Field(default=None, alias="endColumn")
    fix: _Edit | None = None


class _File(BaseModel):
    messages: list[_Found]


_ANSWER = TypeAdapter(list[_File])


async def check(run: Run, roots: Sequence[str]) -> list[Finding] | Silence:
    """What eslint says of a text, whatever comments in it or a project would have it say."""
    program = on_path("eslint", roots)
    if not program:
        return _MISSING
    script = _script(Path(program))
    node = on_path("node", roots)
    if script is None and os.name != "posix":
        return _MISSING  # a batch file: what it is given would be read as commands
    if script is not None and not node:
        return Silence("eslint needs node, which is not installed outside of your projects", "none")
    about = _about(run, script, roots)
    if isinstance(about, Silence):
        return about
    argv = [
        *([node, str(script)] if script is not None else [program]),
        *("--no-config-lookup", "--no-inline-config", "--format", "json", "--stdin"),
        *about,
    ]
    folders = (str(Path(each).parent) for each in (program, node) if each)
    found = {"PATH": os.pathsep.join((*folders, "/usr/local/bin", "/usr/bin", "/bin"))}
    output = await start(argv, run.text.encode("utf-8", "replace"), DEADLINE, found if os.name == "posix" else None)
    if isinstance(output, Silence):
        return output
    try:
        if output.code not in (0, 1):
            raise ValueError(output.code)
        (told,) = _ANSWER.validate_json(output.out)
    except ValueError:
        return Silence(
            "eslint answered in a form that is not understood; Dovetail knows version 9.21 and later", "failed"
        )
    places = _Places(run.text.encode("utf-8", "replace").decode())
    return [_finding(places, each) for each in told.messages if each.rule or each.fatal]


def _script(program: Path) -> Path | None:
    """What node would run, where npm put it; other installers have a program of their own."""
    real = program.resolve()
    beside = program.parent / "node_modules" / "eslint" / "bin" / "eslint.js"
    return real if real.suffix == ".js" else beside if beside.is_file() else None


def _about(run: Run, script: Path | None, roots: Sequence[str]) -> list[str] | Silence:
    """The name that stands for the text, what parses it, and the rules that can be asked of it."""
    rules = list[str](RULES)
    typed = _TYPED.get(Path(run.path).suffix.lower(), "")
    said = ["--parser-options", "ecmaFeatures:{jsx:true}"]
    if typed:
        parser = _parser(script)
        if parser is None or inside(str(parser), roots):
            return _UNTYPED
        rules = [rule for rule in rules if rule not in _NOT_TYPED]
        said = [*(said if typed == ".tsx" else ()), "--ext", typed, "--parser", str(parser)]
    module = _MODULE.search(run.text) is not None
    if not typed and (module or _REQUIRES.search(run.text)) and not _ELEMENT.search(run.text):
        # of what is not bound to a module, and of elements, eslint cannot tell whether it is used
        rules.append(UNUSED)
    for rule in rules:
        options = [{"args": "none", "caughtErrors": "none"}] if rule == UNUSED else []
        said += ["--rule", f"{rule}: {json.dumps(['error', *options])}"]
    return [*said, "--stdin-filename", f"text{typed or ('.mjs' if module else '.cjs')}"]


def _parser(script: Path | None) -> Path | None:
    """typescript-eslint's parser where it is installed beside eslint."""
    packages = script.parents[2] if script is not None else None
    for place in ("@typescript-eslint", "typescript-eslint/node_modules/@typescript-eslint"):
        if packages is not None and (file := packages / place / "parser" / "dist" / "index.js").is_file():
            return file
    return None


class _Places:
    """Where eslint's lines and UTF-16 columns are in bytes. It ends lines at U+2028 and U+2029, too."""

    def __init__(self, text: str) -> None:
        self.document = Document(text.encode())
        self.units = text.encode("utf-16-le")
        ends = re.finditer("\r\n|[\r\n\u2028\u2029]", text)
        self.starts = [0, *(len(text[: end.end()].encode("utf-16-le")) // 2 for end in ends)]

    def at(self, line: int, column: int) -> int:
        return self.byte(self.starts[max(0, min(line, len(self.starts)) - 1)] + max(0, column - 1))

    def byte(self, unit: int) -> int:
        return len(self.units[: 2 * max(0, unit)].decode("utf-16-le", "ignore").encode())


def _finding(places: _Places, found: _Found) -> Finding:
    start = places.at(found.line, found.column)
    end = places.at(found.last_line or found.line, found.last_column or found.column)
    fix = found.fix
    edits = ((places.byte(fix.range[0]), places.byte(fix.range[1]), fix.text),) if fix is not None else ()
    code = "SYNTAX" if found.fatal or not found.rule else found.rule
    message = found.message.removeprefix("Parsing error: ")
    return Finding(code, message, start, max(start, end), edits, places.document.line_at(start))
