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
)  # fmt: skip
_DIVIDE = "import os\n\n\ndef half(n: int, by: int) -> float:\n    return n / by\n"


def _hostile(folder: Path) -> Path:
    """A project in which everything that can run writes a file called CANARY."""
    canary = folder / "CANARY"
    trap = f"open({str(canary)!r}, 'a').write(__file__ + '\\n')\n"
    for name in _NAMES:
        (folder / f"{name}.py").write_text(trap, "utf-8")
    (folder / "bin").mkdir()
    for name in ("ruff", "git", "python", "python3"):
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho {name} >> '{canary}'\n", "utf-8")
        program.chmod(0o755)
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
