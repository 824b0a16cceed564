"""Every mechanism has an off switch, and a gate that is off is told as not asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

import pytest

from dovetail import Session
from dovetail.features.actions import Edited, Refused, Request, Result, fix_test, implement
from dovetail.features.actions.off import NOT_ASKED, switched
from dovetail.memory import open_store
from dovetail.model.ask import (
    Ask,
    Attempt,
    Chat,
    Lesson,
    ModelInfo,
    Noted,
    Past,
    Recipe,
    Silence,
    Spare,
    Steps,
    Vain,
    run,
)
from dovetail.settings import MECHANISMS, Mechanism, Settings, load, narrowed
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

STUB = 'def twice(n: int) -> int:\n    """Two times n."""\n    raise NotImplementedError\n'
OTHER = "def twice(n: int) -> int:\n    return n + n\n"


def implemented(
    *off: str, says: list[str] | None = None, other: bool = False, name: str = "scripted"
) -> tuple[Result, Scripted]:
    world = World(["/p"])
    world.open("/p/a.py", STUB, 1, None)
    if other:
        world.open("/p/b.py", OTHER, 1, None)
    info = ModelInfo(name, "", "", context=4096, fim="suffix-first", chat=True)
    model = Scripted(says if says is not None else ["return 2 * n"], info=info)
    request = Request(Selection("/p/a.py", Span(5, 5)), off=frozenset(off))
    action = implement.ACTION
    offer = action.offer(world.snapshot(), request)[0]
    steps = action.result(world.snapshot(), request, offer, model.info)
    return asyncio.run(run(steps, model, no_linter)), model


def test_without_a_model_none_is_asked() -> None:
    assert isinstance(implemented()[0], Edited)
    result, model = implemented("model")
    assert isinstance(result, Refused)
    assert model.asks == []


def test_without_the_project_its_bodies_are_not_used() -> None:
    with_it, without = (implemented(*off, other=True, says=["return 3 - n"])[0] for off in ((), ("project",)))
    assert [r.evidence.trials[-1].source for r in (with_it, without)] == ["project", "model"]


def test_without_retry_a_model_that_failed_is_not_asked_again() -> None:
    result, model = implemented("retry", says=["return m", "return 2 * n"])
    assert isinstance(result, Refused)
    assert len(model.asks) == 1
    assert isinstance(implemented(says=["return m", "return 2 * n"])[0], Edited)


@pytest.mark.parametrize(
    ("off", "gate"), [("names", "names exist"), ("calls", "calls fit"), ("lints", "lints no worse")]
)
def test_a_gate_that_is_off_is_told_and_not_counted(off: str, gate: str) -> None:
    result, _ = implemented(off)
    assert isinstance(result, Edited)
    assert gate not in result.evidence.passed
    assert f"{gate}: {NOT_ASKED}" in result.evidence.unknown
    assert "parses no worse" in result.evidence.passed


def test_a_body_is_reviewed_by_a_model_that_can_judge_unless_that_is_off() -> None:
    result, model = implemented(says=["return 2 * n", "YES"], name="big-7b")
    assert isinstance(result, Edited)
    assert any("own review: right" in note for note in result.evidence.notes)
    assert len(model.asks) == 2
    assert isinstance(implemented(says=["return 2 * n", "NO"], name="big-7b")[0], Refused)
    result, model = implemented("review", says=["return 2 * n", "NO"], name="big-7b")
    assert isinstance(result, Edited)
    assert len(model.asks) == 1


def test_without_names_an_unknown_one_is_let_through() -> None:
    assert isinstance(implemented(says=["return n * m"] * 4)[0], Refused)
    assert isinstance(implemented("names", says=["return n * m"])[0], Edited)


def test_what_asks_for_something_that_is_off_goes_unanswered(tmp_path: Path) -> None:
    store = open_store("/p", tmp_path)
    store.learn(Recipe("s", "a", "b"), True)
    store.failed(Attempt("about", "change", "why"))
    store.note("decision", "total is round")

    def steps() -> Steps[list[object]]:
        yield Lesson(Recipe("t", "c", "d"), True)
        yield Attempt("more", "change", "why")
        said: list[object] = []
        for effect in (Past(("s",)), Vain("about"), Noted("total"), Ask(Chat("", ""), 1), Spare()):
            said += [(yield effect)]
        return said

    model = Scripted(["yes"])
    answered = asyncio.run(run(switched(steps(), frozenset()), model, no_linter, memo=store))
    assert [bool(one) for one in answered] == [True, True, True, True, False]
    off = frozenset({"cache", "attempts", "notes", "model"})
    answered = asyncio.run(run(switched(steps(), off), Scripted(["yes"]), no_linter, memo=store))
    assert answered[:3] == [(), (), ()]
    assert isinstance(answered[3], Silence)
    store.forget()
    asyncio.run(run(switched(steps(), off), Scripted([]), no_linter, memo=store))
    assert store.past(("t",)) == ()
    assert store.vain("more") == ()


def test_a_failing_test_is_searched_without_what_is_off() -> None:
    request = Request(Selection("/p/a.py", Span(0, 0)), off=frozenset({"rules", "locate"}))
    assert fix_test.ACTION.make.__module__ == fix_test.__name__
    wanted = fix_test.wanted(request, "tests/test_a.py::test_a")
    assert wanted.without == {"rules", "locate"}


@pytest.mark.parametrize("off", MECHANISMS)
def test_each_can_be_switched_off_by_its_user_and_by_nobody_else(
    off: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert off in get_args(Mechanism)
    monkeypatch.setenv("DOVETAIL_ACTIONS_OFF", f"review, {off}")
    settings, complaints = load()
    assert (settings.actions.off, complaints) == (("review", off), [])
    mine = Settings()
    settings, complaints = narrowed(mine, {"actions": {"off": [off]}})
    assert settings == mine
    assert "may not set actions.off" in complaints[0]


def test_the_library_does_without(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n")
    with Session(tmp_path, model=False, without=("rules",)) as session:
        assert not session.fix("a.py:1")
    with Session(tmp_path, model=False, without=("lints",)) as session:
        done = session.fix("a.py:1")
        assert done, done.text
        assert f"lints no worse: {NOT_ASKED}" in done.unknown
        assert "the finding is gone" in done.gates
    with Session(tmp_path, model=False, settings={"actions": {"off": ["nonsense"]}}) as session:
        assert "actions.off" in session.complaints[0]
