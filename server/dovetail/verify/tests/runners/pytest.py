"""pytest: one process for each question, started as every other is, in which `child.py` judges many texts."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from dovetail.model.ask import Ran, Silence, Test, Tested, Tester, Verdict
from dovetail.verify.process import inside, start
from dovetail.verify.tests.copy import strangers
from dovetail.verify.tests.shadow import Shadow, unwritable

AROUND = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "conftest.py")
_CHILD = Path(__file__).parent.with_name("child.py")
_GRACE = 5.0
"""Seconds beyond a question's patience in which the process must have ended."""
_START = 60.0
"""Seconds for the interpreter, the imports and the collection."""


class _Test(BaseModel):
    test: str
    outcome: str
    seconds: float = 0.0
    message: str = ""
    raised: list[tuple[str, int]] = []
    lines: dict[str, list[int]] = {}
    calls: list[tuple[str, str, list[str]]] = []


class _Text(BaseModel):
    text: int
    passed: bool
    why: str = ""
    test: str = ""
    message: str = ""
    said: list[str] = []


@dataclass(frozen=True, slots=True)
class Command:
    """What a person's test command comes to."""

    python: str
    """The interpreter, absolute."""
    arguments: tuple[str, ...]
    here: bool
    """The project's folder can be imported from, as with `python -m pytest`."""

    @property
    def line(self) -> str:
        return shlex.join((self.python, "-m", "pytest", *self.arguments))


def command(written: str, python: str = "", roots: Sequence[str] = ()) -> Command | str:
    """Understand `pytest tests/test_x.py::test_y`, `python -m pytest …`; a reason where it is neither.

    python: the interpreter that the user named; else the one that the command says by its folder, from the current
    one; else the first on the user's path that lies in none of the `roots`, or in the environment that is activated.
    """
    try:
        words = shlex.split(written)
    except ValueError as error:
        return f"the test command cannot be read: {error}"
    name = Path(words[0]).name if words else ""
    if name in ("pytest", "py.test"):
        found, rest, here = "", words[1:], False
    elif name.startswith("python") and words[1:3] == ["-m", "pytest"]:
        found, rest, here = words[0], words[3:], True
    else:
        return "a test command begins with `pytest` or `python -m pytest`"
    if name in ("pytest", "py.test") and (beside := _found(words[0], roots)):
        # the interpreter that this pytest was installed for
        found = next(filter(os.path.exists, (str(Path(beside).with_name(n)) for n in ("python", "python.exe"))), "")
    interpreter = python or found or "python3"
    absolute = os.path.abspath(interpreter) if os.path.dirname(interpreter) else _found(interpreter, roots)
    if not absolute or not os.access(absolute, os.X_OK):
        outside = " on your path outside the project" if roots and not os.path.dirname(interpreter) else ""
        return f"there is no interpreter {interpreter}{outside}: name one with --python FILE"
    return Command(absolute, tuple(rest), here)


def tester(root: str, scratch: str, python: str, roots: Sequence[str]) -> Tester | Silence:
    """Runs tests with the interpreter of the user's own settings, else with the first on the path that lies in none
    of the folders that are open."""
    asked = command("python3 -m pytest", python)
    if isinstance(asked, str):
        return Silence(asked, "none")
    if not python and inside(asked.python, (root, *roots)):
        return Silence(
            "the first python3 on the path lies in the project: name it in your own settings, `python`", "none"
        )
    return Tests(root, scratch, asked.python)


def _found(name: str, roots: Sequence[str]) -> str:
    """A program on the user's path; a place that depends on where one stands does not count, nor one in the roots
    that no activated environment put there."""
    if os.path.dirname(name):
        return shutil.which(os.path.abspath(name)) or ""
    activated = [os.environ[each] for each in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(each)]
    for place in os.environ.get("PATH", "").split(os.pathsep):
        program = shutil.which(name, path=place) if os.path.isabs(place) else None
        if program and (not inside(program, roots) or any(Path(program).is_relative_to(each) for each in activated)):
            return program
    return ""


class Tests:
    """Runs tests for one project in its copy. Call it with a `Test`."""

    def __init__(
        self, root: str, scratch: str, python: str, here: bool = True, jobs: int = 0, plugins: bool = True
    ) -> None:
        self.shadow = Shadow(root, scratch)
        self.python, self.here = python, here
        self.plugins = plugins
        """Whether pytest loads what is installed for it; without, it starts in a third of the time."""
        self.jobs = jobs or min(4, os.cpu_count() or 1)

    async def __call__(self, test: Test) -> Tested | Silence:
        if os.name != "posix":
            return Silence("tests can be run as a judge only where processes can be forked (Linux, macOS)", "none")
        if (strange := strangers(self.shadow.scratch, AROUND)) is not None:
            return strange
        try:
            return await self._judged(test)
        except OSError as error:
            return unwritable(error)

    async def _judged(self, test: Test) -> Tested | Silence:
        began = time.monotonic()
        with self.shadow.written(test):
            job = json.dumps(self._job(test)).encode()
            # -B: what is compiled of one text would be taken for the next one, of the same size and second
            argv = [self.python, "-I", "-B", "-X", "utf8", str(_CHILD)]
            more = {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                **({} if self.plugins else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
                **dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP"), self.shadow.temporary()),
            }
            output = await start(argv, job, test.patience + _START + _GRACE, more)
        if isinstance(output, Silence):
            return output
        return self._read(test, output.out, output.err, time.monotonic() - began)

    def _job(self, test: Test) -> dict[str, Any]:
        return {
            "root": self.shadow.root,
            "folder": self.shadow.folder,
            "scratch": self.shadow.scratch,
            "here": self.here,
            "arguments": list(test.arguments),
            "path": self.shadow.copy_of(test.path) if test.path else "",
            "texts": [] if test.whole else list(test.texts),
            "must": list(test.must),
            "traced": test.traced,
            "function": test.function,
            "inputs": list(test.inputs),
            "made": test.made,
            "enough": test.enough,
            "cpu": test.limit,
            "wall": 4 * test.limit + 2,
            "patience": test.patience,
            "jobs": self.jobs,
        }

    def _read(self, test: Test, out: bytes, err: bytes, seconds: float) -> Tested | Silence:
        tests: list[Ran] = []
        verdicts: list[Verdict | None] = [None] * len(test.texts)
        isolated = ended = broken = ""
        for line in out.splitlines():
            try:
                told: dict[str, Any] = json.loads(line)
                if "isolated" in told:
                    isolated = str(told["isolated"])
                elif "silent" in told:
                    return Silence(f"{told['silent']}{f': {broken}' if broken else ''}", "failed")
                elif "broken" in told:
                    broken = str(told["broken"]).strip().splitlines()[-1:][0] if told["broken"] else ""
                elif "text" in told:
                    text = _Text.model_validate(told)
                    why: Any = text.why
                    verdicts[text.text] = Verdict(text.passed, why, text.test, text.message, tuple(text.said))
                elif "test" in told:
                    tests.append(self._ran(_Test.model_validate(told)))
                elif "ended" in told:
                    ended = str(told["ended"])
            except (ValueError, ValidationError, IndexError):
                return Silence("the test run answered in a form that is not understood", "failed")
        if not ended:
            last = err.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no word"]
            return Silence(f"the test run broke off: {last[0][:200]}", "failed")
        if not test.texts and not tests:
            return Silence(f"no test was collected{f': {broken}' if broken else ''}", "failed")
        return Tested(tuple(tests), tuple(verdicts), isolated, seconds)

    def _ran(self, told: _Test) -> Ran:
        outcome: Any = told.outcome
        return Ran(
            told.test,
            outcome,
            told.seconds,
            told.message,
            tuple((self.shadow.place(path), line - 1) for path, line in told.raised),
            {self.shadow.place(path): tuple(line - 1 for line in lines) for path, lines in told.lines.items()},
            tuple((self.shadow.place(path), name, tuple(calls)) for path, name, calls in told.calls),
        )
