"""Which interpreter an editor's session may run a project's tests with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dovetail.features.actions import implement
from dovetail.lsp import tests as running
from dovetail.model import ask as port
from dovetail.settings import Settings


@pytest.mark.parametrize("linked", [False, True])
def test_no_interpreter_of_the_project_is_run_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    root = tmp_path / "project"
    (root / "bin").mkdir(parents=True)
    program = root / "bin" / "python3"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    program.chmod(0o755)
    if linked:
        (tmp_path / "outside").symlink_to(root / "bin")
    monkeypatch.setenv("PATH", str(tmp_path / "outside" if linked else root / "bin"))
    ls: Any = SimpleNamespace(
        snapshot=lambda: SimpleNamespace(roots=(str(root),)), trusts=lambda path: True, settings=Settings()
    )

    async def run() -> port.Tested | port.Silence:
        async with running.tester(ls, f"{root}/a.py", implement.ACTION) as tests:
            return await tests(port.Test(("test_a.py",)))

    told = asyncio.run(run())
    assert isinstance(told, port.Silence)
    assert "lies in the project" in told.reason
    assert not (tmp_path / "sprung").exists()
