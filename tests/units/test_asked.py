"""A sentence is an action at a place; nobody has to say in which file, where the graph knows what is named."""

from __future__ import annotations

import asyncio

import pytest

from dovetail.features.asked import Asked, asked, places
from dovetail.features.follow_up import Act
from dovetail.features.intent import Question
from dovetail.model.ask import run, through
from dovetail.text import Span
from dovetail.world import Snapshot, World
from tests.scripted import Scripted, no_linter

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


@pytest.mark.parametrize("path", ["", "/p/shop.py"])
@pytest.mark.parametrize(
    "sentence", ["add a parameter total to half", "add a parameter total: int = 0 to half", "rename half to total"]
)
def test_what_is_new_is_not_what_it_is_about(snapshot: Snapshot, sentence: str, path: str) -> None:
    assert at(snapshot, said(snapshot, sentence, path))[2] == "half"


def test_what_calls_it_is_a_search(snapshot: Snapshot) -> None:
    told = said(snapshot, "what calls total")
    assert isinstance(told, Asked)
    assert told.kind == "search"
    assert through(places("what calls total", snapshot)) == [
        "function total  shop.py:1",
        "    called by Till.change, test_total",
        "    named in shop.py:11, tests/test_shop.py:1, tests/test_shop.py:5",
    ]


def test_others_go_between_two_files_of_a_search(snapshot: Snapshot) -> None:
    turns = sum(1 for _ in places("what calls total", snapshot))
    assert turns > len(snapshot.graph.mentioners["total"])


def here(snapshot: Snapshot, sentence: str, at: str, *, selected: bool = False) -> Asked | Question:
    """Asked in shop.py, at a text of it."""
    start = SHOP.index(at)
    place = Span(start, start + len(at) * selected)
    return asyncio.run(run(asked(sentence, snapshot, "/p/shop.py", place, None, None), Scripted([]), no_linter))


def test_a_selection_goes_before_a_name_and_a_name_before_the_cursor(snapshot: Snapshot) -> None:
    told = here(snapshot, "simplify half", "return sum(prices)", selected=True)
    assert isinstance(told, Asked)
    assert told.at is not None
    assert told.at.offset == SHOP.index("return sum")
    assert at(snapshot, here(snapshot, "simplify half", "total")) == ("simplify", "shop.py", "half")
    assert at(snapshot, here(snapshot, "simplify this", "total")) == ("simplify", "shop.py", "total")


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("add validation to f", "there is no f in shop.py; it has total, half, Till, Till.change"),
        ("explain `nowhere`", "there is no nowhere in shop.py"),
        ("write a docstring for Purse", "there is no Purse in shop.py, it is in purse.py: ask there"),
        ("add validation to totl()", "there is no totl in shop.py"),
    ],
)
@pytest.mark.parametrize("pointed", [True, False])
def test_a_name_that_the_file_does_not_have_is_asked_back(
    snapshot: Snapshot, sentence: str, question: str, pointed: bool
) -> None:
    told = here(snapshot, sentence, "half") if pointed else said(snapshot, sentence, "/p/shop.py")
    assert isinstance(told, Question), told
    assert question in told.text


@pytest.mark.parametrize(
    "sentence",
    [
        "explain this", "add a docstring for beginners", "add validation to the arguments",
        "write tests for edge cases",
        "explain what this does", "add type hints to it", "document the function", "rename this to halve",
        "add a parameter rate: float = 1 to this function",
    ],
)  # fmt: skip
def test_words_that_name_nothing_are_about_the_cursor(snapshot: Snapshot, sentence: str) -> None:
    told = here(snapshot, sentence, "half")
    assert isinstance(told, Asked), told
    assert told.at is not None
    assert told.at.offset == SHOP.index("half")


def test_of_a_file_alone_nothing_is_guessed(snapshot: Snapshot) -> None:
    told = said(snapshot, "explain what this code does", "/p/shop.py")
    assert isinstance(told, Question), told
    assert "what of shop.py?" in told.text


@pytest.mark.parametrize(
    "sentence",
    ["make the tests green", "fix the failing tests", "Tests fail here, fix them", "make tests/test_shop.py pass"],
)
def test_tests_that_are_not_named_are_those_of_the_place(snapshot: Snapshot, sentence: str) -> None:
    path = "/p/tests/test_shop.py"
    start = TESTS.index("test_total")
    told = asyncio.run(run(asked(sentence, snapshot, path, Span(start, start), None, None), Scripted([]), no_linter))
    assert at(snapshot, told) == ("fix_test", "test_shop.py", "test_total")


def test_a_class_of_tests_is_named(snapshot: Snapshot) -> None:
    assert at(snapshot, said(snapshot, "make TestTill.test_change pass"))[2] == "test_change"
