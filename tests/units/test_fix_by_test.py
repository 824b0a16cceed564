"""`dovetail fix --test`: which folder is the project, and what is said where none can be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dovetail.cli import main
from dovetail.cli.failing_test import project_for

WRONG = "def total(prices, discount):\n    return sum(prices) + discount\n"
TESTS = (
    "from till import total\n\n\ndef test_total():\n    assert total([3, 4], 2) == 5\n    assert total([9], 1) == 8\n"
)
TEST = "tests/test_till.py::test_total"


@pytest.fixture
def till(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that neither a repository nor a build file marks."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folder = tmp_path / "till"
    for name, text in {"till.py": WRONG, "conftest.py": "", "src/gate.py": "", "tests/test_till.py": TESTS}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.chdir(folder)
    return folder


def said(*words: str) -> str:
    off = [word for each in ("model", "rules", "project") for word in ("--without", each)]
    asked = [*off, "fix", *words, "--python", sys.executable, "--trust"]
    return " ".join(CliRunner().invoke(main, asked).output.split())


@pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")
def test_without_a_mark_the_project_is_where_the_command_is_run(till: Path) -> None:
    """What is not tried mends nothing; but the code is found."""
    assert "no fix was found" in said("--test", f"pytest {TEST}")


@pytest.mark.parametrize("name", ["", "till.py", "src/gate.py", "tests/test_till.py"])
def test_the_project_holds_what_is_named(till: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = till / name if name else None
    assert project_for(path, ("-x", TEST)) == till
    (till.parent / "other").mkdir()
    monkeypatch.chdir(till.parent / "other")
    (till / "pyproject.toml").touch()
    assert project_for(path, (f"{till}/{TEST}",)) == till, "its own, wherever the command is run"
    assert project_for(path, ("nowhere.py",)) == (till if name else till.parent / "other")


def test_where_no_folder_holds_it_all_that_is_said(till: Path) -> None:
    other = till.parent / "elsewhere" / "other.py"
    other.parent.mkdir()
    other.write_text(WRONG)
    assert "in the folder that holds it all" in said("--test", f"pytest {TEST}", str(other))
