"""The `Tester` of runners that are programs: each question is a few processes in the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from dovetail.model.ask import Ran, Silence, Test, Tested, Verdict
from dovetail.verify.process import start
from dovetail.verify.tests.copy import link, strangers
from dovetail.verify.tests.runners import REPORT, Asked, Command, Said, runner, runners_of
from dovetail.verify.tests.shadow import Shadow, unwritable

_BOXED = Path(__file__).with_name("boxed.py")
_START = 60.0
"""Seconds for a runner to start and to build what it runs."""
_GRACE = 5.0
_FILE = 512 * 1024 * 1024
"""Bytes of one file: what is linked has the size of a program."""


class _Told(BaseModel):
    isolated: str
    code: int | None
    out: str
    err: str
    report: str


class Programs:
    """Runs tests for one project in its copy. Call it with a `Test`."""

    def __init__(self, root: str, scratch: str, roots: Sequence[str] = ()) -> None:
        self.shadow = Shadow(root, scratch)
        self.roots = (root, *roots)
        self._linked: set[str] = set()

    async def __call__(self, test: Test) -> Tested | Silence:
        if os.name != "posix":
            return Silence("tests can be run as a judge only where processes have groups (Linux, macOS)", "none")
        try:
            return await (self._tried(test) if test.function else self._judged(test))
        except OSError as error:
            return unwritable(error)

    async def _judged(self, test: Test) -> Tested | Silence:
        """What becomes of the tests as the project is, or with each text."""
        began = time.monotonic()
        groups = grouped(self.shadow.root, self.roots, test)
        if isinstance(groups, Silence):
            return groups
        found: list[Ran] = []
        verdicts: list[Verdict | None] = []
        isolated = ""
        for text in (test.texts[0],) if test.whole else test.texts or (None,):
            with self.shadow.written(test, text):
                told = await self._told(groups, test.patience + _START)
            if isinstance(told, Silence):
                if test.whole or text is None or told.kind not in ("failed", "patience"):
                    return told
                why = "invalid" if told.kind == "failed" else "timeout"
                verdicts.append(Verdict(False, why, "", told.reason))
                continue
            found, isolated = told
            bad = next((ran for ran in found if ran.outcome in ("failed", "timeout")), None)
            why = "timeout" if bad is not None and bad.outcome == "timeout" else "failed"
            verdicts.append(Verdict(True) if bad is None else Verdict(False, why, bad.name, bad.message))
        seconds = time.monotonic() - began
        if test.texts and not test.whole:
            return Tested((), tuple(verdicts), isolated, seconds)
        return Tested(tuple(found), (), isolated, seconds)

    async def _told(self, groups: list[tuple[Any, Asked]], patience: float) -> tuple[list[Ran], str] | Silence:
        found: list[Ran] = []
        isolated = ""
        for module, asked in groups:
            if (strange := strangers(self.shadow.scratch, module.AROUND)) is not None:
                return strange
            commands: list[Command] | Silence = module.commands(asked)
            if isinstance(commands, Silence):
                return commands
            await self._link(module)
            for command in commands:
                told = await self._said(command, asked, patience)
                if isinstance(told, Silence):
                    return told
                said, isolated = told
                read: list[Ran] | Silence = module.read(said, asked)
                if isinstance(read, Silence):
                    return read
                before = f"{asked.home}/" if asked.home else ""
                found += [replace(ran, name=before + ran.name) for ran in read]
        return (found, isolated) if found else Silence("no test was collected", "failed")

    async def _tried(self, test: Test) -> Tested | Silence:
        """What a function answers in each text."""
        module = next((runner(name) for name in runners_of(test.path) if hasattr(runner(name), "probe")), None)
        if module is None:
            return Silence("functions of this language are not tried so far", "none")
        began = time.monotonic()
        path = os.path.relpath(test.path, self.shadow.root)
        asked = _asked(self.shadow.root, self.roots, _home(self.shadow.root, path, module.MANIFEST), (), path)
        holder, _, name = test.function.rpartition(".")
        job = {
            "file": self.shadow.copy_of(test.path), "name": name, "holder": holder, "made": test.made,
            "inputs": test.inputs, "ms": max(50, round(1000 * test.limit / 20)),
        }  # fmt: skip
        self.shadow.ask(json.dumps(job))
        command: Command | Silence = module.probe(asked)
        if isinstance(command, Silence):
            return command
        await self._link(module)
        verdicts: list[Verdict | None] = []
        isolated = ""
        for text in test.texts:
            with self.shadow.written(test, text):
                told = await self._said(command, asked, test.patience)
            if isinstance(told, Silence):
                return told
            said, isolated = told
            answers: tuple[str, ...] | Silence = module.answers(said)
            if isinstance(answers, Silence):
                if not verdicts:
                    return answers
                verdicts.append(Verdict(False, "invalid", "", answers.reason))
            else:
                verdicts.append(Verdict(True, said=answers))
        return Tested((), tuple(verdicts), isolated, time.monotonic() - began)

    async def _link(self, module: Any) -> None:
        for name in set(module.LINKED) - self._linked:
            await asyncio.to_thread(link, self.shadow.root, self.shadow.folder, name)
            self._linked.add(name)

    async def _said(self, command: Command, asked: Asked, patience: float) -> tuple[Said, str] | Silence:
        shadow, name = self.shadow, Path(command.argv[0]).name
        Path(shadow.scratch, REPORT).unlink(missing_ok=True)
        job = {
            "scratch": shadow.scratch,
            "folder": str(Path(shadow.folder, asked.home)),
            "argv": command.argv,
            "needed": [sys.executable, command.argv[0], _prefix(command.argv[0]), shadow.root, *command.needed],
            "patience": patience,
        }
        more = {
            "PATH": os.pathsep.join((str(Path(command.argv[0]).parent), "/usr/local/bin", "/usr/bin", "/bin")),
            "CI": "1",
            **dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP"), shadow.temporary()),
            **{name: value.replace("{scratch}", shadow.scratch) for name, value in command.environment.items()},
        }
        argv = [sys.executable, "-I", "-B", "-X", "utf8", str(_BOXED)]
        output = await start(argv, json.dumps(job).encode(), patience + _GRACE, more, memory=None, file=_FILE)
        if isinstance(output, Silence):
            return output
        try:
            told = _Told.model_validate_json(output.out)
        except ValidationError:
            last = output.err.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no word"]
            return Silence(f"{name} broke off: {last[0][:200]}", "failed")
        if told.code is None:
            return Silence(f"{name} took longer than {patience:g} s", "patience")
        return Said(told.code, told.out, told.err, told.report), told.isolated


def grouped(root: str, roots: Sequence[str], test: Test) -> list[tuple[Any, Asked]] | Silence:
    """Each runner with the tests that it runs; a reason where one is nobody's."""
    wanted: dict[tuple[str, str], list[str]] = {}
    path = os.path.relpath(test.path, root) if test.path else ""
    for each in test.arguments:
        names = runners_of(each)
        for name in names:
            home = _home(root, each, getattr(runner(name), "MANIFEST", ""))
            asked = _asked(root, roots, home, (each,), path)
            if runner(name).claims(asked):
                wanted.setdefault((name, home), []).append(each)
                break
        else:
            known = ", ".join(names) or "no runner is known for its language"
            return Silence(f"nothing in the project says what runs {each} ({known})", "none")
    return [(runner(name), _asked(root, roots, home, tests, path)) for (name, home), tests in wanted.items()]


def _prefix(program: str) -> str:
    """The folder that a program is installed in, with what it may be a script of; itself where that is not known."""
    folder = Path(program).parent
    return str(folder.parent if folder.name == "bin" else program)


def _asked(root: str, roots: Sequence[str], home: str, tests: Sequence[str], path: str) -> Asked:
    def told(one: str) -> str:
        return os.path.relpath(one, home) if home and one else one

    return Asked(root, tuple(roots), home, tuple(map(told, tests)), told(path))


def _home(root: str, test: str, manifest: str) -> str:
    """The nearest folder above a file that has a manifest, told from the root."""
    folder = Path(test).parent
    while manifest and folder != Path() and not (Path(root) / folder / manifest).is_file():
        folder = folder.parent
    return folder.as_posix() if manifest and folder != Path() else ""
