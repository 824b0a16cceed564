"""What is remembered, and that losing it costs nothing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from pathlib import Path
from random import Random

import pytest

from dovetail.memory import Back, Store, Tried, Undo, digest, open_store, project_of
from dovetail.model.ask import Attempt, Recipe

HELD = Recipe("python|lint|F821|x is not defined", "a = x", "a = y")


def taken(store: Store, recipe: Recipe) -> int:
    number = store.ran("fix", "/project/a.py", "", 5)
    store.shown(number, recipe)
    store.applied(number, {})
    return number


def test_a_recipe_that_fails_is_tried_last_and_then_forgotten(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    other = Recipe(HELD.signature, "a = x", "a = z")
    store.learn(HELD, True)
    store.learn(other, True)
    taken(store, HELD)
    first, second = store.past((HELD.signature,))
    assert (first.new, second.new) == ("a = y", "a = z"), "what was taken more often goes first"
    for _ in range(3):
        store.learn(first, False)
    assert [each.new for each in store.past((HELD.signature,))] == ["a = z", "a = y"]
    taken(store, first)
    assert [each.new for each in store.past((HELD.signature,))] == ["a = y", "a = z"], "a success resets"
    for _ in range(5):
        store.learn(first, False)
    assert [each.new for each in store.past((HELD.signature,))] == ["a = z"]


def test_what_was_only_shown_weighs_less_than_what_was_taken(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    other = Recipe(HELD.signature, "a = x", "a = z")
    store.learn(other, True)
    number = taken(store, other)
    for _ in range(3):
        store.learn(HELD, True)
    assert [(each.new, each.taken) for each in store.past((HELD.signature,))] == [("a = z", 1), ("a = y", 0)]
    store.undone(number)
    assert [each.taken for each in store.past((HELD.signature,))] == [0, 0], "what was taken back was not taken"


def test_a_project_remembers_only_itself_and_only_for_its_user(tmp_path: Path) -> None:
    open_store("/one", tmp_path).learn(HELD, True)
    assert open_store("/one", tmp_path).past((HELD.signature,))
    assert not open_store("/two", tmp_path).past((HELD.signature,))
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("*.sqlite")} == {0o600}


@pytest.mark.parametrize("intact", [0, 4096], ids=["no database", "damage inside"])
def test_a_broken_store_is_put_aside(tmp_path: Path, intact: int) -> None:
    """What is damaged inside is noticed where it is read."""
    store = open_store("/project", tmp_path)
    store.learn(HELD, True)
    store.close()
    (file,) = tmp_path.glob("*.sqlite")
    file.write_bytes(file.read_bytes()[:intact] + b"no database" * 10_000)
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


def test_a_store_that_was_locked_or_deleted_is_used_again(tmp_path: Path) -> None:
    open_store("/project", tmp_path).close()
    (file,) = tmp_path.glob("*.sqlite")
    file.unlink()
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as window:
        window.execute("begin exclusive")
        store = open_store("/project", tmp_path)
        assert store.note("gotcha", "nobody hears it") == 0
    assert store.note("gotcha", "one") == 1
    file.unlink()
    assert store.notes() == []
    assert store.note("gotcha", "two") == 1
    assert [note.text for note in open_store("/project", tmp_path).notes()] == ["two"]
    assert store.forget_note(1)
    assert not store.forget_note(1)


def test_notes_of_another_window_outlive_damage(tmp_path: Path) -> None:
    told: list[str] = []
    window = open_store("/project", tmp_path)
    window.note("gotcha", "money is in cents")
    (file,) = tmp_path.glob("*.sqlite")
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("pragma user_version = 99")
    assert [note.text for note in open_store("/project", tmp_path, told.append).notes()] == ["money is in cents"]
    assert told == ["what was remembered of this project could not be read and is begun anew; notes that were kept: 1"]
    window.note("gotcha", "of the first window")
    assert len(open_store("/project", tmp_path, told.append).notes()) == 2


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


def _used(place: Path, told: list[str] | None = None) -> list[object]:
    """Everything that can be asked of a store."""
    store = open_store("/project", place, (told if told is not None else []).append)
    run = store.ran("fix", "/project/a.py", "done", 5, ("fix", "f"), [Tried("x", "SYNTAX")])
    said: list[object] = [
        run, store.past((HELD.signature,)), store.attempts(run), store.vain("about"), store.last_act(),
        store.runs(), store.last_applied(), store.notes(), store.notes("round"), store.noted("total"),
    ]  # fmt: skip
    store.learn(HELD, True)
    store.failed(Attempt("about", "change", "SYNTAX line 1"))
    store.applied(run, {"/project/a.py": Back(((0, 1, "é"),), "digest")})
    store.note("decision", "total is round")
    store.close()
    return said


@pytest.mark.parametrize("how", ["cut", "flipped", "other bytes"])
@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_store_never_raises_and_remembers_again(tmp_path: Path, how: str, seed: int) -> None:
    _used(tmp_path)
    (file,) = tmp_path.glob("*.sqlite")
    chance, data = Random(f"{how} {seed}"), bytearray(file.read_bytes())
    if how == "cut":
        del data[chance.randrange(len(data)) :]
    else:
        # half of the damage where all depends on it: the head and the schema
        for _ in range(chance.choice((1, 10, 100, 2000))):
            at = chance.randrange(chance.choice((4096, len(data))))
            data[at] = data[at] ^ (1 << chance.randrange(8)) if how == "flipped" else chance.randrange(256)
    file.write_bytes(data)
    told: list[str] = []
    before = list[Undo | None]()
    before.append(open_store("/project", tmp_path).last_applied())
    _used(tmp_path, told)
    _used(tmp_path, told)
    assert len(told) <= 2
    assert all("begun anew" in one for one in told)
    assert before[0] is None or before[0].files == {"/project/a.py": Back(((0, 1, "é"),), "digest")}
    run, past, *_ = _used(tmp_path)
    assert run
    assert past


@pytest.mark.parametrize(
    "older",
    [
        "create table recipes (x)",
        "create table runs (number integer primary key, asked text)",
        "create table acts (run integer primary key, action text not null, path text not null, symbol text, more int)",
        "pragma user_version = 99",
    ],
)
def test_a_store_of_another_version_is_begun_anew_and_says_so_once(tmp_path: Path, older: str) -> None:
    open_store("/project", tmp_path).close()
    (file,) = tmp_path.glob("*.sqlite")
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute(older)
    connection.execute("create virtual table notes using fts5 (kind, text, at unindexed)")
    connection.execute("insert into notes values ('decision', 'prices are cents', 7)")
    connection.commit()
    connection.close()
    told: list[str] = []
    for _ in range(2):
        store = open_store("/project", tmp_path, told.append)
        assert store.note("gotcha", "half")
        assert store.ran("fix", "/project/a.py", "done", 5)
        assert "prices are cents" in [note.text for note in store.notes()], "what the user asked to keep is kept"
        store.close()
    assert told == ["what was remembered of this project could not be read and is begun anew; notes that were kept: 1"]


def test_what_can_be_written_nowhere_is_no_damage(tmp_path: Path) -> None:
    told: list[str] = []
    store = open_store("/project", tmp_path, told.append)
    assert store.note("decision", "total is round")
    assert not store.note("decision", "half a character \ud800")
    for words in ('"', 'total "', "\0", "total\0", "AND", "NEAR(", "* ^ :", "word " * 500):
        store.notes(words)
    assert [note.text for note in store.notes("total")] == ["total is round"]
    assert told == []
