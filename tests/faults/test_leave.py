"""Tests are the project's code: without the user's leave none is run, whatever lies in the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dovetail.cli import main


def test_no_test_runs_without_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "CANARY"
    trap = f"open({str(canary)!r}, 'a').write(__file__)\n"
    for name in ("conftest.py", "test_it.py", "pytest.py", "sitecustomize.py", "it.py"):
        (tmp_path / name).write_text(trap)
    for name in ("pytest", "python", "python3"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
        program.chmod(0o755)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p it'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:/usr/local/bin:/usr/bin:/bin")
    for command in ("python3 -m pytest test_it.py", "pytest test_it.py"):
        result = CliRunner().invoke(main, ["fix", "--test", command])
        assert result.exit_code == 2, result.output
    (tmp_path / "it.py").write_text(f"{trap}\n\ndef half(total: int) -> int:\n    return total // 2\n")
    for sentence, code in (("write tests for half", 2), ("add validation to half", 0)):
        result = CliRunner().invoke(main, ["--endpoint", "http://127.0.0.1:9", "do", sentence, "it.py"])
        assert result.exit_code == code, result.output
    assert not canary.exists()
