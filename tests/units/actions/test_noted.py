"""What the user asked to keep about a name is in the prompts of actions about it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dovetail.context.evidence import Piece
from dovetail.features.actions import Edited, Request, Result, actions
from dovetail.features.actions.noted import with_notes
from dovetail.memory import open_store
from dovetail.model.ask import Ask, Chat, Count, Effect, Fim, ModelInfo, Noted, Steps, answered, run, through
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

PATH = "/project/a.py"
TEXT = "def area(width, height):\n    return width * height\n\n\ndef twice(x):\n    return 2 * x\n"
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"


def _result(
    tmp_path: Path, port: Scripted, notes: list[str], name: str = "area", off: frozenset[str] = frozenset()
) -> Result:
    store = open_store("/project", tmp_path)
    for note in notes:
        store.note("decision", note)
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    snapshot = world.snapshot()
    at = TEXT.index(name)
    request = Request(Selection(PATH, Span(at, at)), off=off)
    action = next(each for each in actions() if each.name == "document")
    (offer,) = action.offer(snapshot, request)
    return asyncio.run(run(action.result(snapshot, request, offer, port.info), port, no_linter, memo=store))


@pytest.mark.parametrize("chat", [False, True])
def test_a_note_is_told_the_model_and_the_evidence_says_so(tmp_path: Path, chat: bool) -> None:
    info = ModelInfo("talker", "", "", context=4096, fim=None, chat=True) if chat else None
    port = Scripted(["Return the width times the height."] * 3, info=info)
    result = _result(tmp_path, port, ["area counts in feet", "twice is exact", f"area asks with {KEY}"])
    assert isinstance(result, Edited)
    assert port.asks
    for ask in port.asks:
        prompt = ask.prompt
        seen = prompt.prefix if isinstance(prompt, Fim) else prompt.system
        assert isinstance(prompt, Chat) is chat
        assert "decision: area counts in feet" in seen
        assert "twice is exact" not in seen
        assert KEY not in seen
    used = [piece for piece in result.evidence.used if piece.why == "you noted it about area"]
    assert len(used) == 2
    assert all(piece.what == "your decision" and piece.tokens for piece in used)
    assert "feet" not in "".join(edit.new.decode() for edits in result.change.edits.values() for edit in edits)


def test_a_note_that_has_no_room_is_told_as_left_out(tmp_path: Path) -> None:
    port = Scripted(["Return the width times the height."] * 3)
    result = _result(tmp_path, port, ["area " + "counts in feet and inches " * 200, "area counts in feet"])
    assert [piece.why for piece in result.evidence.used if piece.what == "your decision"] == ["you noted it about area"]
    assert [piece.why for piece in result.evidence.left_out] == ["you noted it about area; no room for it"]
    assert all("inches" not in ask.prompt.prefix for ask in port.asks if isinstance(ask.prompt, Fim))


def test_a_note_is_used_where_any_question_had_room_for_it() -> None:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    told: list[Piece] = []

    def steps() -> Steps[None]:
        for words in (2000, 10, 2000):
            yield Ask(Fim("width " * words), 8)

    def answer(effect: Effect) -> Steps[Any]:
        if isinstance(effect, Noted):
            return (("decision", "area counts in feet"),) if effect.name == "area" else ()
        if isinstance(effect, Count):
            return [len(text.split()) for text in effect.texts]
        yield from ()

    model = ModelInfo("small", "", "", context=1500, fim=None, chat=False)
    through(answered(with_notes(steps(), world.snapshot(), Selection(PATH, Span(5, 5)), model, told), answer))
    assert [(piece.why, piece.tokens) for piece in told] == [("you noted it about area", 5)]


def test_notes_can_be_switched_off(tmp_path: Path) -> None:
    port = Scripted(["Return the width times the height."] * 3)
    result = _result(tmp_path, port, ["area counts in feet"], off=frozenset({"notes"}))
    assert not [piece for piece in result.evidence.used if piece.what == "your decision"]
    assert all("feet" not in ask.prompt.prefix for ask in port.asks if isinstance(ask.prompt, Fim))
