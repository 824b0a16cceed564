"""Guards are tried in the sandbox: what is allowed goes on as before, what they are for is refused."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from dovetail.features.actions import Edited, Refused, Request, Result, validate
from dovetail.model.ask import run
from dovetail.verify import tests as judge
from tests.scripted import Scripted
from tests.units.actions.test_hostile import no_linter
from tests.units.actions.test_write_tests import at, opened

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")

GROW = '''def grow(count: int, names: list[str], size: float = 1.5) -> list[str]:
    """Grow.

    Args:
        count: How often. Must be positive.
        names: Must not be empty.
        size: From 0 to 2.
    """
    return names * (count + 1)
'''


def tried(folder: Path) -> Result:
    path = folder / "grow.py"
    snapshot = opened(folder, path.name)
    request = at(snapshot, path, "grow")
    offer = validate.offer(snapshot, request)[0]
    assert offer.title == "Add validation to grow, tried in a sandbox"
    with judge.copied(folder.as_posix()) as scratch:
        assert isinstance(scratch, str)
        tester = judge.Tests(folder.as_posix(), scratch, sys.executable, plugins=False)
        steps = validate.make(snapshot, request, offer, None)
        return asyncio.run(run(steps, Scripted(), no_linter, tester=tester))


def test_each_guard_refuses_what_it_is_for_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "grow.py").write_text(GROW)
    result = tried(tmp_path)
    assert isinstance(result, Edited), result
    assert result.evidence.passed[-1] == "keeps what is allowed, refuses what it is for"
    (note,) = [note for note in result.evidence.notes if note.startswith("tried: ")]
    assert int(note.split(" refused")[0].split(", ")[-1]) >= 8


def test_a_call_that_works_today_outweighs_the_documentation(tmp_path: Path) -> None:
    (tmp_path / "grow.py").write_text(GROW)
    (tmp_path / "use.py").write_text("from grow import grow\n\ngrow(0, ['a'])\n")
    result = tried(tmp_path)
    assert isinstance(result, Refused)
    assert "grow(0, ['a']) gave ['a'] and would give !ValueError" in result.reason


def test_without_trust_nothing_is_tried(tmp_path: Path) -> None:
    (tmp_path / "grow.py").write_text(GROW)
    snapshot = opened(tmp_path, "grow.py")
    request = at(snapshot, tmp_path / "grow.py", "grow")
    assert [offer.title for offer in validate.offer(snapshot, Request(request.at))] == ["Add validation to grow"]
