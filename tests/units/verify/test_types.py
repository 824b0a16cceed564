"""The type checker that a user names: what is found anew refuses an edit, and who is not trusted is not looked at."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from dovetail.context.evidence import Ledger
from dovetail.features.actions.pipeline import Candidate, Held, Wish, grant
from dovetail.model.ask import Finding, Run, Silence, Steps, run
from dovetail.settings import load, narrowed
from dovetail.text import Change, Document, Edit, Span
from dovetail.verify.checkers import run_checker, runner
from dovetail.verify.types import chosen, mypy, pyright, tools, tsc, ty
from dovetail.verify.types import types as look
from dovetail.world import World
from tests.scripted import Scripted

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the tools of these tests are scripts")
CODE = "def size(name: str) -> int:\n    return 1\n"


def a_tool(folder: Path, code: str, name: str = "mypy") -> str:
    """A program that says what a test wants, in the place of one that takes seconds."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!{sys.executable}\nimport sys, os, pathlib\n{code}\n", "utf-8")
    program.chmod(0o755)
    return str(program)


COUNTS_RETURNS = """
file = pathlib.Path(sys.argv[-1])
for number, line in enumerate(file.read_text().split("\\n"), 1):
    if 'return "' in line:
        print(f"{file}:{number}:5: error: not an int  [return-value]")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text(CODE)
    (root / "mypy.ini").write_text("[mypy]\nplugins = evil.py\n")
    (root / "evil.py").write_text("open('CANARY', 'w')\n")
    return root


async def granted(project: Path, program: str, line: str, *, trusted: bool = True) -> tuple[Held | str, Ledger]:
    path = (project / "a.py").as_posix()
    world = World([project.as_posix()])
    world.open(path, CODE, 1, None)
    place = Span(CODE.index("    return"), CODE.index("    return") + len("    return 1"))
    ledger = Ledger("fix")

    def propose(number: int, failed: object) -> Steps[list[Candidate]]:
        yield from ()
        return [Candidate("model", Change.one(path, [Edit(place, line.encode())]), place, line)] if not number else []

    checks = runner(program, "", [project.as_posix()])
    wish = Wish(path, propose, trusted=trusted)
    return await run(grant(world.snapshot(), wish, ledger), Scripted(), checks), ledger


async def test_what_types_no_longer_is_not_shown(project: Path, tmp_path: Path) -> None:
    program = a_tool(tmp_path / "bin", COUNTS_RETURNS)
    held, ledger = await granted(project, program, '    return "x"')
    assert isinstance(held, str)
    assert [trial.failed for trial in ledger.trials] == ["types no worse"]
    held, ledger = await granted(project, program, "    return 2")
    assert isinstance(held, Held)
    assert "types no worse" in ledger.passed
    assert "types no worse" in ledger.gates


async def test_unknown_is_never_shown_as_held(project: Path, tmp_path: Path) -> None:
    slow = a_tool(tmp_path / "bin", "print('Traceback: it fell over')", "ty")
    for program, trusted, why in (
        (slow, True, "could not look"),
        (slow, False, "only at a folder that you trust"),
        (a_tool(project, COUNTS_RETURNS), True, "lies in the project"),
        (a_tool(tmp_path / "bin", "", "nonsense"), True, "no type checker that is known"),
        (str(tmp_path / "bin" / "away" / "mypy"), True, "not there"),
    ):
        held, ledger = await granted(project, program, "    return 2", trusted=trusted)
        assert isinstance(held, Held)
        assert "types no worse" not in ledger.passed
        assert any(why in unknown for unknown in ledger.unknown), (why, ledger.unknown)


async def test_who_names_none_hears_nothing_of_it(project: Path) -> None:
    _, ledger = await granted(project, "", "    return 2")
    assert not any("types" in word for word in (*ledger.passed, *ledger.unknown, *ledger.gates))
    assert await run_checker(Run("types", "/a.py", "")) == await look(Run("types", "/a.py", ""), "", "", ())


async def test_it_sees_a_copy_of_the_sources_alone(project: Path, tmp_path: Path) -> None:
    """With the text that is not saved; nothing that configures a checker, nothing of the environment."""
    told = tmp_path / "told"
    code = f"""
file = pathlib.Path(sys.argv[-1])
names = sorted(p.name for p in file.parent.iterdir())
pathlib.Path({str(told)!r}).write_text(f"{{names}} {{file.read_text()!r}} {{'API_KEY' in os.environ}} {{os.getcwd()}}")
"""
    checks = runner(a_tool(tmp_path / "bin", code), "", [project.as_posix()])
    found = await checks(Run("types", (project / "a.py").as_posix(), "x = 1\n", True))
    assert found == []
    said = told.read_text()
    assert said.startswith("['a.py', 'evil.py'] 'x = 1\\n' False")
    assert str(project) not in said
    assert (project / "a.py").read_text() == CODE


def test_no_workspace_names_one() -> None:
    settings, complaints = load({"type_checker": "./bin/mypy"})
    assert settings.type_checker is None
    assert "write the whole path" in complaints[0]
    settings, _ = load({"type_checker": "/usr/bin/mypy"})
    narrower, complaints = narrowed(settings, {"type_checker": "/elsewhere/mypy"})
    assert narrower.type_checker == "/usr/bin/mypy"
    assert "may not set type_checker" in complaints[0]


def test_several_are_told_apart_by_the_language_that_they_look_at() -> None:
    named = "/opt/bin/mypy, /opt/bin/tsc,/usr/bin/gcc"
    for path, program in (("a.py", "/opt/bin/mypy"), ("a.tsx", "/opt/bin/tsc"), ("a.c", "/usr/bin/gcc"), ("a.go", "")):
        assert chosen(named, path) == program
    assert load({"type_checker": named})[0].type_checker == named
    settings, complaints = load({"type_checker": "/opt/bin/mypy, ./bin/tsc"})
    assert settings.type_checker is None
    assert "write the whole path" in complaints[0]


async def test_one_of_several_that_is_unknown_stands_in_no_other_ones_way(project: Path, tmp_path: Path) -> None:
    program = a_tool(tmp_path / "bin", COUNTS_RETURNS)
    checks = runner(f"/opt/nonsense,{program}", "", [project.as_posix()])
    path = (project / "a.py").as_posix()
    found = await checks(Run("types", path, 'def f():\n    return "x"\n', True))
    assert not isinstance(found, Silence)
    assert len(found) == 1
    told = await checks(Run("types", f"{path}.go", "x", True))
    assert isinstance(told, Silence)
    assert "nonsense is no type checker" in told.reason


def test_each_tool_tells_its_findings() -> None:
    file, document = Path("/s/project/a.py"), Document.of("a\nb\nc\n")
    assert set(tools()) == {"basedpyright", "clang", "gcc", "mypy", "pyright", "tsc", "ty"}
    said: list[tuple[list[Finding] | None, str, str]] = [
        (
            pyright.findings(
                b'{"generalDiagnostics": [{"file": "/s/project/a.py", "severity": "error", "message": "no\\n int",'
                b' "range": {"start": {"line": 1}}, "rule": "reportX"}, {"file": "/s/project/b.py",'
                b' "severity": "error", "message": "other"}]}', file, document,
            ), "reportX", "no int",
        ),
        (mypy.findings(b"/s/project/a.py:2:5: error: no  [arg-type]\n/x: note: y\n", file, document), "arg-type", "no"),
        (ty.findings(b"project/a.py:2:1: error[bad] no\nFound 1 diagnostic\n", file, document), "bad", "no"),
        (tsc.findings(b"project/a.py(2,1): error TS2322: no\n", file, document), "TS2322", "no"),
    ]  # fmt: skip
    for found, code, message in said:
        assert found is not None
        assert [(each.code, each.message, each.line, each.start) for each in found] == [(code, message, 1, 2)]
    for tool in (pyright, mypy, ty):
        assert tool.findings(b"Traceback (most recent call last)", file, document) is None
    assert tsc.findings(b"error TS5023: Unknown option\n", file, document) is None


@pytest.mark.skipif(not Path(sysconfig.get_path("scripts"), "pyright").exists(), reason="pyright is not installed")
async def test_pyright_itself(project: Path) -> None:
    program = str(Path(sysconfig.get_path("scripts"), "pyright"))
    shutil.copy(project / "a.py", project / "b.py")
    checks = runner(program, "", [project.as_posix()])
    path = (project / "c.py").as_posix()
    found = await checks(Run("types", path, "from b import size\n\nx: str = size('a')\n", True))
    assert not isinstance(found, Silence), found.reason
    assert [(one.code, one.line) for one in found] == [("reportAssignmentType", 2)]


HEADER = "struct cart { int items; };\nint size(struct cart *cart);\n"
C = '#include "cart.h"\n\nint full(struct cart *cart) {\n    return size(cart) > %s;\n}\n'


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
async def test_gcc_itself(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "cart.h").write_text(HEADER)
    checks = runner(shutil.which("gcc") or "", "", [tmp_path.as_posix()])
    path = (tmp_path / "a.c").as_posix()
    assert await checks(Run("types", path, C % "cart->items", True)) == []
    found = await checks(Run("types", path, C % "cart->itmes", True))
    assert not isinstance(found, Silence), found.reason
    assert [(one.code, one.line) for one in found] == [("error", 3)]
    assert "itmes" in found[0].message
    refused = await checks(Run("types", path, C % "1", False))
    assert isinstance(refused, Silence)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
async def test_what_stops_a_compiler_half_way_is_unknown(tmp_path: Path) -> None:
    checks = runner(shutil.which("gcc") or "", "", [tmp_path.as_posix()])
    found = await checks(Run("types", (tmp_path / "a.c").as_posix(), C % "1", True))
    assert isinstance(found, Silence)
    assert "could not look" in found.reason
