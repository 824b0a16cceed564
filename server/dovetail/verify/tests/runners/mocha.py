"""mocha, as the project has it installed."""

from __future__ import annotations

import json
import shlex
from typing import Any

from pydantic import BaseModel, ValidationError

from dovetail.model.ask import Ran, Silence
from dovetail.verify.tests.packages import AROUND, FOLDER, MANIFEST, entry, installed, node, options, plain
from dovetail.verify.tests.runners import Asked, Command, Said

__all__ = ["AROUND", "LINKED", "MANIFEST", "claims", "commands", "read"]

LINKED = (FOLDER,)


class _Test(BaseModel):
    fullTitle: str
    file: str | None = None
    duration: float | None = None
    err: dict[str, Any] = {}


class _Report(BaseModel):
    passes: list[_Test]
    failures: list[_Test]
    pending: list[_Test]


def claims(asked: Asked) -> bool:
    return installed(asked, "mocha")


def commands(asked: Asked) -> list[Command] | Silence:
    program = node(asked)
    if isinstance(program, Silence):
        return program
    found = options(asked)
    first, then = ([one for one in found if one.startswith("--require") is own] for own in (False, True))
    reported = ("--reporter", "json", "--reporter-option", f"output={asked.report()}")
    argv = (program, *first, entry(asked, "mocha"), *then, "--exit", "--no-parallel", *reported, *asked.named)
    return [Command(argv, shlex.join(("node", *first, entry(asked, "mocha"), *then, *asked.named)))]


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    try:
        report = _Report.model_validate(json.loads(said.report))
    except (ValueError, ValidationError):
        why = next((one for one in plain(said.err + said.out).splitlines() if "Error" in one), "no word")
        return Silence(f"mocha told nothing of its tests: {why.strip()}", "failed")
    pending = {(one.file, one.fullTitle) for one in report.pending}
    found: list[Ran] = []
    for outcome, tests in (("passed", report.passes), ("failed", report.failures), ("skipped", report.pending)):
        for each in tests:
            if outcome != "skipped" and (each.file, each.fullTitle) in pending:
                continue
            # the configuration of a project may bring tests that nobody asked for
            path = asked.of(each.file or "")
            if path:
                message = plain(_message(each.err)) if each.err else ""
                late = "Timeout of" in message and "exceeded" in message
                name, seconds = f"{path}::{each.fullTitle}", (each.duration or 0) / 1000
                found.append(Ran(name, "timeout" if late else outcome, seconds, message))  # pyright: ignore[reportArgumentType]
    return found or Silence("no test was collected", "failed")


def _message(error: dict[str, Any]) -> str:
    said = str(error.get("message") or error.get("stack") or "failed")
    wanted, got = error.get("expected"), error.get("actual")
    if isinstance(wanted, str) and isinstance(got, str) and wanted != got:
        one_line = (" ".join(each.split()) for each in (wanted, got))
        return "expected {}, got {}".format(*one_line)
    name = error.get("name") or ""
    return said if not name or name == "AssertionError" or said.startswith(name) else f"{name}: {said}"
