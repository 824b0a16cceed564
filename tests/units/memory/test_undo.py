"""What was applied is taken back from a terminal."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from dovetail.cli.memory import undo
from dovetail.memory import Back, digest, open_store


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOVETAIL_DATA", str(tmp_path / "data"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    monkeypatch.chdir(folder)
    return folder


def _applied(project: Path, file: Path, back: Back) -> None:
    store = open_store(str(project))
    store.applied(store.ran("fix", str(file), "done", 1), {str(file): back})
    store.close()


@pytest.mark.parametrize("counted", [True, False])
def test_a_file_with_a_byte_order_mark_is_as_it_was(project: Path, counted: bool) -> None:
    """An editor does not count the mark, a terminal may."""
    file, before, after = project / "a.py", b"a = 1\n", b"a = 12\n"
    file.write_bytes(codecs.BOM_UTF8 + after)
    mark = codecs.BOM_UTF8 if counted else b""
    _applied(project, file, Back(((len(mark) + 5, len(mark) + 6, ""),), digest(mark + after)))
    assert undo() == 0
    assert file.read_bytes() == codecs.BOM_UTF8 + before


def test_a_file_that_was_made_goes_again(project: Path) -> None:
    file = project / "test_a.py"
    file.write_bytes(b"a = 1\n")
    _applied(project, file, Back(((0, 6, ""),), digest(b"a = 1\n"), created=True))
    assert undo() == 0
    assert not file.exists()
    assert undo() == 1, "nothing is left to take back"


def test_a_file_that_was_made_and_written_to_since_stays(project: Path) -> None:
    file = project / "test_a.py"
    file.write_bytes(b"a = 1\nb = 2\n")
    _applied(project, file, Back(((0, 6, ""),), digest(b"a = 1\n"), created=True))
    assert undo() == 1
    assert file.read_bytes() == b"a = 1\nb = 2\n"
