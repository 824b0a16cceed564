"""`dovetail fix --test 'pytest …'`: tests as judge, on a copy of the project, with the user's leave."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from dovetail.cli.project import opened, root_of
from dovetail.cli.work import console, end, messages, show_edit
from dovetail.features.actions import Edited
from dovetail.features.actions.fix.failing_test import FailingTest, fix_failing_test
from dovetail.features.actions.off import switched
from dovetail.memory.store import is_project
from dovetail.model.ask import Log, Silence, run
from dovetail.verify.tests import Tests, command, copied


def fix_test(
    given: Mapping[str, Any],
    written: str,
    path: Path | None,
    python: str,
    seconds: float,
    *,
    apply: bool,
    trust: bool,
    evidence: bool,
) -> int:
    asked = command(written, python)
    root = project_for(path, () if isinstance(asked, str) else asked.arguments)
    if root is None:
        messages.print(
            "what is named lies in no one folder that could be the project: run this in the folder that holds it all"
        )
        return 2
    asked = command(written, python, (root.as_posix(),))
    if isinstance(asked, str):
        messages.print(asked, highlight=False)
        return 2
    arguments = tuple(_from_root(argument, root) for argument in asked.arguments)
    first = path or next((root / a.split("::")[0] for a in arguments if (root / a.split("::")[0]).is_file()), None)
    if first is None:
        said = " ".join(asked.arguments) or "the command"
        messages.print(f"name a test file: no file of {said} is in {root}", highlight=False)
        return 2
    if not trust and not leave(asked.line, root):
        return 2

    async def work() -> int:
        began = time.monotonic()
        with copied(str(root)) as scratch:
            if isinstance(scratch, Silence):
                messages.print(scratch.reason)
                return 2
            async with opened(given, first, messages, root) as project:
                memo = project.remembers()
                wanted = FailingTest(arguments, path.as_posix() if path else "", seconds, project.off)
                snapshot = project.world.snapshot()
                tester = Tests(root.as_posix(), scratch, asked.python, asked.here)
                with messages.status("running the tests") as status:
                    log = Log(lambda stage: status.update(f"fix by test: {stage.title.lower()}"))
                    steps = switched(fix_failing_test(snapshot, wanted, project.port.info), project.off)
                    result = await run(steps, project.port, project.checks, log, tester, memo)
                    result = replace(result, evidence=result.evidence.with_stages(log.stages()))
                if isinstance(result, Edited):
                    for name in result.change.edits:
                        if project.world.snapshot().file(name) is None:
                            project.world.open(name, Path(name).read_bytes().decode("utf-8"), 1, None)
                done = show_edit(project, result, memo, f"fix --test {written}", began, apply=apply)
                return end(result, evidence) or int(not done)

    return asyncio.run(work())


def project_for(path: Path | None, arguments: Sequence[str]) -> Path | None:
    """The project that holds all that is named; where none is marked as one, the folder that the command is run in."""
    here = Path.cwd()
    tests = [file for each in arguments if each[:1] != "-" and (file := here / each.partition("::")[0]).exists()]
    own = [path] if path else []
    around = [root_of(file) for file in (*own, here / "x", *tests)]
    named = [file.resolve() for file in (*own, *tests)]
    found = (*filter(is_project, around), here, *around)
    return next((root for root in found if all(file.is_relative_to(root.resolve()) for file in named)), None)


def leave(line: str, root: Path) -> bool:
    """Running tests runs the project's code: only where the user says so. line: what is run."""
    console.print(f"This runs the project's tests on a copy of {root}, without network where the platform can:")
    console.print(f"    {line}", highlight=False, soft_wrap=True)
    if not os.isatty(0):
        messages.print("say --trust to allow it")
        return False
    return click.confirm("Do you trust this project?", err=True)


def _from_root(argument: str, root: Path) -> str:
    """A path as the terminal means it, told from the project's folder, where the tests run."""
    if argument.startswith("-"):
        return argument
    name, mark, rest = argument.partition("::")
    file = Path.cwd() / name
    if file.exists() and file.resolve().is_relative_to(root.resolve()):
        return f"{file.resolve().relative_to(root.resolve()).as_posix()}{mark}{rest}"
    return argument
