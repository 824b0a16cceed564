"""A folder from a stranger: nothing in it runs, is loaded, or chooses anything. Each file of it would tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.pipe import Pipe, ready, server

_NAMES = (
    "ruff", "json", "pydantic", "sitecustomize", "usercustomize", "dovetail", "llama_cpp", "conftest", "numpy",
    "pickle", "socket", "runpy", "signal", "struct", "resource", "selectors", "tempfile", "httpx", "pathspec",
    "pytest", "_pytest", "evil_plugin", "evil_mypy", "pyright", "mypy",
)  # fmt: skip
_PROGRAMS = (
    "ruff", "git", "python", "python3", "pytest", "node", "npm", "npx", "eslint", "prettier", "tsc", "mypy", "pyright",
    "ty", "gofmt", "go", "cargo", "php", "java", "bwrap", "unshare",
)  # fmt: skip
_DIVIDE = "import os\n\n\ndef half(n: int, by: int) -> float:\n    return n / by\n"


def _hostile(folder: Path) -> Path:
    """A project in which everything that can run writes a file called CANARY."""
    canary = folder / "CANARY"
    trap = f"open({str(canary)!r}, 'a').write(__file__ + '\\n')\n"
    for name in _NAMES:
        (folder / f"{name}.py").write_text(trap, "utf-8")
    (folder / "bin").mkdir()
    said = f"require('fs').appendFileSync({str(canary)!r}, __filename);\n"
    for where in ("bin", "node_modules/.bin", ".venv/bin", ".git/hooks"):
        (folder / where).mkdir(parents=True, exist_ok=True)
        for name in (*_PROGRAMS, "pre-commit", "post-checkout", "fsmonitor"):
            program = folder / where / name
            program.write_text(f"#!/bin/sh\necho {where}/{name} >> '{canary}'\n", "utf-8")
            program.chmod(0o755)
    for name in ("eslint.config.js", "eslint.config.mjs", ".eslintrc.js", "prettier.config.js", "vitest.config.js"):
        (folder / name).write_text(said, "utf-8")
    for package in ("eslint", "eslint-plugin-evil", "typescript", "jest"):
        (folder / "node_modules" / package).mkdir()
        (folder / "node_modules" / package / "index.js").write_text(said, "utf-8")
        manifest = {"name": package, "main": "index.js", "bin": {package: "index.js"}}
        (folder / "node_modules" / package / "package.json").write_text(json.dumps(manifest), "utf-8")
    scripts = dict.fromkeys(("test", "lint", "prepare", "postinstall"), f"echo npm >> '{canary}'")
    (folder / "package.json").write_text(json.dumps({"name": "evil", "scripts": scripts}), "utf-8")
    monitor = f"\tfsmonitor = {folder}/.git/hooks/fsmonitor\n\tpager = {folder}/bin/git\n\thooksPath = .git/hooks\n"
    smudge = f"\tclean = {folder}/bin/git\n\tsmudge = {folder}/bin/git\n\tprocess = {folder}/bin/git\n"
    (folder / ".git/config").write_text(f'[core]\n{monitor}[filter "evil"]\n{smudge}', "utf-8")
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    (folder / ".git/objects").mkdir()
    (folder / ".git/refs").mkdir()
    (folder / ".gitattributes").write_text("* filter=evil diff=evil\n", "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p evil_plugin\npython_files = *.py\n", "utf-8")
    (folder / "mypy.ini").write_text("[mypy]\nplugins = evil_mypy.py\n", "utf-8")
    (folder / "test_half.py").write_text(f"{trap}from half import half\n\n\ndef test_half():\n    assert half(2, 1)\n")
    (folder / "half.js").write_text("function half(n, by) {\n  return n / by;\n}\nhalf(1);\n", "utf-8")
    (folder / "ruff.toml").write_text("lint.select = ['ALL']\nlint.ignore = ['F401']\n", "utf-8")
    (folder / "dovetail.toml").write_text("model = '/dev/zero'\n", "utf-8")
    (folder / ".vscode").mkdir()
    (folder / ".vscode/settings.json").write_text('{"dovetail.model": "/dev/zero"}', "utf-8")
    (folder / ".env").write_text("SECRET=hunter2\n", "utf-8")
    (folder / "half.py").write_text(_DIVIDE, "utf-8")
    return canary


async def _use(pipe: Pipe, uri: str) -> str:
    """Everything a person would do in such a folder; what the server answered, as one text."""
    said: list[str] = [json.dumps(await ready(pipe))]
    item = {"uri": uri, "languageId": "python", "version": 1, "text": _DIVIDE}
    pipe.notify("textDocument/didOpen", {"textDocument": item})
    document = {"textDocument": {"uri": uri}}
    for line, character in ((3, 6), (0, 8)):
        at = {"line": line, "character": character}
        found = [{"range": {"start": at, "end": at}, "code": "F401", "message": "`os` imported but unused"}]
        context = {"diagnostics": found if line == 0 else []}
        _, rows = await pipe.timed(
            "textDocument/codeAction", {**document, "range": {"start": at, "end": at}, "context": context}
        )
        assert rows
        for row in rows:
            if "data" in row:
                said.append(json.dumps((await pipe.timed("codeAction/resolve", row))[1]))
            elif "command" in row:
                said.append(json.dumps((await pipe.timed("workspace/executeCommand", row["command"]))[1]))
        said.append(json.dumps((await pipe.timed("textDocument/hover", {**document, "position": at}))[1]))
    inline = {**document, "position": {"line": 4, "character": 11}, "context": {"triggerKind": 1}}
    said.append(json.dumps((await pipe.timed("textDocument/inlineCompletion", inline))[1]))
    evidence = await pipe.timed("workspace/executeCommand", {"command": "dovetail.showEvidence"})
    return "\n".join([*said, json.dumps(evidence[1])])


@pytest.mark.parametrize("how", ["module", "script"])
async def test_nothing_of_the_folder_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    canary = _hostile(tmp_path)
    monkeypatch.chdir(tmp_path)  # editors start a server in the folder
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    script = Path(sys.executable).with_name("dovetail")
    command = (sys.executable, "-I", "-m", "dovetail") if how == "module" else (str(script),)
    if how == "script" and not script.exists():
        pytest.skip("dovetail is not installed beside this Python")
    async with server(*command, root=tmp_path) as pipe:
        said = await _use(pipe, (tmp_path / "half.py").as_uri())
    assert not canary.exists(), canary.read_text()
    assert "hunter2" not in said
    assert "raise" in said  # the guards were made all the same


_COMMANDS = (
    "validate half.py:half", "fix half.py:1", "fix half.js:2", "index .", "document half.py:half",
    "complete half.py:6:11", "annotate half.py:half", "implement half.py:half", "explain half.py:4:5",
    "simplify half.py:6", "fix half.py:5 --tests", "extract half.py:5 divided", "rename half.py:half halved",
    "why half.py:4:5 'what is half'", "log", "note", "undo", "fix half.py --test pytest", "validate half.js:half",
    "do 'fix the failing test test_half'", "do 'write tests for half'", "do 'what calls half'",
)  # fmt: skip
_RUN = """
import shlex, sys
from click.testing import CliRunner
from dovetail.cli import main

for line in sys.stdin.read().splitlines():
    words = ["--endpoint", "http://127.0.0.1:9", "--endpoint-model", "none", *shlex.split(line)]
    done = CliRunner().invoke(main, words)
    own = done.exception if done.exception and not isinstance(done.exception, SystemExit) else ""
    print(f"{line} -> {done.exit_code}{own!s}", flush=True)
"""
_CALLS = """
from dovetail import Session

with Session(".", model=False) as session:
    for call in (
        lambda: session.complete("half.py:5:11"), lambda: session.explain("half.py:half"),
        lambda: session.fix("half.py:1"), lambda: session.fix("half.js:2"),
        lambda: session.fix(test="pytest test_half.py"),
        lambda: session.validate("half.py:half"), lambda: session.document("half.py:half"),
        lambda: session.annotate("half.py:half"), lambda: session.simplify("half.py:5"),
        lambda: session.implement("half.py:half"), lambda: session.write_tests("half.py:half"),
        lambda: session.extract("half.py:5", "divided"), lambda: session.rename("half.py:half", "halved"),
        lambda: session.do("fix_test", "test_half.py:test_half"), lambda: session.do("make test_half pass"),
        lambda: session.note("half is a number"), lambda: session.validate("half.py:half").apply(), session.undo,
    ):
        print(repr(call())[:60], flush=True)
"""


@pytest.mark.parametrize(("what", "told"), [("terminal", _RUN), ("library", _CALLS)])
def test_no_command_and_no_call_runs_anything_of_the_folder(tmp_path: Path, what: str, told: str) -> None:
    canary = _hostile(tmp_path)
    path = f"{tmp_path / 'bin'}{os.pathsep}{tmp_path / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "DOVETAIL_DATA": str(tmp_path.parent / "data")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", told], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        input="\n".join(_COMMANDS), env=environment,
    )  # fmt: skip
    assert not canary.exists(), canary.read_text()
    assert done.returncode == 0, done.stderr
    if what == "terminal":
        ran = dict(line.split(" -> ") for line in done.stdout.splitlines())
        assert set(ran) == set(_COMMANDS)
        assert set(ran.values()) <= {"0", "1", "2"}, f"a command ended in an error of ours: {done.stdout}"
        assert ran["validate half.py:half"] == ran["fix half.py:1"] == "0", "they did their work"
    else:
        assert "action='validate', ok=True" in done.stdout


def test_the_terminal_runs_nothing_of_the_folder_either(tmp_path: Path) -> None:
    canary = _hostile(tmp_path)
    script = Path(sys.executable).with_name("dovetail")
    if not script.exists():
        pytest.skip("dovetail is not installed beside this Python")
    for words in (("validate", "half.py:half"), ("fix", "half.py:1"), ("index", ".")):
        done = subprocess.run([script, *words], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    assert not canary.exists(), canary.read_text()


async def test_a_workspace_names_no_model(tmp_path: Path) -> None:
    _hostile(tmp_path)
    wanted = {"model": "/dev/zero", "endpoint": "http://127.0.0.1:9", "completion": {"debounce_ms": 0}}
    async with server(root=tmp_path, settings=wanted) as pipe:
        status = await ready(pipe)
        assert status["state"] == "ready"
        pipe.notify("workspace/didChangeConfiguration", {"settings": {"dovetail": {"model": "/dev/zero"}}})
        _, status = await pipe.timed("workspace/executeCommand", {"command": "dovetail.status"})
        assert status["state"] == "ready"


async def test_only_a_client_that_says_so_is_trusted(tmp_path: Path) -> None:
    async with server(root=tmp_path) as pipe:
        _, status = await pipe.timed("workspace/executeCommand", {"command": "dovetail.status"})
        assert status["trusted"] is False
        pipe.notify("dovetail/trustGranted", {})
        _, status = await pipe.timed("workspace/executeCommand", {"command": "dovetail.status"})
        assert status["trusted"] is True
