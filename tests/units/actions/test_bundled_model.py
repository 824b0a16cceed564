"""The bundled model chooses among guards through the real worker and llama.cpp's own grammar."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from dovetail.features.actions import Edited, Request, validate
from dovetail.model.ask import Ask, Port, run
from dovetail.model.catalog import open_port
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection, World

PATH = "/project/shop.py"
DOCUMENTED = '''
def f(größe, 名前):
    """F.

    Args:
        größe (int): Must be positive.
        名前 (str): One of "ä", 'b'.
    """
    return größe, 名前
'''
SOURCES = (
    "def f(names: list[str], count: int) -> float:\n    first = names[0]\n    return 10 / count, first\n",
    DOCUMENTED,
    "class A:\n\tdef f(self, xs: list[int], on: bool, size: int): return max(xs), [0 for _ in range(size)]\n",
    "def f(rows: list[int]):\r\n    return rows[0]\r\n",
)


@pytest.mark.model
async def test_every_grammar_is_accepted_and_what_comes_out_holds() -> None:
    port = await open_port(threads=1)
    try:
        async with asyncio.timeout(60):
            while (model := port.info) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        asked = 0
        for source in SOURCES:
            world = World(["/project"])
            world.open(PATH, source, 1, None)
            snapshot = world.snapshot()
            at = source.encode().index(b"def f(") + 4
            request = Request(Selection(PATH, Span(at, at)))
            (offer,) = validate.offer(snapshot, request)
            counting = Counting(port)
            result = await run(validate.make(snapshot, request, offer, model), counting, run_checker)
            assert isinstance(result, Edited), result
            assert not any("out of shape" in trial.finding for trial in result.evidence.trials), result.evidence
            after = snapshot.after(result.change).file(PATH)
            assert after is not None
            assert after.tree is not None
            assert not after.tree.errors()
            asked += counting.asked
        assert asked >= 3
    finally:
        await port.close()


class Counting(Port):
    """The port, with the asks counted."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self.asked = 0

    @property
    def info(self):
        return self._port.info

    @property
    def status(self):
        return self._port.status

    async def answer(self, ask: Ask):
        self.asked += 1
        answers = await self._port.answer(ask)
        assert isinstance(answers, list), answers
        return answers

    async def count(self, texts: Sequence[str]) -> list[int]:
        return await self._port.count(texts)

    async def close(self) -> None:
        await self._port.close()
