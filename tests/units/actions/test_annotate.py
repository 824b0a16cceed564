"""What nothing shows, a model may propose where a type checker judges it, and nowhere else."""

from __future__ import annotations

import asyncio

from dovetail.features.actions import Edited, Refused, Request, Result, annotate
from dovetail.model.ask import Fim, Finding, Run, Runner, Silence, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted

PATH = "/project/a.py"
TEXT = """class Basket:
    pass


def size(name, basket, times=2) -> int:
    return len(name) * times


size(3, Basket())
size(4, Basket())
"""


def a_checker(*refused: str, silent: str = "") -> Runner:
    """Objects to every text that holds one of some words."""

    async def check(asked: Run) -> list[Finding] | Silence:
        if asked.checker != "types":
            return Silence("not asked in this test")
        if silent or not asked.trusted:
            return Silence(silent or "only in a folder that you trust")
        return [Finding("type", f"{word} does not fit") for word in refused if word in asked.text]

    return check


def annotated(model: Scripted, check: Runner, text: str = TEXT, *, trusted: bool = True) -> tuple[Result, str]:
    world = World(["/project"])
    world.open(PATH, text, 1, None)
    at = text.index("size")
    request = Request(Selection(PATH, Span(at, at)), (), trusted)
    (offer,) = annotate.offer(world.snapshot(), request)
    result = asyncio.run(run(annotate.make(world.snapshot(), request, offer, model.info), model, check))
    if not isinstance(result, Edited):
        return result, ""
    after = world.snapshot().after(result.change).files[PATH].document.text()
    return result, next(line for line in after.split("\n") if line.startswith("def size"))


def test_most_of_its_answers_agree_and_the_checker_has_nothing_against_it() -> None:
    said = [["str"] * 4 + ["int"], ["Basket"] * 5]
    result, line = annotated(Scripted(said), a_checker(), TEXT.replace("size(3", "size(w").replace("size(4", "size(w"))
    assert line == "def size(name: str, basket: Basket, times: int = 2) -> int:"
    assert isinstance(result, Edited)
    assert result.by_model
    assert "types no worse" in result.evidence.passed
    assert result.summary == "annotate size, 1 of it as the model proposes"


def test_what_the_checker_objects_to_goes_and_what_is_certain_stays() -> None:
    text = TEXT.replace("size(3", "size(w").replace("size(4", "size(w")
    result, line = annotated(Scripted([["bytes"] * 5]), a_checker("bytes"), text)
    assert line == "def size(name, basket: Basket, times: int = 2) -> int:"
    assert isinstance(result, Edited)
    assert not result.by_model
    assert [trial.failed for trial in result.evidence.trials] == ["types no worse", ""]


def test_what_calls_contradict_or_answers_disagree_on_is_left_open() -> None:
    mixed = TEXT.replace("size(4", "size('x'")
    for said in (["str"] * 5, ["str", "str", "int", "bool", "float"]):
        _, line = annotated(Scripted([said]), a_checker(), mixed)
        assert line == "def size(name, basket: Basket, times: int = 2) -> int:"


def test_without_a_judge_no_model_is_asked() -> None:
    text = TEXT.replace("size(3", "size(w").replace("size(4", "size(w")
    for check, trusted in ((a_checker(silent="it fell over"), True), (a_checker(), False)):
        model = Scripted([["str"] * 5])
        result, line = annotated(model, check, text, trusted=trusted)
        assert not model.asks
        assert line == "def size(name, basket: Basket, times: int = 2) -> int:"
        assert any("no model was asked" in note for note in result.evidence.notes)


def test_a_checker_that_falls_silent_lets_nothing_through() -> None:
    asked = 0

    async def check(run: Run) -> list[Finding] | Silence:
        nonlocal asked
        asked += run.checker == "types"
        return [] if asked == 1 and run.checker == "types" else Silence("it fell over")

    text = TEXT.replace("size(3", "size(w").replace("size(4", "size(w")
    result, _ = annotated(Scripted([["str"] * 5]), check, text)
    assert isinstance(result, Refused)
    assert "fell silent" in result.reason


def test_what_the_checker_objects_to_is_told_once_and_the_same_again_leaves_what_is_certain() -> None:
    text = TEXT.replace("size(3", "size(w").replace("size(4", "size(w")
    model = Scripted([["bytes"] * 5, ["str"] * 5])
    result, line = annotated(model, a_checker("bytes"), text)
    assert line == "def size(name: str, basket: Basket, times: int = 2) -> int:"
    assert isinstance(result, Edited)
    assert "the model's own review: not asked, it only chose among types" in "".join(result.evidence.notes)
    prompt = model.asks[1].prompt
    assert isinstance(prompt, Fim)
    assert "# TYPE: type: bytes does not fit\ndef size(" in prompt.prefix
    assert model.asks[1].temperature != model.asks[0].temperature
    for again in (["bytes"] * 5, ["bytearray"] * 5):
        result, line = annotated(Scripted([["bytes"] * 5, again]), a_checker("bytes", "bytearray"), text)
        assert line == "def size(name, basket: Basket, times: int = 2) -> int:"
