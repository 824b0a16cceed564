"""A sentence is an action at a place; nobody has to say in which file, where the graph knows what is named."""

from __future__ import annotations

import asyncio

import pytest

from dovetail.features.asked import Asked, asked, places
from dovetail.features.follow_up import Act
from dovetail.features.intent import Question
from dovetail.model.ask import run
from dovetail.text import Span
from dovetail.world import Snapshot, World
from tests.scripted import Scripted
from tests.units.actions.test_hostile import no_linter

SHOP = """def total(prices):
    return sum(prices)


def half(n, by):
    return n / by


class Till:
    def change(self):
        return total([1])
"""
OTHER = "class Purse:\n    def change(self):\n        return 1\n"
TESTS = """from shop import total


def test_total():
    assert total([1]) == 1


class TestTill:
    def test_change(self):
        assert 1
"""


@pytest.fixture
def snapshot() -> Snapshot:
    world = World(["/p"])
    world.open("/p/shop.py", SHOP, 1, None)
    world.open("/p/purse.py", OTHER, 1, None)
    world.open("/p/tests/test_shop.py", TESTS, 1, None)
    return world.snapshot()


def said(snapshot: Snapshot, sentence: str, path: str = "", last: Act | None = None) -> Asked | Question:
    return asyncio.run(run(asked(sentence, snapshot, path, None, None, last), Scripted([]), no_linter))


def at(snapshot: Snapshot, told: Asked | Question) -> tuple[str, str, str]:
    """(action, file, the name there)."""
    assert isinstance(told, Asked), told
    assert told.at is not None
    data = snapshot.files[told.at.path].document.data[told.at.offset :]
    name = data.split(b"(")[0].split(b":")[0].decode()
    return told.action, told.at.path.rsplit("/", 1)[-1], name


@pytest.mark.parametrize(
    ("sentence", "where"),
    [
        ("add validation to half", ("validate", "shop.py", "half")),
        ("write a docstring for `Till.change`", ("document", "shop.py", "change")),
        ("explain Purse", ("explain", "purse.py", "Purse")),
        ("explain what the function total does", ("explain", "shop.py", "total")),
        ("add validation to change in purse.py", ("validate", "purse.py", "change")),
        ("fix the failing test test_total", ("fix_test", "test_shop.py", "test_total")),
        ("make test_total pass", ("fix_test", "test_shop.py", "test_total")),
        ("get tests/test_shop.py::TestTill::test_change green", ("fix_test", "test_shop.py", "test_change")),
        ("test_change fails, repair it", ("fix_test", "test_shop.py", "test_change")),
    ],
)
def test_what_a_sentence_names_is_found_in_the_project(
    snapshot: Snapshot, sentence: str, where: tuple[str, str, str]
) -> None:
    assert at(snapshot, said(snapshot, sentence)) == where


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("add validation to change", "which one: purse.py:Purse.change, shop.py:Till.change?"),
        ("make test_nothing pass", "there is no test test_nothing in this project"),
        ("fix the parser in the reader", "in which file?"),
        ("undo that", "dovetail undo"),
        ("push it to GitHub", "runs no commands"),
    ],
)
def test_what_is_named_twice_or_not_at_all_is_asked_back(snapshot: Snapshot, sentence: str, question: str) -> None:
    told = said(snapshot, sentence)
    assert isinstance(told, Question), told
    assert question in told.text


@pytest.mark.parametrize("sentence", ["do that for half too", "now do it for half", "do this for half as well"])
def test_do_that_for_another_is_the_same_again(snapshot: Snapshot, sentence: str) -> None:
    last = Act("validate", "/p/shop.py", "total")
    assert at(snapshot, said(snapshot, sentence, last=last)) == ("validate", "shop.py", "half")


def test_what_calls_it_is_a_search(snapshot: Snapshot) -> None:
    told = said(snapshot, "what calls total")
    assert isinstance(told, Asked)
    assert told.kind == "search"
    assert places("what calls total", snapshot) == [
        "function total  /p/shop.py:1",
        "    called by Till.change, test_total",
    ]


def test_a_place_that_was_given_goes_before_a_name(snapshot: Snapshot) -> None:
    here = Span(SHOP.index("total"), SHOP.index("total"))
    steps = asked("simplify half", snapshot, "/p/shop.py", here, None, None)
    told = asyncio.run(run(steps, Scripted([]), no_linter))
    assert isinstance(told, Asked)
    assert told.at is not None
    assert told.at.span == here
