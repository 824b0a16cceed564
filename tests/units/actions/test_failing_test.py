"""A failing test says what is wrong: the fix is found, verified and remembered, or refused with a reason."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dovetail.features.actions import Edited, Refused, Request, Result, fix_test
from dovetail.features.actions.asking import JUDGED
from dovetail.features.actions.fix.failing_test import FailingTest, fix_failing_test
from dovetail.features.actions.fix.inputs import documented, variants
from dovetail.features.actions.fix.locate import suspicion
from dovetail.features.actions.fix.mutations import mutations
from dovetail.features.actions.off import switched
from dovetail.memory import Store, open_store
from dovetail.model import ask
from dovetail.model.ask import Attempt, Fim, Ran, Recipe, Silence, Steps, Verdict, run
from dovetail.text import Span
from dovetail.verify import tests as judge
from dovetail.verify.tests.child import written
from dovetail.verify.tests.replays import Recorder, made_again, replays
from dovetail.world import Selection, World
from tests.bench.classes import classes
from tests.scripted import Scripted, no_linter

forks = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")

WRONG = '''"""Prices."""


def total(prices, discount):
    result = 0
    for price in prices:
        result += price
    return result + discount


def cheapest(prices):
    return min(prices)
'''
TESTS = """
import pytest
from shop import total, cheapest


@pytest.mark.parametrize("prices, discount, result", [([1, 2], 1, 2), ([5], 2, 3), ([7, 1], 3, 5), ([4], 0, 4)])
def test_total(prices, discount, result):
    assert total(prices, discount) == result


def test_cheapest():
    assert cheapest([2, 1]) == 1
"""


@dataclass
class Shop:
    world: World
    tester: judge.Tests
    path: str

    def fixed(self, model: Scripted, memo: Store | None = None, *, what: str = "test_shop.py", off: str = "") -> Result:
        return self.run(self.steps(model, what=what, off=off), model, memo)

    def steps(self, model: Scripted, *, what: str = "test_shop.py", off: str = "") -> Steps[Result]:
        wanted = FailingTest((what,), self.path, 60, frozenset(off.split()))
        return fix_failing_test(self.world.snapshot(), wanted, model.info)

    def run(self, steps: Steps[Result], model: Scripted, memo: Store | None = None) -> Result:
        return asyncio.run(run(steps, model, no_linter, tester=self.tester, memo=memo))

    def text(self, result: Result) -> str:
        assert isinstance(result, Edited), result
        return self.world.snapshot().after(result.change).files[self.path].document.text()


class Remembered(Store):
    """A store with some recipes, which keeps what it is told of them."""

    def __init__(self, *recipes: Recipe) -> None:
        self.recipes, self.lessons = recipes, dict[str, bool]()

    def past(self, signatures: Sequence[str]) -> tuple[Recipe, ...]:
        return self.recipes

    def learn(self, recipe: Recipe, held: bool) -> None:
        self.lessons[recipe.new] = held

    def vain(self, about: str) -> tuple[Attempt, ...]:
        return ()

    def noted(self, name: str) -> tuple[tuple[str, str], ...]:
        return ()


def seen(model: Scripted) -> str:
    return "".join(ask.prompt.prefix for ask in model.asks if isinstance(ask.prompt, Fim))


@contextmanager
def shop(folder: Path, text: str = WRONG, tests: str = TESTS) -> Iterator[Shop]:
    folder.mkdir(exist_ok=True)
    (folder / "shop.py").write_text(text)
    (folder / "test_shop.py").write_text(tests)
    world = World([str(folder)])
    path = str(folder / "shop.py")
    world.open(path, text, 1, None)
    world.open(str(folder / "test_shop.py"), tests, 1, None)
    with judge.copied(str(folder)) as scratch:
        assert isinstance(scratch, str)
        yield Shop(world, judge.Tests(str(folder), scratch, sys.executable, plugins=False), path)


@forks
def test_a_small_edit_makes_it_pass_and_the_second_time_it_is_known(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path / "data")
    with shop(tmp_path / "one") as one:
        result = one.fixed(Scripted(), store)
        assert one.text(result) == WRONG.replace("result + discount", "result - discount")
        assert isinstance(result, Edited)
        assert result.evidence.trials[-1].source == "rule"
        assert result.evidence.passed[-1] == "tests pass"
        again = one.fixed(Scripted(), store, off="rules project model")
        assert isinstance(again, Edited)
        assert again.evidence.trials[-1].source == "cache"
        assert one.text(again) == one.text(result)


@forks
def test_the_model_writes_where_small_edits_do_not_help(tmp_path: Path) -> None:
    model = Scripted([["nonsense(", "return result", "return sum(prices) - discount"]] * 12)
    with shop(tmp_path) as one:
        result = one.fixed(model, off="rules project")
        assert "    return sum(prices) - discount\n" in one.text(result)
        assert isinstance(result, Edited)
        assert result.by_model


@forks
def test_a_line_that_failed_is_not_run_again_and_the_model_is_told_so(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path / "data")
    said = [["return result", "return  result ", "return result + 1"]] * 12
    with shop(tmp_path / "one") as one:
        first, second, third = (Scripted(said) for _ in range(3))
        assert isinstance(one.fixed(first, store, off="rules project retry"), Refused)
        again = one.fixed(second, store, off="rules project retry")
        assert any(note.startswith("0 candidates were tried") for note in again.evidence.notes), again.evidence.notes
        assert any("not tried again" in note for note in again.evidence.notes)
        assert "# TEST FAIL: test_total" in seen(second)
        assert "# TEST FAIL" not in seen(first)
        assert second.asks[0].seed != first.asks[0].seed
        anew = switched(one.steps(third, off="rules project retry"), frozenset({"attempts"}))
        one.run(anew, third, store)
        assert third.asks[0].seed == first.asks[0].seed


@forks
def test_the_second_time_the_model_is_told_what_was_expected_and_what_came(tmp_path: Path) -> None:
    model = Scripted([["return result"]] * 40)
    with shop(tmp_path) as one:
        one.fixed(model, off="rules project")
    told = {line.strip() for ask in model.asks if isinstance(ask.prompt, Fim) for line in ask.prompt.prefix.split("\n")
            if "TEST FAIL" in line}  # fmt: skip
    assert told == {"# TEST FAIL: test_total[prices0-1-2] — expected 2, got 4, for total([1, 2], 1)"}
    assert {ask.candidates for ask in model.asks} == {JUDGED}


@forks
def test_two_edits_that_do_different_things_are_one_too_many(tmp_path: Path) -> None:
    tests = "from shop import total\n\n\ndef test_one():\n    assert total([2], 1) == 1\n"
    with shop(tmp_path, tests=tests) as one:
        result = one.fixed(Scripted())
        assert isinstance(result, Refused)
        assert "several different edits pass the tests" in result.reason


@forks
def test_the_documentation_decides_where_the_tests_do_not(tmp_path: Path) -> None:
    """`or` makes it pass as well, and more; but not the examples."""
    said = ">>> is_child(12, 150)\n    False\n    is_child(40, 149) -> False\n    >>> is_child(11, 170)\n    False"
    text = f'def is_child(age, height):\n    """Small?\n\n    {said}\n    """\n    return age < 12 and height > 150\n'
    with shop(tmp_path, text, "from shop import is_child\n\n\ndef test_one():\n    assert is_child(8, 120)\n") as one:
        new = one.text(one.fixed(Scripted()))
        assert new.endswith(("return age < 12 and height < 150\n", "return age < 12 and 150 > height\n"))


@forks
def test_what_cuts_off_the_rest_is_no_fix(tmp_path: Path) -> None:
    """Returning before the line that raises makes it pass, and nothing else does."""
    text = "def first(words):\n    found = words[0]\n    words.sort_all()\n    return found\n"
    with shop(
        tmp_path, text, "from shop import first\n\n\ndef test_one():\n    assert first(['b', 'a']) == 'b'\n"
    ) as one:
        result = one.fixed(Scripted(), off="model project")
        assert "return found\n    words.sort_all()" not in (one.text(result) if isinstance(result, Edited) else "")


@forks
def test_what_helped_once_is_not_shown_where_something_else_is_as_likely(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path / "data")
    with shop(tmp_path / "one") as one:
        assert isinstance(one.fixed(Scripted(), store), Edited)
    few = TESTS.replace(", ([5], 2, 3), ([7, 1], 3, 5), ([4], 0, 4)", "")
    with shop(tmp_path / "two", tests=few) as two:
        result = two.fixed(Scripted(), store)
        assert isinstance(result, Refused)
        assert "several different edits pass" in result.reason


@forks
def test_what_passes_needs_no_fix_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    with shop(tmp_path) as one:
        passes = one.fixed(Scripted(), what="test_shop.py::test_cheapest")
        assert isinstance(passes, Refused)
        assert "passes already" in passes.reason
        nowhere = one.fixed(Scripted(), what="test_shop.py::test_nowhere")
        assert isinstance(nowhere, Refused)
        assert nowhere.reason


@forks
def test_the_fault_may_lie_in_another_file_than_the_one_where_it_shows(tmp_path: Path) -> None:
    """The error comes up in `shop.py`; `rates.py` is what is wrong."""
    text = "from rates import rate\n\n\ndef gross(net):\n    return net + net * rate(net) // 10\n"
    rates = "def rate(net):\n    if net > 99:\n        return 1\n    return 2\n"
    (tmp_path / "rates.py").write_text(rates)
    cases = "(50, 60), (99, 118), (100, 120), (101, 111), (200, 220), (10, 12)"
    tests = (
        "import pytest\nfrom rates import rate\nfrom shop import gross\n\n\n"
        f"@pytest.mark.parametrize('net, is_', [{cases}])\n"
        "def test_gross(net, is_):\n    assert gross(net) == is_\n\n\ndef test_rate():\n    assert rate(100) == 2\n"
    )
    with shop(tmp_path, text, tests) as one:
        one.world.open(str(tmp_path / "rates.py"), rates, 1, None)
        wanted = FailingTest(("test_shop.py",), "", 60)
        result = asyncio.run(
            run(fix_failing_test(one.world.snapshot(), wanted, None), Scripted(), no_linter, tester=one.tester)
        )
        assert isinstance(result, Edited), result
        assert list(result.change.edits) == [str(tmp_path / "rates.py")]


@forks
def test_nothing_is_shown_that_breaks_another_test(tmp_path: Path) -> None:
    text = "def total(price):\n    return -price\n"
    one, two = "assert total(1) == 2", "assert total(1) == -1"
    tests = f"from shop import total\n\n\ndef test_one():\n    {one}\n\n\ndef test_two():\n    {two}\n"
    with shop(tmp_path, text, tests) as one:
        assert isinstance(one.fixed(Scripted(), off="project model"), Refused)


@forks
@pytest.mark.parametrize("name", ["stack", "poll"])
def test_of_a_class_what_becomes_of_an_object_is_compared(tmp_path: Path, name: str) -> None:
    """Many edits make `pop` answer 2 once; `max` for `min` alone is all that passes of the other."""
    one = next(each for each in classes() if each.name == name)
    wrong = one.right.replace(one.line[1], one.line[0])
    with shop(tmp_path, wrong, one.seen.replace(f"from {name} ", "from shop ")) as place:
        result = place.fixed(Scripted())
        if name == "poll":
            assert place.text(result) == one.right
        else:
            assert isinstance(result, Refused)
            assert "they differ at Stack(); push(" in result.reason


LEAGUE = """
import heapq
import operator


class Team:
    def __init__(self, name):
        self.name = name
        self.points = 0

    def win(self):
        self.points += 3


class League:
    def __init__(self):
        self.teams = {}

    def join(self, name):
        self.teams[name] = team = Team(name)
        return team

    def leader(self):
        return LEADER
"""
LEADS = """
from shop import League


def test_leader():
    league = League()
    league.join("red").win()
    blue = league.join("blue")
    blue.win()
    blue.win()
    assert league.leader() == "blue"
"""


SMALLEST = 'heapq.nsmallest(1, self.teams.values(), operator.attrgetter("points"))[0].name'
"""What no small edit makes the greatest."""


@forks
@pytest.mark.parametrize(
    ("leader", "tests", "said"),
    [
        ("sorted(self.teams.values(), key=lambda t: t.points)[0].name", LEADS, "several different edits pass"),
        (SMALLEST, LEADS, "changes win, which the failing assertion does not ask about; leader"),
        (
            SMALLEST,
            LEADS.replace("assert l", "first = l").replace(' == "', '\n    assert first == "'),
            "does not ask about",
        ),
    ],
)
def test_no_edit_is_shown_of_what_a_test_only_prepares_with(tmp_path: Path, leader: str, tests: str, said: str) -> None:
    """`self.points -= 3` makes the last the first; the assertion asks who leads, and that is as suspicious."""
    with shop(tmp_path, LEAGUE.replace("LEADER", leader), tests) as one:
        result = one.fixed(Scripted())
        assert isinstance(result, Refused), result
        assert said in result.reason
        assert "operator: += → -=" in result.reason


@forks
def test_an_edit_is_shown_where_a_test_speaks_for_what_the_assertion_asks(tmp_path: Path) -> None:
    """Who leads is asked, and goes right in a test where nobody wins; `win` is in the failing one alone."""
    alone = (
        "\n\ndef test_alone():\n    league = League()\n    league.join('red')\n    assert league.leader() == 'red'\n"
    )
    with shop(tmp_path, LEAGUE.replace("LEADER", SMALLEST), LEADS + alone) as one:
        assert "self.points -= 3" in one.text(one.fixed(Scripted()))


COUNTER = """
class Counter:
    def __init__(self, start):
        self.now = start

    def add(self, more):
        self.now += more
        return self.now
"""


def test_calls_are_made_again_otherwise_and_no_state_is_made_up() -> None:
    names: dict[str, Any] = {}
    exec(compile(COUNTER, "/p/counter.py", "exec"), names)
    counter = names["Counter"]
    recorder = Recorder("/p/counter.py", {each.__code__: each for each in (counter.__init__, counter.add)})
    sys.setprofile(recorder.heard)
    counter(3).add(4)
    sys.setprofile(None)

    def answer(call: Callable[[], object], given: tuple[object, ...]) -> str:
        return repr(call(*given))

    said = [made_again(steps, answer, repr).split("\n")[0] for steps in replays([recorder.steps])]
    assert "Counter(3); add(5) → 8" in said
    assert "Counter(2); add(4) → 6" in said
    assert "Counter(3); add(4); add(4) → 11" in said
    assert "Counter(3) → None" in said


def test_it_is_offered_only_where_the_folder_is_trusted() -> None:
    world = World(["/p"])
    world.open("/p/shop.py", WRONG, 1, None)
    world.open("/p/test_shop.py", TESTS, 1, None)

    def titles(path: str, text: str, what: str, *, trusted: bool) -> list[str]:
        at = text.index(what) + 4
        request = Request(Selection(path, Span(at, at)), trusted=trusted)
        return [row.title for row in fix_test.offer(world.snapshot(), request)]

    assert titles("/p/test_shop.py", TESTS, "def test_total", trusted=False) == []
    assert titles("/p/test_shop.py", TESTS, "def test_total", trusted=True) == [
        "Fix what makes test_total fail (runs pytest test_shop.py::test_total)"
    ]
    assert titles("/p/shop.py", WRONG, "def cheapest", trusted=True) == [
        "Fix what makes test_cheapest fail (runs pytest test_shop.py::test_cheapest)"
    ]
    assert titles("/p/shop.py", WRONG, "    return result", trusted=True) == []


def test_lines_that_only_failing_tests_go_through_are_suspicious() -> None:
    bad = Ran("bad", "failed", lines={"a.py": (1, 2, 3)}, raised=(("a.py", 3),))
    good = Ran("good", "passed", lines={"a.py": (1, 2)})
    scores = suspicion([bad], [good, good]).of("a.py")
    assert scores[3] > scores[2] == scores[1]
    assert suspicion([bad], []).files() == ["a.py"]


def test_every_mutation_is_in_the_function_and_none_is_nothing() -> None:
    world = World(["/p"])
    file = world.open("/p/shop.py", WRONG, 1, None)
    assert file.tree is not None
    assert file.language is not None
    rules = file.language.table("repair")
    assert rules is not None
    start = WRONG.index("def total")
    function = Span(start, WRONG.index("\n\n\ndef cheapest"))
    found = mutations(file.tree, file.document, function, lambda line: 1.0, rules)
    assert found == mutations(file.tree, file.document, function, lambda line: 1.0, rules)
    texts = [file.document.edited(each.edit).text() for each in found]
    assert WRONG not in texts
    assert all(text.endswith("def cheapest(prices):\n    return min(prices)\n") for text in texts)
    assert all(text.startswith('"""Prices."""\n\n\ndef total') for text in texts)
    assert WRONG.replace("+ discount", "- discount") in texts
    assert sum(each.weight for each in found) <= sum(rules["likely"].values())


def test_inputs_that_are_like_those_of_the_tests() -> None:
    found = variants(("([1, 2], 3)", "([], 0)"))
    assert len(found) == len(set(found)) > 10
    assert "([2], 3)" in found
    assert "([1, 2], 4)" in found
    assert "([1, 2], 0)" in found
    assert variants(()) == ()
    assert "([-1, -2], 3)" in found, "numbers below zero"
    assert {"('Anna1',)", "('aNNA',)", "('A nna',)"} <= set(variants(("('Anna',)",))), "other kinds of characters"


def test_examples_are_read_in_documentation() -> None:
    text = """
    >>> add(1, 2)
    3
    add([1], "b") => [1, 'b'].
    add(2, 2) should return 4, and add(x, 1) == y
    undo_add(5)
    6
    """
    assert documented(text, "add") == {"(1, 2)": "3", "([1], 'b')": "[1, 'b']"}


def test_what_is_too_much_is_taken_out_of_the_middle() -> None:
    world = World(["/p"])
    text = "def sign(a, b):\n    return (-1) ** 2 * len(a)\n"
    file = world.open("/p/sign.py", text, 1, None)
    rules = file.language.table("repair") if file.language else None
    assert file.tree is not None
    assert rules is not None
    found = mutations(file.tree, file.document, Span(0, len(text)), lambda line: 1.0, rules)
    assert text.replace("2 * ", "") in [file.document.edited(each.edit).text() for each in found]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("sorted(a)[-1]", "sorted(a)[0]"),
        ("sorted(a)[0]", "sorted(a)[-1]"),
        ("sorted(a)", "sorted(a, reverse=True)"),
        ("sorted(a, reverse=True)", "sorted(a)"),
        ("a.sort()", "a.sort(reverse=True)"),
        ("a[1:]", "a[:-1]"),
        ("a[:-1]", "a[1:]"),
    ],
)
def test_the_other_end_is_tried(one: str, two: str) -> None:
    world = World(["/p"])
    text = f"def end(a):\n    return {one}\n"
    file = world.open("/p/end.py", text, 1, None)
    rules = file.language.table("repair") if file.language else None
    assert file.tree is not None
    assert rules is not None
    found = mutations(file.tree, file.document, Span(0, len(text)), lambda line: 1.0, rules)
    assert text.replace(one, two) in [file.document.edited(each.edit).text() for each in found]


class Price:
    def __init__(self, *parts: object) -> None:
        self.parts = parts


def test_objects_are_told_apart_by_what_they_hold() -> None:
    assert written(Price(1)) == written(Price(1)) != written(Price(2))
    assert written(Price(object())) == written(Price(object())), "not by where they lie"
    assert written(Price("a" * 500, 1)) != written(Price("a" * 500, 2))
    assert written(object()) == "<object object>"
    assert written([1, "a"]) == "[1, 'a']"


TAKEN, ADDED = (Recipe("", "return ‹0› + ‹1›", f"return ‹0› {sign} ‹1›") for sign in "-*")


@pytest.mark.parametrize(
    ("silent", "lessons"),
    [("", {TAKEN.new: True, ADDED.new: False}), ("the tests were stopped", {})],
)
def test_only_a_recipe_that_was_tried_and_held_nowhere_has_failed(silent: str, lessons: dict[str, bool]) -> None:
    world = World(["/p"])
    for name in ("one", "two"):
        world.open(f"/p/{name}.py", f"def {name}(a, b):\n    return a + b\n", 1, None)
    lines = {"/p/one.py": (1,), "/p/two.py": (1,)}

    async def tester(test: ask.Test) -> ask.Tested | Silence:
        if test.traced:
            return ask.Tested((Ran("test_a.py::test_a", "failed", lines=lines),), isolated="here")
        if test.whole:
            return ask.Tested((Ran("test_a.py::test_a", "passed"),))
        if silent:
            return Silence(silent)
        passed = [test.path == "/p/two.py" and "a - b" in text for text in test.texts]
        return ask.Tested(
            verdicts=tuple(Verdict(each, "" if each else "failed", "test_a.py::test_a") for each in passed)
        )

    memo, off = Remembered(TAKEN, ADDED), frozenset({"rules", "project", "model", "doubt"})
    steps = fix_failing_test(world.snapshot(), FailingTest(("test_a.py",), "", 60, off), None)
    asyncio.run(run(steps, Scripted(), no_linter, tester=tester, memo=memo))
    assert memo.lessons == lessons
