"""Starting a program, and what ruff says."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dovetail.model.ask import Finding, Run, Silence
from dovetail.text import Document
from dovetail.verify import lints_no_worse
from dovetail.verify.checkers import ruff, run_checker
from dovetail.verify.process import OUTPUT, Output, start

PYTHON = [sys.executable, "-I", "-c"]


async def test_a_program_is_told_and_heard() -> None:
    code = "import os, sys; print(sys.stdin.read().upper(), os.listdir()); sys.exit(3)"
    output = await start([*PYTHON, code], b"hello", 20)
    assert isinstance(output, Output)
    assert (output.code, output.out.decode().split()) == (3, ["HELLO", "[]"])


async def test_the_environment_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/evil")
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.setenv("API_KEY", "x")
    output = await start([*PYTHON, "import os; print(sorted(os.environ))"], b"", 20)
    assert isinstance(output, Output)
    said = output.out.decode()
    assert not any(name in said for name in ("PYTHONPATH", "LD_PRELOAD", "API_KEY", "PATH'"))


async def until(true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


def written(mark: Path) -> int:
    return int(mark.read_text() or 0) if mark.exists() else 0


async def test_a_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    silence = await start([*PYTHON, code], b"", 2)
    assert isinstance(silence, Silence)
    assert silence.kind == "patience"
    if pid := written(mark):  # a busy machine may not have come so far
        await until(lambda: not alive(pid))


async def test_too_much_output_is_refused() -> None:
    silence = await start([*PYTHON, f"print('x' * {OUTPUT + 10})"], b"", 20)
    assert isinstance(silence, Silence)
    assert "MiB" in silence.reason


async def test_cancelling_ends_the_program(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.ensure_future(start([*PYTHON, code], b"", 50))
    await until(lambda: written(mark) > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize("program", ["ruff", "./ruff", "/nowhere/ruff"])
async def test_only_what_is_there_is_run(program: str) -> None:
    assert isinstance(await start([program], b"", 1), Silence)


async def check(text: str, path: str = "/nowhere/a.py", trusted: bool = False) -> list[Finding]:
    found = await run_checker(Run("ruff", path, text, trusted))
    assert isinstance(found, list)
    return found


async def test_findings_have_byte_spans_and_safe_fixes() -> None:
    text = 'import os\r\nx = "🙂é"; y = nowhere\r\n'
    found = await check(text)
    name = next(f for f in found if f.code == "F821")
    assert (text.encode()[name.start : name.end], name.line) == (b"nowhere", 1)
    unused = next(f for f in found if f.code == "F401")
    start, end, new = unused.fix[0]
    assert (text.encode()[start:end], new) == (b"import os\r\n", "")


async def test_a_syntax_error_is_a_finding() -> None:
    assert {f.code for f in await check("x = (1\n")} == {"SYNTAX"}


async def test_a_checker_that_nobody_knows_is_silent() -> None:
    assert isinstance(await run_checker(Run("../evil", "/a.py", "")), Silence)


async def test_ruff_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruff, "executable", lambda: "")
    silence = await run_checker(Run("ruff", "/a.py", "x = 1\n"))
    assert isinstance(silence, Silence)
    assert "not installed" in silence.reason


async def test_the_project_configures_ruff_only_where_it_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text('lint.select = ["D100"]\n')
    path = str(tmp_path / "a.py")
    assert {f.code for f in await check("import os\n", path)} == {"F401"}
    assert {f.code for f in await check("import os\n", path, trusted=True)} == {"D100"}


def test_lints_no_worse_counts_findings_not_places() -> None:
    one, moved = Finding("F401", "`os`", 0, 3), Finding("F401", "`os`", 9, 12, line=2)
    assert lints_no_worse([one], [moved]) == []
    assert lints_no_worse([one], [moved, moved]) == [moved]
    twice, lower = (Finding("F811", f"Redefinition of unused `g` from line {line}: `g` redefined") for line in (7, 9))
    assert lints_no_worse([twice], [lower]) == []


def test_a_linter_that_quotes_code_finds_the_same_on_the_same_line() -> None:
    old, new = (
        Document(f"a = 1\n{more}if v {sign} b:\n    b = v\n".encode()) for sign, more in (("<", ""), (">", "x\n"))
    )
    was = Finding("PLR1730", "Replace `if` statement with `b = min(b, v)`", line=1)
    now = Finding("PLR1730", "Replace `if` statement with `b = max(b, v)`", line=2)
    assert lints_no_worse([was], [now]) == [now]
    assert lints_no_worse([was], [now], (old, new)) == []
    assert lints_no_worse([was], [now, now], (old, new)) == [now]
    elsewhere = Finding(now.code, now.message, line=3)
    other = Finding(was.code, "of other code", line=now.line)
    assert lints_no_worse([was, was], [was, now, other], (old, new)) == [other]
    assert lints_no_worse([Finding(was.code, was.message, line=0)], [elsewhere], (old, new)) == [elsewhere]
    one, other = Finding("F821", "Undefined name `x`", line=1), Finding("F821", "Undefined name `y`", line=2)
    assert lints_no_worse([one], [other], (old, new)) == [other]


def test_a_linter_that_could_not_read_the_text_before_counts_syntax_alone() -> None:
    syntax, unused = Finding("SYNTAX", "line 1"), Finding("F401", "`os`")
    assert lints_no_worse([syntax], [unused]) == []
    assert lints_no_worse([syntax], [syntax, Finding("SYNTAX", "line 2")]) == [Finding("SYNTAX", "line 2")]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("y = 1", "goes"), ("y = -1", "goes"), ("y = []", "goes"), ("y: int = 1", "goes"), ("y = a", "goes"),
        ("y = f(a)", "goes"), ("y = 1  # why", "goes"), ("y = (  # why\n        1\n    )", "stays"),
        ("y = a.b", "stays"), ("y = (a, a.b)", "stays"), ("y, z = 1, 2", "stays"),
    ],
)  # fmt: skip
async def test_a_name_that_nobody_reads_goes_with_what_does_nothing(statement: str, what: str) -> None:
    found = await ruff.check(Run("ruff", "/p/a.py", f"def f(a):\n    {statement}\n    return a\n", False))
    assert not isinstance(found, Silence)
    unused = [one for one in found if one.code == "F841"]
    assert unused
    assert all(bool(one.fix) == (what == "goes") for one in unused), [one.fix for one in unused]
