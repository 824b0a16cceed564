"""Tests as a judge: on a copy, in a sandbox, many texts a second, and nothing of it without leave."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dovetail.model import ask as port
from dovetail.verify import tests as judge

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")

RIGHT = "def double(n, seen=[]):\n    seen.append(n)\n    return 2 * n\n"
WRONG = RIGHT.replace("2 * n", "3 * n")
TESTS = """
import os, socket
import pytest
from double import double


@pytest.mark.parametrize("n", [0, 1, 2])
def test_double(n):
    assert double(n) == n + n


def test_alone():
    double(1)
    assert double.__defaults__ == ([1],)


def test_away():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 9), timeout=0.2)


def test_everything_writable_again():
    import ctypes
    libc = ctypes.CDLL(None)
    writable = (ctypes.c_uint64 * 4)(0, 1, 0, 0)
    libc.syscall(442, -100, b"/", 0, writable, 32)
    with pytest.raises(OSError):
        open(os.path.expanduser(CANARY), "w")


def test_services_and_keys():
    assert os.listdir("/run") == []
    assert not os.path.exists("/run/listening")


def test_elsewhere():
    with pytest.raises(OSError):
        open(os.path.expanduser(CANARY), "w")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "double.py").write_text(WRONG)
    (root / "test_double.py").write_text(TESTS.replace("CANARY", repr(str(tmp_path / "canary"))))
    (root / ".env").write_text("TOKEN=hunter2\n")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]\n")
    return root


def ask(project: Path, *tests: port.Test) -> list[port.Tested]:
    with judge.copied(str(project)) as scratch:
        assert isinstance(scratch, str)
        tester = judge.Tests(str(project), scratch, sys.executable, plugins=False)
        found = [asyncio.run(tester(test)) for test in tests]
    assert all(isinstance(each, port.Tested) for each in found), found
    return [each for each in found if isinstance(each, port.Tested)]


def test_what_runs_and_where_it_goes_through(project: Path, tmp_path: Path) -> None:
    path = str(project / "double.py")
    (told,) = ask(project, port.Test(("test_double.py",), traced=True, limit=2))
    outcomes = {ran.name.rpartition("::")[2]: ran for ran in told.tests}
    assert outcomes["test_double[0]"].outcome == "passed"
    assert outcomes["test_double[2]"].outcome == "failed"
    assert "assert 6 == (2 + 2)" in outcomes["test_double[2]"].message
    assert outcomes["test_double[2]"].lines[path] == (1, 2)
    assert (path, "double", ("(2, [])",)) in outcomes["test_double[2]"].calls
    assert outcomes["test_alone"].outcome == "passed", "each test begins as if it were the only one"
    if "no network" in told.isolated:
        assert outcomes["test_away"].outcome == "passed"
    if "nothing writable" in told.isolated:
        assert outcomes["test_elsewhere"].outcome == "passed"
        assert outcomes["test_everything_writable_again"].outcome == "passed"
        assert outcomes["test_services_and_keys"].outcome == "passed"
        assert not (tmp_path / "canary").exists()
    assert (project / "double.py").read_text() == WRONG


TOUCHING = """
import os, socket, subprocess, sys
import pytest


def test_other_programs():
    with pytest.raises(ProcessLookupError):
        os.kill(OUTSIDE, 9)


def test_services_beside():
    with pytest.raises(OSError):
        socket.socket(socket.AF_UNIX).connect(SERVICE)


def test_strangers_beside():
    assert os.path.exists(os.getcwd())
    assert not os.path.exists(SERVICE)


def test_leaves_a_program():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", MARK], start_new_session=True)


def test_leaves_a_link():
    os.unlink("aside.py")
    os.symlink(VICTIM, "aside.py")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no sandbox")
def test_what_is_beside_is_neither_seen_nor_touched(project: Path) -> None:
    with tempfile.TemporaryDirectory() as other, socket.socket(socket.AF_UNIX) as service:
        victim, mark = Path(other, "victim"), f"left-{os.getpid()}"
        victim.write_text("as it was\n")
        service.bind(f"{other}/service")
        service.listen()
        outside = subprocess.Popen(["sleep", "300"])
        names = {"OUTSIDE": outside.pid, "SERVICE": f"{other}/service", "MARK": mark, "VICTIM": str(victim)}
        text = TOUCHING
        for name, value in names.items():
            text = text.replace(name, repr(value))
        (project / "test_touching.py").write_text(text)
        (project / "aside.py").write_text("")
        aside = ((str(project / "aside.py"), "x = 1\n"),)
        test = port.Test(("test_touching.py",), files=aside)
        try:
            told, _ = ask(project, test, test)
            if "nothing writable" not in told.isolated:
                pytest.skip("this platform has no sandbox")
            assert {ran.name: ran.message for ran in told.tests if ran.outcome != "passed"} == {}
            assert len(told.tests) == 5
            assert outside.poll() is None
        finally:
            outside.kill()
            outside.wait()
        left = [each for each in Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in each.read_bytes()]
        assert left == []
        assert victim.read_text() == "as it was\n"


def test_many_texts_are_judged_and_one_is_confirmed(project: Path) -> None:
    path = str(project / "double.py")
    endless = RIGHT.replace("return 2 * n", "while True: pass")
    texts = (WRONG, RIGHT, "def double(:\n", endless, RIGHT.replace("2 * n", "n + n"))
    must = tuple(f"test_double.py::test_double[{n}]" for n in (2, 1, 0))
    judged, whole, answers = ask(
        project,
        port.Test(("test_double.py",), path, texts, must, limit=0.2),
        port.Test(("test_double.py",), path, (RIGHT,), whole=True, limit=2),
        port.Test(("test_double.py",), path, (WRONG, RIGHT), function="double", inputs=("(4,)", "('a',)", "(None,)")),
    )
    assert [verdict and (verdict.passed, verdict.why) for verdict in judged.verdicts] == [
        (False, "failed"), (True, ""), (False, "invalid"), (False, "timeout"), (True, ""),
    ]  # fmt: skip
    assert {ran.outcome for ran in whole.tests if "test_double[" in ran.name} == {"passed"}
    assert [verdict.said for verdict in answers.verdicts if verdict] == [
        ("12", "'aaa'", "!TypeError"), ("8", "'aa'", "!TypeError"),
    ]  # fmt: skip
    assert (project / "double.py").read_text() == WRONG


def test_a_text_that_was_run_leaves_nothing_behind(project: Path) -> None:
    """Of the same size and in the same second: what is compiled must not be taken for the other."""
    path = str(project / "double.py")
    right = port.Test(("test_double.py",), path, (RIGHT,), whole=True, limit=2)
    wrong = port.Test(("test_double.py",), limit=2)
    assert len(RIGHT) == len(WRONG)
    for told, outcome in zip(ask(project, right, wrong), ("passed", "failed"), strict=True):
        assert {ran.outcome for ran in told.tests if "test_double[2]" in ran.name} == {outcome}


def test_secrets_and_what_git_keeps_are_not_copied(project: Path) -> None:
    (project / "away").symlink_to("/etc")
    with judge.copied(str(project)) as scratch:
        assert isinstance(scratch, str)
        assert sorted(os.listdir(f"{scratch}/project")) == ["double.py", "test_double.py"]
    assert not os.path.exists(scratch)


def test_nobody_runs_tests_without_leave(project: Path) -> None:
    def steps():
        return (yield port.Test(("test_double.py",)))

    from tests.scripted import Scripted, no_linter

    told = asyncio.run(port.run(steps(), Scripted(), no_linter))
    assert isinstance(told, port.Silence)
    assert told.kind == "refused"
    assert asyncio.run(port.no_tests(port.Test(()))) == told


def test_a_command_is_understood_or_refused(tmp_path: Path) -> None:
    asked = judge.command("python3 -m pytest -x 'tests/test a.py::test_b'")
    assert not isinstance(asked, str)
    assert asked.python == shutil.which("python3")
    assert asked.arguments == ("-x", "tests/test a.py::test_b")
    assert asked.here
    assert isinstance(judge.command("rm -rf ."), str)
    assert isinstance(judge.command("pytest 'unclosed"), str)
    assert "there is no interpreter" in str(judge.command("pytest a.py", str(tmp_path / "nowhere")))


@pytest.mark.parametrize("written", ["pytest test_a.py", "python -m pytest test_a.py", "python3 -m pytest test_a.py"])
def test_an_interpreter_of_the_project_is_run_only_where_it_is_named_or_activated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (root / ".venv" / "bin", outside):
        folder.mkdir(parents=True)
        for name in ("python", "python3", "pytest"):
            (folder / name).write_text("#!/bin/sh\n")
            (folder / name).chmod(0o755)
    own, other = root / ".venv" / "bin", outside

    def runs(written: str, python: str = "") -> str:
        asked = judge.command(written, python, (str(root),))
        return asked if isinstance(asked, str) else str(Path(asked.python).parent)

    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{own}{os.pathsep}{other}")
    assert runs(written) == str(other)
    assert runs(f"{own}/{written}") == str(own), "named in the command"
    assert runs(written, f"{own}/python") == str(own), "named in the settings"
    monkeypatch.setenv("VIRTUAL_ENV", str(root / ".venv"))
    assert runs(written) == str(own), "activated"
    monkeypatch.delenv("VIRTUAL_ENV")
    monkeypatch.setenv("PATH", str(own))
    assert "on your path outside the project: name one with --python FILE" in runs(written)


def test_a_test_case_fails_as_a_test_does(project: Path) -> None:
    text = (
        "import unittest\nfrom double import double\n\n\nclass DoubleTest(unittest.TestCase):\n"
        "    def test_it(self):\n        self.assertEqual(double(2), 4)\n\n"
        "    def test_not(self):\n        self.skipTest('not here')\n"
    )
    path, files = str(project / "double.py"), ((str(project / "deep" / "test_case.py"), text),)
    name = "deep/test_case.py"
    must = (f"{name}::DoubleTest::test_it",)
    (told,) = ask(project, port.Test((name,), path, (WRONG, RIGHT), must, files=files, limit=2))
    assert [verdict.passed for verdict in told.verdicts if verdict] == [False, True]
    (told,) = ask(project, port.Test((name,), path, (RIGHT,), files=files, limit=2))
    assert told.verdicts[0] is not None
    assert told.verdicts[0].why == "skipped"


def test_what_stands_there_for_one_run_is_gone_behind_it(project: Path) -> None:
    with judge.copied(str(project)) as scratch:
        assert isinstance(scratch, str)
        tester = judge.Tests(str(project), scratch, sys.executable, plugins=False)
        new, old = str(project / "deep" / "test_new.py"), str(project / "test_double.py")
        files = ((new, "def test_it():\n    pass\n"), (old, "def test_other():\n    pass\n"))
        told = asyncio.run(tester(port.Test(("deep/test_new.py", "test_double.py"), files=files, limit=2)))
        assert isinstance(told, port.Tested)
        assert [ran.outcome for ran in told.tests] == ["passed", "passed"]
        assert not Path(scratch, "project", "deep", "test_new.py").exists()
        assert Path(scratch, "project", "test_double.py").read_text() == Path(old).read_text()
