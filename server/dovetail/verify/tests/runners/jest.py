"""jest, as the project has it installed."""

from __future__ import annotations

import json
import os
import re
import shlex

from pydantic import BaseModel, ValidationError

from dovetail.model.ask import Ran, Silence
from dovetail.verify.tests.packages import AROUND, FOLDER, MANIFEST, entry, installed, node, options, plain, says
from dovetail.verify.tests.runners import Asked, Command, Said

__all__ = ["AROUND", "LINKED", "MANIFEST", "claims", "commands", "read", "told"]

LINKED = (FOLDER,)
_ANOTHER = re.compile(r"""["'](?:node:test|vitest|mocha|bun:test)["']""")


class _Test(BaseModel):
    fullName: str
    status: str
    duration: float | None = None
    failureMessages: list[str] = []
    ancestorTitles: list[str] = []
    title: str = ""


class _File(BaseModel):
    name: str
    message: str = ""
    assertionResults: list[_Test] = []


class _Report(BaseModel):
    testResults: list[_File]


_OUTCOMES = {"passed": "passed", "failed": "failed"}


def claims(asked: Asked) -> bool:
    if says(asked, "mocha") and not says(asked, "jest"):
        return False
    return installed(asked, "jest") and not any(_ANOTHER.search(asked.text(test)) for test in asked.tests)


def commands(asked: Asked) -> list[Command] | Silence:
    program = node(asked)
    if isinstance(program, Silence):
        return program
    # --no-cache: what was compiled of one text must not be taken for the next
    plainly = ("--ci", "--no-cache", "--watchman=false", "--coverage=false", "--forceExit", "--maxWorkers=2")
    reported = ("--json", f"--outputFile={asked.report()}", "--cacheDirectory=../tmp")
    before = [one for one in options(asked) if one.startswith("--import")]
    argv = (program, *before, entry(asked, "jest"), *plainly, *reported, "--runTestsByPath", *asked.named)
    return [Command(argv, shlex.join(("node", *before, entry(asked, "jest"), *asked.named)))]


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    return told("jest", said, asked)


def told(name: str, said: Said, asked: Asked) -> list[Ran] | Silence:
    """What a report in jest's form says."""
    try:
        report = _Report.model_validate(json.loads(said.report))
    except (ValueError, ValidationError):
        last = plain(said.err).splitlines()[:1] or ["no word"]
        return Silence(f"{name} told nothing of its tests: {last[0]}", "failed")
    found: list[Ran] = []
    broken = ""
    for file in report.testResults:
        path = asked.of(file.name) or os.path.basename(file.name)
        for each in file.assertionResults:
            outcome = _OUTCOMES.get(each.status, "skipped")
            message = _compared(plain(each.failureMessages[0])) if each.failureMessages else ""
            if "timed out in" in message or "Exceeded timeout of" in message:
                outcome = "timeout"
            full = " > ".join((*each.ancestorTitles, each.title)) if each.title else each.fullName
            found.append(Ran(f"{path}::{full}", outcome, (each.duration or 0) / 1000, message))  # pyright: ignore[reportArgumentType]
        if not file.assertionResults:
            broken = broken or " ".join(plain(file.message).split())
    return found or Silence(f"no test was collected{f': {broken}' if broken else ''}", "failed")


def _compared(message: str) -> str:
    """The lines that differ, where a difference of several lines is told."""
    _, found, lines = message.partition("- Expected")
    if not found:
        return message
    wanted, got = (
        " ".join(line[1:].strip() for line in lines.splitlines()[2:] if line.startswith(sign)) for sign in "-+"
    )
    return f"expected {wanted.rstrip(',') or 'nothing'}, got {got.rstrip(',') or 'nothing'}"
