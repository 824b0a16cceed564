"""In a terminal every failure is a sentence: what happened, and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dovetail.memory import Back, digest, open_store

SCRIPT = Path(sys.executable).with_name("dovetail")
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="dovetail is not installed beside this Python")


def _said(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [SCRIPT, *words], cwd=folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "200"} | environment,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--tcp", "70000"), "not a port"),
        (("--log", "/nonexistent/log"), "name a file that can be written"),
        (("explain", ".env:1:1"), "may hold secrets"),
        (("explain", "away.py:1:1"), "may hold secrets"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    (tmp_path / ".env").write_text("TOKEN = 'hunter2'\n")
    (tmp_path / "away.py").symlink_to(tmp_path / ".env")
    code, said = _said(tmp_path, *words)
    assert code
    assert sentence in said
    assert "hunter2" not in said


def test_a_terminal_without_unicode_is_no_reason_to_stop(tmp_path: Path) -> None:
    assert _said(tmp_path, "model", "list", PYTHONIOENCODING="ascii")[0] == 0


def test_what_a_file_says_does_not_rule_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text('def ring():\n    """Title \x1b]0;gone\x07 and \x9b2J and \u202eesrever."""\n')
    _, said = _said(tmp_path, "explain", "evil.py:1:5", "--evidence", FORCE_COLOR="1")
    assert "ring" in said
    assert "\x1b]" not in said
    assert not any(sign in said for sign in "\x07\x9b\u202e")


def test_lines_are_explained(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("def share(total, people):\n    total = total + 1\n    return total / people\n")
    code, said = _said(tmp_path, "explain", "shop.py:2-2")
    assert not code
    assert "A part of share" in said
    assert "Gives back (1): total" in said


def test_a_line_is_explained_with_what_the_linter_says_of_it(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("import os\n\n\ndef share(total):\n    return totla\n")
    code, said = _said(tmp_path, "--without", "model", "explain", "shop.py:1")
    assert not code
    assert "nothing in this file reads it" in said
    assert "Checks for unused imports." in said
    code, said = _said(tmp_path, "--without", "model", "explain", "shop.py:5")
    assert not code
    assert "A part of share" in said
    assert "written almost alike: total" in said


def test_a_sentence_is_about_the_name_behind_its_preposition(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        'def add(name: str, count: int):\n    """count: Must be positive."""\n    return name * count\n\n\n'
        'def total(prices: list[float]):\n    """Of prices, which must not be empty."""\n    return sum(prices)\n'
    )
    _, said = _said(tmp_path, "do", "add validation to total", "shop.py")
    assert "count" not in said


def test_undo_writes_nothing_outside_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the file of the memory says, which may have been put there by somebody else."""
    monkeypatch.setenv("DOVETAIL_DATA", str(tmp_path / "data"))
    project, outside = tmp_path / "project", tmp_path / "outside.py"
    project.mkdir()
    (project / "pyproject.toml").touch()
    outside.write_text("a = 1\n")
    store = open_store(str(project))
    store.applied(store.ran("x", str(outside), "y", 1), {str(outside): Back(((0, 1, "b"),), digest(b"a = 1\n"))})
    store.close()
    code, said = _said(project, "undo")
    assert code == 1
    assert "lies outside" in said
    assert outside.read_text() == "a = 1\n"


def test_a_damaged_memory_is_said_once_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    data = {"DOVETAIL_DATA": str(tmp_path / "data")}
    assert _said(tmp_path, "note", "prices are cents", **data)[0] == 0
    (file,) = (tmp_path / "data").rglob("*.sqlite")
    file.write_bytes(file.read_bytes()[:50] + b"\xe6" * 60 + file.read_bytes()[110:])
    code, said = _said(tmp_path, "log", **data)
    assert code == 0
    assert "begun anew" in said
    assert "begun anew" not in _said(tmp_path, "log", **data)[1]
