"""What a question means adds points with a reason; without an embedding model nothing is another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from dovetail.context.meaning import MOST, meant, said
from dovetail.context.query import Query
from dovetail.context.scorer import Scored, rank
from dovetail.features.ledger import markdown
from dovetail.features.why import why
from dovetail.model.ask import Compare, Log, Silence, run
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection
from tests.scripted import Scripted
from tests.units.context.project import ROOT, SHOP, done, world

_WORLD = world(SHOP, ["shop/till.py"])
_SNAPSHOT = _WORLD.snapshot()
_QUESTION = "how is the amount of a receipt worked out?"
_POINTS = 40.0
_RANKED: list[Scored] = done(rank(_SNAPSHOT, Query.of(_QUESTION)))


class Told:
    """A model of embeddings for which what holds a word means the question, and all else the opposite."""

    def __init__(self, word: str, silent_after: int = 10**9) -> None:
        self.word, self.left = word, silent_after
        self.texts: list[str] = []

    async def __call__(self, compare: Compare) -> list[float] | Silence:
        if self.left <= 0:
            return Silence("it broke", "failed")
        self.left -= 1
        self.texts += compare.texts
        return [0.71 if self.word in text else -0.2 for text in compare.texts]


def _meant(told: Callable[..., object], scored: list[Scored] = _RANKED, **given: object) -> tuple[list[Scored], str]:
    snapshot = replace(_SNAPSHOT, **given)  # pyright: ignore[reportArgumentType]
    steps = meant(snapshot, _QUESTION, scored, _POINTS)
    return asyncio.run(run(steps, Scripted(), run_checker, comparer=told))  # pyright: ignore[reportArgumentType]


def test_a_file_that_means_the_question_rises_and_says_why() -> None:
    last = _RANKED[-1]
    word = last.path.removeprefix(f"{ROOT}/")
    found, silence = _meant(Told(word))
    assert silence == ""
    gained = next(one for one in found if one.path == last.path)
    signal = next(signal for signal in gained.signals if signal.kind == "meaning")
    assert (signal.points, signal.why) == (_POINTS, "means what the question says: 0.71")
    assert gained.score == pytest.approx(last.score + _POINTS)
    assert [one.path for one in found].index(last.path) == 0
    others = [one for one in found if one.path != last.path]
    assert others == [one for one in _RANKED if one.path != last.path]


def test_without_a_model_nothing_is_another() -> None:
    at = Selection(f"{ROOT}/shop/till.py", Span(60, 60))

    async def asked(word: str | None) -> tuple[str, list[str]]:
        log = Log()
        steps = why(_SNAPSHOT, at, _QUESTION)
        given = {} if word is None else {"comparer": Told(word, 0 if not word else 10**9)}
        evidence = await run(steps, Scripted(), run_checker, log, **given)  # pyright: ignore[reportArgumentType]
        return markdown(evidence), [title for title, _ in log.stages()]

    plain, stages = asyncio.run(asked(None))
    assert "meaning" not in plain
    assert "COMPARE MEANINGS" not in stages
    broken, _ = asyncio.run(asked(""))
    assert "what files mean was not compared: it broke" in broken
    assert asyncio.run(asked("mail.py"))[0] != plain
    assert _meant(Told("x", 0)) == (_RANKED, "it broke")


def test_one_that_breaks_half_way_gives_no_points_at_all() -> None:
    assert _meant(Told("shop", 1)) == (_RANKED, "it broke")


def test_all_alike_says_nothing() -> None:
    assert _meant(Told("")) == (_RANKED, "")


def test_only_the_best_are_compared_and_no_file_that_the_project_leaves_out() -> None:
    told = Told("mail.py")
    private = f"{ROOT}/shop/prices.py"
    found, _ = _meant(told, private=frozenset({private}))
    assert not any("prices.py" in text.split("\n")[0] for text in told.texts)
    assert private in [one.path for one in found]
    many = [replace(_RANKED[0], score=1000.0 - n) for n in range(MOST + 50)]
    told = Told("mail.py")
    _meant(told, many)
    assert len(told.texts) == MOST


def test_what_stands_for_a_file() -> None:
    text = said(f"{ROOT}/shop/prices.py", _SNAPSHOT.graph.files[f"{ROOT}/shop/prices.py"], (ROOT,))
    assert text.startswith("shop/prices.py\n")
    assert "with_tax(amount: float, rate: float = TAX) -> float  The price with tax." in text
    assert text.index("with_tax") < text.index("class Price") < text.index("rounded")
    long = world({"long.py": "".join(f"def function_{n}(): ...\n" for n in range(500))}).snapshot()
    assert len(said(f"{ROOT}/long.py", long.graph.files[f"{ROOT}/long.py"], (ROOT,))) == 1000
