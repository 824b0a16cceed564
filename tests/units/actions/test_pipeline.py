"""Gates: the cheap ones first, each with its time told against its budget, and a key is heard between two of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import log
from typing import Literal

from dovetail.context.evidence import Ledger
from dovetail.features.actions.pipeline import BUDGET, Candidate, Failed, Held, Wish, grant
from dovetail.features.ledger import markdown
from dovetail.model.ask import Answer, Ask, ModelInfo, Silence, Steps, run
from dovetail.text import Change, Edit, Span
from dovetail.world import World
from tests.scripted import Scripted, no_linter
from tests.units.actions.test_hostile import PATH

TEXT = "def area(width, height):\n    return width * hieght\n"
LINE = Span(25, 25 + len("    return width * hieght"))


def candidate(text: str, source: Literal["model", "rule"] = "model") -> Candidate:
    return Candidate(source, Change.one(PATH, [Edit(LINE, text.encode())]), LINE, text)


def granted(*rounds: list[str], port: Scripted | None = None) -> tuple[Held | str, Ledger, list[int]]:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    port = port or Scripted()
    ledger = Ledger("fix", port.info)
    asked: list[int] = []

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        asked.append(number)
        yield from ()
        return [candidate(text) for text in rounds[number]] if number < len(rounds) else []

    wish = Wish(PATH, propose, asked="mend it")
    held = asyncio.run(run(grant(world.snapshot(), wish, ledger), port, no_linter))
    return held, ledger, asked


def test_each_gate_tells_its_time_and_its_budget() -> None:
    held, ledger, _ = granted(["    return width * (height", "    return width * height"])
    assert isinstance(held, Held)
    told = {gate: (ms, longest, budget) for gate, ms, longest, budget in ledger.evidence().gates}
    assert list(told)[:3] == ["changes only its range", "parses no worse", "clean text"]
    assert all(0 <= longest <= ms for ms, longest, _ in told.values())
    assert told["names exist"][2] == BUDGET
    page = markdown(ledger.evidence())
    assert "| names exist |" in page


def test_a_gate_over_its_budget_is_told() -> None:
    ledger = Ledger("fix")
    ledger.spend("names exist", 3.0, 250)
    assert "exceeded" not in markdown(ledger.evidence())
    ledger.spend("names exist", 900.0, 250)
    assert "| names exist | 903.0 | 900.0 | 250 exceeded |" in markdown(ledger.evidence())


def test_what_costs_more_is_not_asked_of_what_a_cheap_gate_refused() -> None:
    _, ledger, _ = granted(["    return width * (height"])
    assert [gate for gate, *_ in ledger.evidence().gates] == ["changes only its range", "parses no worse"]


def test_the_same_code_spaced_otherwise_is_looked_at_once() -> None:
    """What it is spaced like changes what it means where blocks are told by indentation, and in a text."""
    _, ledger, _ = granted(["    return width * hoehe", "    return width*hoehe", "    return  width * hoehe "])
    assert len(ledger.trials) == 1
    _, ledger, _ = granted(["    return 'a b' + hoehe", "    return 'a  b' + hoehe", "    return width * hoehe"])
    assert len(ledger.trials) == 3


def test_a_key_is_heard_between_two_gates() -> None:
    """Of many candidates, none holds up the loop for longer than one gate."""
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        yield from ()
        return [candidate(f"    return width * hieght{n}") for n in range(5)] if not number else []

    turns = 0

    async def typing() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> Ledger:
        ledger = Ledger("fix")
        keys = asyncio.ensure_future(typing())
        await run(grant(world.snapshot(), Wish(PATH, propose), ledger), Scripted(), no_linter)
        keys.cancel()
        return ledger

    ledger = asyncio.run(both())
    assert len(ledger.trials) == 5
    assert turns >= 5 * len(ledger.evidence().gates)


LARGE = ModelInfo("large-7b", "", "", context=4096, fim=None, chat=True)
ONE, TWO = "    return width * height", "    return height * width + 0"


class Opinion(Scripted):
    """Says what it thinks of each change, and how surely."""

    def __init__(self, *said: tuple[str, float], info: ModelInfo = LARGE) -> None:
        super().__init__(info=info)
        self.said = list(said)

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        self.asks.append(ask)
        text, sure = self.said.pop(0)
        return [Answer(text, 1, log(sure), "grammar")]


def test_of_several_that_hold_the_one_that_the_model_is_surest_of_is_shown() -> None:
    held, ledger, _ = granted([ONE, TWO], port=Opinion(("YES", 0.6), ("YES", 0.9)))
    assert isinstance(held, Held)
    assert held.candidate.text == TWO
    assert "the model's own review: right (90%)" in ledger.notes
    assert "review" not in ledger.passed, "an opinion is no gate that was passed"


def test_a_model_that_says_no_for_sure_holds_back_and_nothing_else() -> None:
    held, ledger, _ = granted([ONE, TWO], port=Opinion(("NO", 0.9), ("YES", 0.5)))
    assert isinstance(held, Held)
    assert held.candidate.text == TWO
    assert [trial.failed for trial in ledger.trials] == ["review", ""]
    held, _, _ = granted([ONE], port=Opinion(("NO", 0.6)))
    assert isinstance(held, Held), "not sure enough"
    held, _, _ = granted([ONE], port=Opinion(("NO", 0.9)))
    assert held == "nothing that was tried holds (the model itself says that it is wrong (90% sure))"


def test_no_opinion_lets_through_what_a_gate_refused() -> None:
    port = Opinion(("YES", 0.99))
    held, _, _ = granted(["    return width * nowhere"], port=port)
    assert isinstance(held, str)
    assert not port.asks


def test_a_small_model_is_not_asked_what_it_thinks() -> None:
    for info in (
        ModelInfo("small", "", "", 4096, None, True, details={"parameters": "350,000,000"}),
        ModelInfo("qwen2.5-coder:0.5b", "", "", 4096, None, True),
        ModelInfo("who-knows", "", "", 4096, None, True),
        ModelInfo("large-7b", "", "", 4096, "suffix-first", False),
    ):
        port = Opinion(info=info)
        assert isinstance(granted([ONE], port=port)[0], Held)
        assert not port.asks
