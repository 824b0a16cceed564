"""An action that the model was asked for in vain is made by the second one, a few times a session, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dovetail.features.actions import Edited, Refused, Request, Result, fix
from dovetail.features.actions.carried import Heard, hearing
from dovetail.model.ask import Ask, Fim, ModelInfo, Port, Spare, Steps, run
from dovetail.model.desk import NoModel
from dovetail.model.two import SPARED, WithSpare
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter
from tests.units.actions.test_again import FIRST

RIGHT, WRONG = [["return width * height"]], [["return hoehe * breite"]] * 9


def model(name: str, script: list[list[str]]) -> Scripted:
    return Scripted(script, info=ModelInfo(name, "", "", context=4096, fim="suffix-first", chat=True))


async def fixed(port: Port, heard: Heard | None = None) -> Result:
    world = World(["/project"])
    file = world.open("/project/a.py", FIRST, 1, None)
    request = Request(Selection(file.path, file.document.line(1)))
    (offer, *_) = fix.ACTION.offer(world.snapshot(), request)
    steps = fix.ACTION.result(world.snapshot(), request, offer, port.info)
    return await run(steps if heard is None else hearing(steps, heard), port, no_linter)


def loading(port: Port) -> Callable[[], Awaitable[Port]]:
    async def load() -> Port:
        return port

    return load


def spared(first: Port, second: Port, loaded: list[str]) -> WithSpare:
    async def load() -> Port:
        loaded.append("once")
        return second

    return WithSpare(first, load)


def test_the_second_one_is_not_loaded_where_the_first_is_right() -> None:
    loaded: list[str] = []
    result = asyncio.run(fixed(spared(model("small", RIGHT), model("large", RIGHT), loaded)))
    assert isinstance(result, Edited)
    assert not loaded


def test_the_second_one_is_asked_where_the_first_was_in_vain() -> None:
    loaded: list[str] = []
    result = asyncio.run(fixed(spared(model("small", WRONG), model("large", RIGHT), loaded)))
    assert isinstance(result, Edited)
    assert result.evidence.model == "large"
    assert any("small was asked in vain" in note and "then large" in note for note in result.evidence.notes)


@pytest.mark.asyncio
async def test_a_few_times_a_session() -> None:
    loaded: list[str] = []
    port = spared(model("small", WRONG * 9), model("large", RIGHT * 9), loaded)
    results = [await fixed(port) for _ in range(SPARED + 1)]
    assert [isinstance(result, Edited) for result in results] == [True] * SPARED + [False]
    assert any(f"asked {SPARED} times" in note for note in results[-1].evidence.notes)
    assert loaded == ["once"]


@pytest.mark.asyncio
async def test_an_action_that_is_made_again_as_the_text_moved_counts_once() -> None:
    port, heard = WithSpare(model("small", WRONG), loading(model("large", RIGHT)), most=1), Heard()
    results = [await fixed(port, heard) for _ in range(2)]
    assert [isinstance(result, Edited) for result in results] == [True, True]


@pytest.mark.asyncio
@pytest.mark.parametrize("asked", [1, 2, 4])
async def test_each_is_answered_for_by_itself_however_often_the_first_is_asked_then(asked: int) -> None:
    """What one of them said is nothing that the other said."""

    def steps(first: int) -> Steps[list[str]]:
        said: list[str] = []
        for number in range(first + 2):
            if number == first:
                yield Spare()
            answers = yield Ask(Fim("x"), 4)
            said += [answer.text for answer in answers]
        return said

    small, large = model("small", [["s"]] * 9), model("large", [["l"]] * 9)
    port, heard = WithSpare(small, loading(large), most=1), Heard()
    for first in (2, asked):
        assert await run(hearing(steps(first), heard), port, no_linter) == ["s"] * first + ["l"] * 2
    assert (len(small.asks), len(large.asks)) == (max(2, asked), 2)


def test_one_that_cannot_be_loaded_is_told_of() -> None:
    result = asyncio.run(fixed(spared(model("small", WRONG), NoModel("There is no such file."), [])))
    assert isinstance(result, Refused)
    assert any("There is no such file." in note for note in result.evidence.notes)


def test_without_one_nothing_is_said_of_it() -> None:
    result = asyncio.run(fixed(model("small", WRONG)))
    assert isinstance(result, Refused)
    assert not any("second" in note for note in result.evidence.notes)
