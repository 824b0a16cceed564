"""What is remembered, and that losing it costs nothing."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from dovetail.memory import Back, Tried, digest, open_store, project_of
from dovetail.model.ask import Recipe

HELD = Recipe("python|lint|F821|x is not defined", "a = x", "a = y")


def test_a_recipe_that_fails_is_tried_last_and_then_forgotten(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    other = Recipe(HELD.signature, "a = x", "a = z")
    store.learn(HELD, True)
    store.learn(HELD, True)
    store.learn(other, True)
    first, second = store.past((HELD.signature,))
    assert (first.new, second.new) == ("a = y", "a = z"), "what helped more often goes first"
    for _ in range(3):
        store.learn(first, False)
    assert [each.new for each in store.past((HELD.signature,))] == ["a = z", "a = y"]
    store.learn(first, True)
    assert [each.new for each in store.past((HELD.signature,))] == ["a = y", "a = z"], "a success resets"
    for _ in range(5):
        store.learn(first, False)
    assert [each.new for each in store.past((HELD.signature,))] == ["a = z"]


def test_a_project_remembers_only_itself_and_only_for_its_user(tmp_path: Path) -> None:
    open_store("/one", tmp_path).learn(HELD, True)
    assert open_store("/one", tmp_path).past((HELD.signature,))
    assert not open_store("/two", tmp_path).past((HELD.signature,))
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("*.sqlite")} == {0o600}


def test_a_broken_store_is_put_aside(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.learn(HELD, True)
    store.close()
    (file,) = tmp_path.glob("*.sqlite")
    file.write_bytes(b"no database" * 1000)
    again = open_store("/project", tmp_path)
    assert again.past((HELD.signature,)) == ()
    again.learn(HELD, True)
    assert again.past((HELD.signature,))
    assert list(tmp_path.glob("*.damaged"))


def test_damage_inside_is_noticed_where_it_is_read(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.learn(HELD, True)
    store.close()
    (file,) = tmp_path.glob("*.sqlite")
    file.write_bytes(file.read_bytes()[:4096] + b"no page" * 10_000)
    again = open_store("/project", tmp_path)
    assert again.past((HELD.signature,)) == ()
    again.learn(HELD, True)
    assert again.past((HELD.signature,))
    assert list(tmp_path.glob("*.damaged"))


def test_another_window_that_writes_keeps_nobody_from_reading(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.learn(HELD, True)
    (file,) = tmp_path.glob("*.sqlite")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin exclusive")
    assert store.past((HELD.signature,))
    assert store.ran("fix", "a.py", "", 5, None, [Tried("a", "b")] * 20) == 0, "it is all lost, or nothing is"
    other.close()
    assert store.attempts(1) == []
    number = store.ran("fix", "a.py", "", 5, ("fix", "f"), [Tried("a", "b")] * 20)
    assert len(store.attempts(number)) == 20
    assert store.last_act() == ("fix", "a.py", "f")


def test_a_project_has_one_store_however_its_folder_is_called(tmp_path: Path) -> None:
    project, place = tmp_path / "shop", tmp_path / "kept"
    (project / "server" / "src").mkdir(parents=True)
    (project / "pyproject.toml").touch()
    (tmp_path / "link").symlink_to(project)
    open_store(str(project), place).note("note", "amounts are cents")
    for name in (f"{project}/", f"{project}/server/src", str(tmp_path / "link"), f"{project}/server/../"):
        assert open_store(name, place).notes(), name
    assert not open_store(str(tmp_path), place).notes()


def test_a_home_folder_in_a_repository_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "one").mkdir()
    assert project_of(tmp_path / "one") == tmp_path / "one"


def test_a_store_that_cannot_be_made_remembers_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = open_store("/project", tmp_path / "file")
    store.learn(HELD, True)
    assert store.past((HELD.signature,)) == ()
    assert store.ran("fix", "a.py", "done", 5) == 0
    assert store.runs() == []
    assert store.notes() == []


def test_a_store_that_breaks_meanwhile_answers_with_nothing(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.learn(HELD, True)
    store.close()
    assert store.past((HELD.signature,)) == ()
    store.learn(HELD, True)


def test_the_ledger_and_what_takes_an_edit_back(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    before, after = "a = 'é'\n".encode(), "a = 'é' + b\n".encode()
    number = store.ran("fix", "/project/a.py", "made it better", 12)
    store.ran("fix", "/project/b.py", "nothing was found", 3)
    assert store.last_applied() is None
    store.applied(number, {"/project/a.py": Back(((8, 12, ""),), digest(after))})
    last = store.last_applied()
    assert last is not None
    assert digest(after) == last.files["/project/a.py"].after
    assert last.files["/project/a.py"].taken_back(after) == before
    assert [(each.asked, each.answered, each.applied) for each in store.runs()] == [
        ("fix", "nothing was found", False),
        ("fix", "made it better", True),
    ]
    store.undone(number)
    assert store.last_applied() is None


def test_notes_are_found_by_their_words(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.note("decision", "amounts are whole cents")
    number = store.note("gotcha", 'the "old" API counts from 1')
    assert [note.text for note in store.notes("cents")] == ["amounts are whole cents"]
    assert store.notes('"') == []
    assert store.forget_note(number)
    assert not store.forget_note(number)
    assert [note.kind for note in store.notes()] == ["decision"]


def test_forgetting_keeps_the_notes(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.learn(HELD, True)
    run = store.ran("fix", "/project/a.py", "", 5, None, [Tried("a = q", "names exist")])
    store.note("note", "kept")
    assert [attempt.failed for attempt in store.attempts(run)] == ["names exist"]
    store.forget()
    assert store.past((HELD.signature,)) == ()
    assert store.attempts(run) == []
    assert [note.text for note in store.notes()] == ["kept"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_remembers_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    store = open_store("/project", tmp_path)
    assert store.ran("x", "y", "z", 1) == 0
    assert not list(tmp_path.iterdir())
