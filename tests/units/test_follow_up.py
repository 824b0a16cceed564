"""“Now the same for the caller” means the same action, where the graph says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dovetail.context.evidence import Evidence
from dovetail.features.account import entered
from dovetail.features.actions import Refused
from dovetail.features.follow_up import Act, FollowUp, about, follow_up, is_follow_up
from dovetail.features.intent import Question
from dovetail.memory import open_store
from dovetail.text import Span
from dovetail.world import Selection, Snapshot, World
from tests.bench.intents import sentences

A = """def total(prices):
    return sum(prices)


def share(prices, people):
    return total(prices) / people


class Till:
    def print(self):
        return total([1])
"""
LAST = Act("validate", "/project/a.py", "share")
HERE = Selection("/project/b.py", Span(27, 27))


@pytest.fixture
def snapshot() -> Snapshot:
    world = World(["/project"])
    world.open("/project/a.py", A, 1, None)
    world.open("/project/b.py", "from a import share\n\n\ndef main():\n    share([], 1)\n", 1, None)
    return world.snapshot()


def named(snapshot: Snapshot, said: FollowUp | Question) -> str:
    assert isinstance(said, FollowUp), said
    assert said.action == "validate"
    return about(snapshot, said.at.path, said.at.span.start)


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("now the same for the caller", "main"),
        ("same for its callers", "main"),
        ("And do the same thing for what it calls.", "total"),
        ("the same for total", "total"),
        ("now do the same again for `Till.print`", "Till.print"),
        ("and the callers too", "main"),
        ("now the same here", ""),
        ("same for this", "main"),
    ],
)
def test_what_it_comes_to(snapshot: Snapshot, sentence: str, name: str) -> None:
    if name:
        assert named(snapshot, follow_up(sentence, LAST, snapshot, HERE)) == name
    else:
        assert not is_follow_up(sentence)


@pytest.mark.parametrize(
    ("sentence", "last", "question"),
    [
        ("now the same for the caller", None, "the same as what"),
        ("same for the callers", Act("validate", "/project/a.py", "total"), "which one: "),
        ("same for the caller", Act("validate", "/project/a.py", "gone"), "gone is not there any more"),
        ("same for the caller", Act("validate", "/project/b.py", "main"), "nothing that is known calls main"),
        ("same for nobody", LAST, "there is no nobody"),
    ],
)
def test_what_is_asked_back(snapshot: Snapshot, sentence: str, last: Act | None, question: str) -> None:
    said = follow_up(sentence, last, snapshot, HERE)
    assert isinstance(said, Question)
    assert question in said.text


def test_other_sentences_are_no_follow_ups() -> None:
    assert not [sentence for sentence in (both[1] for both in sentences()) if is_follow_up(sentence)]


def test_what_was_refused_was_asked_for_last_as_well(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.ran("explain", "/project/a.py", "done", 1, ("explain", "total"))
    entered(store, "validate", "/project/a.py", Refused("it is all checked", Evidence("")), 1, ("validate", "share"))
    assert store.last_act() == ("validate", "/project/a.py", "share")


def test_only_what_was_about_something_is_remembered(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    assert store.last_act() is None
    store.ran("validate", "/project/a.py", "done", 1, ("validate", "share"))
    store.ran("explain it", "/project/a.py", "nothing", 1)
    assert store.last_act() == ("validate", "/project/a.py", "share")
    store.forget()
    assert store.last_act() is None


def test_in_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    typed = A.replace("people)", "people: int)").replace("total(prices)", "total(prices: list[float])", 1)
    (tmp_path / "a.py").write_text(typed)
    script = Path(sys.executable).with_name("dovetail")
    environment = os.environ | {"DOVETAIL_DATA": str(tmp_path / "data"), "COLUMNS": "200"}

    def said(*words: str) -> str:
        done = subprocess.run(
            [script, "--endpoint", "http://127.0.0.1:9", "--endpoint-model", "none", "do", *words], cwd=tmp_path,
            env=environment, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout + done.stderr

    assert "isinstance(people, int)" in said("add validation to share", "a.py")
    assert "isinstance(prices, list)" in said("now the same for what it calls", "a.py")
    changed = said("add a parameter more: float = 0.5 to share", "a.py")
    assert "+def share(prices, people: int, more: float = 0.5):" in changed
    assert "understood as: parameter" in changed
    assert "+def split(prices, people: int):" in said("rename share to split", "a.py")
