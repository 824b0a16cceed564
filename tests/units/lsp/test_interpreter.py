"""Which interpreter an editor's session may run a project's tests with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dovetail.features.actions import Offer, fix_test, implement
from dovetail.lsp import tests as running
from dovetail.model import ask as port
from dovetail.settings import Settings
from dovetail.text import Span
from dovetail.world import Snapshot

JUDGED = Offer("Implement a, judged by running test_a.py", Span(0, 0), (("tests", "test_a.py"),))


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
        snapshot=lambda: Snapshot(roots=(str(root),)), trusts=lambda path: True, settings=Settings()
    )

    async def run() -> port.Tested | port.Silence:
        async with running.tester(ls, f"{root}/a.py", implement.ACTION, JUDGED) as tests:
            return await tests(port.Test(("test_a.py",)))

    told = asyncio.run(run())
    assert isinstance(told, port.Silence)
    assert "lies in the project" in told.reason
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(("trusted", "told"), [(True, False), (False, True), (False, False)])
def test_only_a_row_that_says_so_in_a_folder_that_is_trusted_runs_any(trusted: bool, told: bool) -> None:
    ls: Any = SimpleNamespace(
        snapshot=lambda: Snapshot(roots=("/project",)), trusts=lambda path: trusted, settings=Settings()
    )
    row = JUDGED if told else Offer("Implement a", Span(0, 0))

    async def tester() -> port.Tester:
        async with running.tester(ls, "/project/a.py", implement.ACTION, row) as tests:
            return tests

    assert asyncio.run(tester()) is port.no_tests
    assert fix_test.ACTION.leave(Offer("Fix what makes test_a fail (runs pytest a.py::test_a)", Span(0, 0)))
