"""Gates: the cheap ones first, each with its time told against its budget, and a key is heard between two of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from dovetail.context.evidence import Ledger
from dovetail.features.actions.pipeline import BUDGET, Candidate, Failed, Held, Wish, grant
from dovetail.features.ledger import markdown
from dovetail.model.ask import Steps, run
from dovetail.text import Change, Edit, Span
from dovetail.world import World
from tests.scripted import Scripted
from tests.units.actions.test_hostile import PATH, no_linter

TEXT = "def area(width, height):\n    return width * hieght\n"
LINE = Span(25, 25 + len("    return width * hieght"))


def candidate(text: str, source: Literal["model", "rule"] = "model") -> Candidate:
    return Candidate(source, Change.one(PATH, [Edit(LINE, text.encode())]), LINE, text)


def granted(*rounds: list[str]) -> tuple[Held | str, Ledger, list[int]]:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    ledger = Ledger("fix")
    asked: list[int] = []

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        asked.append(number)
        yield from ()
        return [candidate(text) for text in rounds[number]] if number < len(rounds) else []

    held = asyncio.run(run(grant(world.snapshot(), Wish(PATH, propose), ledger), Scripted(), no_linter))
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
