"""`go test -json`: the tests of the files that were asked for, by their names, a package at a time."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ValidationError

from dovetail.model.ask import Ran, Silence
from dovetail.verify.process import on_path
from dovetail.verify.tests.runners import MESSAGE, Asked, Command, Said

LINKED = ()
MANIFEST = "go.mod"
AROUND = (MANIFEST, "go.work")
_NAMES = re.compile(r"(?m)^func ((?:Test|Example|Fuzz)\w*)\(")
_HEADING = re.compile(r"^\s*(?:===|---) ")
_PLACE = re.compile(r"^\s*[\w.-]+\.go:\d+: ")
_OUTCOMES = {"pass": "passed", "fail": "failed", "skip": "skipped"}


class _Event(BaseModel):
    """A line of `go test -json`, as `go doc test2json` tells it."""

    Action: str
    Package: str = ""
    Test: str = ""
    Elapsed: float = 0.0
    Output: str = ""


def claims(asked: Asked) -> bool:
    return (asked.folder / MANIFEST).is_file()


def commands(asked: Asked) -> list[Command] | Silence:
    program = on_path("go", asked.roots)
    if not program:
        return Silence("there is no go on your path outside of the project", "none")
    first = os.environ.get("GOPATH", "").split(os.pathsep)[0]
    modules = os.environ.get("GOMODCACHE") or str(Path(first or Path.home() / "go", "pkg", "mod"))
    environment = {
        "GOCACHE": "{scratch}/go",
        "GOMODCACHE": modules,
        # nothing is fetched, no other toolchain either
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "",
    }
    found: list[Command] = []
    for folder in dict.fromkeys(PurePosixPath(test).parent for test in asked.tests):
        tests = [test for test in asked.tests if PurePosixPath(test).parent == folder]
        names = sorted({name for test in tests for name in _NAMES.findall(asked.text(test))})
        place = f"./{folder}" if folder.name else "."
        words = ("-run", f"^({'|'.join(names)})$", place) if names else (place,)
        line = shlex.join(("go", "test", *words))
        found.append(Command((program, "test", "-json", "-count=1", *words), line, environment, (modules,)))
    return found


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    found: list[Ran] = []
    output: dict[tuple[str, str], list[str]] = {}
    broken = said.err
    for event in _events(said.out):
        key = (event.Package, event.Test)
        if event.Action == "output" and event.Test:
            output.setdefault(key, []).append(event.Output)
        elif event.Action == "build-output":
            broken += event.Output
        elif event.Action in _OUTCOMES and event.Test:
            outcome = _OUTCOMES[event.Action]
            message = _message(output.get(key, [])) if outcome == "failed" else ""
            found.append(Ran(f"{event.Package}::{event.Test}", outcome, event.Elapsed, message))  # pyright: ignore[reportArgumentType]
    if found:
        return found
    lines = [line for line in broken.splitlines() if line.strip() and not line.startswith("#")]
    return Silence(f"no test was collected{f': {lines[0].strip()[:MESSAGE]}' if lines else ''}", "failed")


def _events(out: str) -> Iterator[_Event]:
    for line in out.splitlines():
        try:
            yield _Event.model_validate(json.loads(line))
        except (ValueError, ValidationError):
            continue  # a program may say more


def _message(output: list[str]) -> str:
    lines = [_PLACE.sub("", line) for line in "".join(output).splitlines() if not _HEADING.match(line)]
    return "\n".join(line.strip() for line in lines if line.strip())[:MESSAGE]
