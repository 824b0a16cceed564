"""What is remembered, and that losing it costs nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dovetail.memory import Back, digest, open_store
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
    store.tried(7, "a = q", "names exist")
    store.note("note", "kept")
    assert [attempt.failed for attempt in store.attempts(7)] == ["names exist"]
    store.forget()
    assert store.past((HELD.signature,)) == ()
    assert store.attempts(7) == []
    assert [note.text for note in store.notes()] == ["kept"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_remembers_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    store = open_store("/project", tmp_path)
    assert store.ran("x", "y", "z", 1) == 0
    assert not list(tmp_path.iterdir())
