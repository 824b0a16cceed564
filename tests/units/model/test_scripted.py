"""The model of the pages says what the test wrote."""

from __future__ import annotations

from dovetail.model.ask import Ask, Fim, Silence
from tests.scripted import Scripted


async def test_a_script() -> None:
    model = Scripted(["one\ntwo", ["a", "b", "c"], Silence("No.", "busy")])
    ask = Ask(Fim("x"), limit=4, candidates=2, stop=("\n",))
    first, second, third, fourth = [await model.answer(ask) for _ in range(4)]
    assert isinstance(first, list)
    assert [(said.text, said.stopped) for said in first] == [("one", "stop")]
    assert isinstance(second, list)
    assert [said.text for said in second] == ["a", "b"]
    assert third == Silence("No.", "busy")
    assert isinstance(fourth, Silence)
    assert model.asks == [ask] * 4
    assert await model.count(["abcd", ""]) == [2, 0]
