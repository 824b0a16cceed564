"""Tests that are written for a function hold today, fail on its mutants, and read like the project's own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dovetail.features.actions import Edited, Refused, Request, Result, actions, write_tests
from dovetail.features.actions.asking import CANDIDATES
from dovetail.features.actions.documentation.target import Target, target
from dovetail.features.actions.testing.inputs import inputs
from dovetail.features.actions.testing.place import names, place
from dovetail.features.actions.testing.probe import rules_of
from dovetail.graph import FileFacts
from dovetail.memory import Store, open_store
from dovetail.model.ask import run
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Span
from dovetail.verify import tests as judge
from dovetail.world import Selection, Snapshot, World
from tests.scripted import Scripted, no_linter

forks = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")

TILL = '''"""Prices."""

import random


class Short(Exception):
    pass


def share(total: float, people: int) -> float:
    """What each pays.

    >>> share(10.0, 4)
    2.5
    """
    if people <= 0:
        raise ValueError("people must be positive")
    return total / people


def evens(numbers: list[int]):
    for number in numbers:
        if number % 2 == 0:
            yield number


def first(names: list[str]) -> str:
    if len(names) < 2:
        raise Short("too few")
    return names[0].upper()


def draw(most: int) -> float:
    return most + random.random()


def joined(a, b):
    return f"{a}-{b}"


class Till:
    @staticmethod
    def rounded(cents: int, step: int = 5) -> int:
        return cents - cents % step

    def __init__(self, prices: list[int], name: str = "till") -> None:
        self.prices = prices

    def total(self, more: int) -> int:
        if more < 0:
            raise ValueError("more must not be negative")
        return sum(self.prices) + more

    @classmethod
    def of(cls, text: str) -> int:
        return len(text.split())

    @property
    def empty(self) -> bool:
        return not self.prices


class Opaque:
    def __init__(self, source) -> None:
        self.source = source

    def size(self, more: int) -> int:
        return more


def outer():
    def inner(a: int) -> int:
        return a

    return inner


async def fetch(a: int) -> int:
    return a
'''


def opened(folder: Path, name: str = "till.py") -> Snapshot:
    world = World([folder.as_posix()])
    for file in sorted(folder.rglob("*.py")):
        document = Document.of(file.read_text())
        language = language_for(file.as_posix())
        assert language is not None
        if file.name == name:
            world.open(file.as_posix(), file.read_text(), 1, None)
        else:
            facts = FileFacts.of(Tree.parse(language, document))
            world.learn([(file.as_posix(), facts, document.data)])
    return world.snapshot()


def at(snapshot: Snapshot, path: Path, name: str) -> Request:
    symbol = next(s for s in snapshot.graph.symbols(path.as_posix()) if name in (s.name, s.qualified))
    start = symbol.name_span.start
    return Request(Selection(path.as_posix(), Span(start, start)), trusted=True)


def found_in(snapshot: Snapshot, path: Path, name: str) -> Target:
    request = at(snapshot, path, name)
    found = target(snapshot, request.at.path, request.at.offset)
    assert not isinstance(found, str)
    return found


def written(
    folder: Path, path: Path, name: str, model: Scripted | None = None, most: int = 12, memo: Store | None = None
) -> tuple[Result, str, str]:
    """(what became of it, the file of tests after it, its path). most: wrong versions; each is a few forks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write_tests, "_MUTANTS", most)
        return _written(folder, path, name, model, memo)


def _written(
    folder: Path, path: Path, name: str, model: Scripted | None, memo: Store | None
) -> tuple[Result, str, str]:
    snapshot = opened(folder, path.name)
    request = at(snapshot, path, name)
    offers = write_tests.offer(snapshot, request)
    assert offers
    with judge.copied(folder.as_posix()) as scratch:
        assert isinstance(scratch, str)
        tester = judge.Tests(folder.as_posix(), scratch, sys.executable, plugins=False)
        steps = write_tests.make(snapshot, request, offers[0], model.info if model else None)
        result = asyncio.run(run(steps, model or Scripted(), no_linter, tester=tester, memo=memo))
        assert not (folder / "test_dovetail_probe.py").exists()
    if not isinstance(result, Edited):
        return result, "", ""
    (test,) = result.change.edits
    text = snapshot.under(result.change).after(result.change).files[test].document.text()
    return result, text, test


def passes(folder: Path, test: str, text: str) -> bool:
    Path(test).parent.mkdir(exist_ok=True)
    Path(test).write_text(text)
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTHONSAFEPATH", None)  # `dovetail` itself sets it, for what it starts
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True)
    print(done.stdout, done.stderr)  # pytest shows it where this was not what was expected
    return done.returncode == 0


@pytest.fixture
def till(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    file = tmp_path / "shop" / "till.py"
    file.write_text(TILL)
    return file


@forks
def test_what_is_written_passes_today_and_fails_once_the_function_is_wrong(till: Path) -> None:
    folder = till.parents[1]
    result, text, test = written(folder, till, "share", most=80)
    assert isinstance(result, Edited)
    assert test == (folder / "tests" / "test_till.py").as_posix()
    assert test in result.change.creates
    assert not result.by_model
    assert "from shop.till import share\n" in text
    assert "    assert share(10.0, 4) == 2.5\n" in text
    assert "    with pytest.raises(ValueError):\n        share(" in text
    assert passes(folder, test, text)
    till.write_text(TILL.replace("people <= 0", "people < 0"))
    assert not passes(folder, test, text)


@forks
def test_it_goes_where_the_module_is_tested_in_the_manner_of_that_file(till: Path) -> None:
    folder = till.parents[1]
    (folder / "tests").mkdir()
    file = folder / "tests" / "test_prices.py"
    file.write_text(
        "import unittest\n\nfrom shop.till import first\n\n\nclass FirstTest(unittest.TestCase):\n"
        "    def test_first(self) -> None:\n        self.assertEqual(first(['a', 'b']), 'A')\n"
    )
    result, text, test = written(folder, till, "share")
    assert isinstance(result, Edited)
    assert test == file.as_posix()
    assert not result.change.creates
    assert text.startswith("import unittest\n\nfrom shop.till import first, share\n\n\nclass FirstTest")
    assert "\n\n\nclass ShareTest(unittest.TestCase):\n    def test_share(self) -> None:\n" in text
    assert "        with self.assertRaises(ValueError):\n            share(" in text


@forks
def test_generators_are_read_and_errors_of_the_module_imported(till: Path) -> None:
    folder = till.parents[1]
    _, text, _ = written(folder, till, "evens")
    assert "assert list(evens([" in text
    _, text, _ = written(folder, till, "first")
    assert "from shop.till import Short, first\n" in text
    assert "with pytest.raises(Short):" in text


@forks
def test_a_static_method_is_called_by_its_class(till: Path) -> None:
    _, text, _ = written(till.parents[1], till, "Till.rounded")
    assert "from shop.till import Till\n" in text
    assert "    assert Till.rounded(" in text


@forks
def test_a_method_is_called_on_an_object_that_is_made_as_its_class_says(till: Path) -> None:
    folder = till.parents[1]
    _, text, test = written(folder, till, "Till.total", most=80)
    assert "from shop.till import Till\n" in text
    assert "    assert Till([3, 1, -2]).total(" in text.replace('"', "'")
    assert "    with pytest.raises(ValueError):\n        Till([3, 1, -2]).total(-" in text
    assert passes(folder, test, text)
    _, text, _ = written(folder, till, "Till.of")
    assert "    assert Till.of(" in text
    result, _, _ = written(folder, till, "Opaque.size")
    assert isinstance(result, Refused)
    assert "nothing says how an object of Opaque is made" in result.reason


@forks
def test_what_answers_otherwise_each_time_or_says_nothing_is_not_written_down(till: Path) -> None:
    folder = till.parents[1]
    result, _, _ = written(folder, till, "draw")
    assert isinstance(result, Refused)
    assert "asks for the time or for chance (random.random)" in result.reason
    result, _, _ = written(folder, till, "joined")
    assert isinstance(result, Refused)
    assert "nothing written about it says what it could be called with" in result.reason


@forks
def test_a_model_proposes_arguments_and_nothing_else(till: Path) -> None:
    folder = till.parents[1]
    said = "'x', 2) == 'wrong'\n    assert joined('y', open('/etc/passwd')) == 1\n    assert joined(1, 2) == 3"
    result, text, _ = written(folder, till, "joined", Scripted([[said]]))
    assert isinstance(result, Edited)
    assert result.by_model
    assert "wrong" not in text
    assert "passwd" not in text
    assert 'assert joined("x", 2) == "x-2"' in text or "assert joined('x', 2) == 'x-2'" in text


@forks
def test_calls_that_told_nothing_apart_are_not_tried_again(till: Path, tmp_path: Path) -> None:
    folder, store = till.parents[1], open_store("/project", tmp_path / "data")
    said = [["'x', 2) == 1\n    assert joined('y', 3) == 2"]] * 4
    first, second = Scripted(said), Scripted(said)
    one, text, _ = written(folder, till, "joined", first, memo=store)
    assert isinstance(one, Edited)
    assert "'x', 2" in text.replace('"', "'")
    assert "'y', 3" not in text.replace('"', "'"), "it tells nothing more apart"
    again, same, _ = written(folder, till, "joined", second, memo=store)
    assert same == text
    assert [ask.candidates for ask in first.asks] == [CANDIDATES]
    assert "1 answer that failed here before is not tried again" in again.evidence.notes
    assert "a model proposed 1 call" in again.evidence.notes
    assert second.asks[0].seed != first.asks[0].seed


@forks
def test_calls_in_the_project_say_what_an_unannotated_function_takes(till: Path) -> None:
    folder = till.parents[1]
    (till.parent / "use.py").write_text("from shop.till import joined\n\nprint(joined('left', b='right'))\n")
    result, text, _ = written(folder, till, "joined")
    assert isinstance(result, Edited)
    assert "joined('left', 'right') == 'left-right'" in text.replace('"', "'")


def test_what_cannot_be_called_alone_is_not_offered(till: Path) -> None:
    snapshot = opened(till.parents[1])
    for name in ("Till.empty", "Till.__init__", "outer.inner", "fetch"):
        assert not write_tests.offer(snapshot, at(snapshot, till, name)), name
    request = at(snapshot, till, "share")
    assert not write_tests.offer(snapshot, Request(request.at, trusted=False))


@forks
def test_what_asks_for_the_time_or_for_chance_is_not_written_down(till: Path) -> None:
    file = till.parent / "clock.py"
    file.write_text(
        "import datetime\nfrom random import Random, randint as dice\n\n\ndef year(add: int) -> int:\n"
        "    return datetime.date.today().year + add\n\n\n"
        "def later(add: int) -> int:\n    return year(add) + 1\n\n\n"
        "def thrown(most: int) -> int:\n    return dice(most, most)\n"
    )
    for name, by, what in (("later", "year", "date.today"), ("thrown", "thrown", "dice")):
        result, _, _ = written(till.parents[1], file, name)
        assert isinstance(result, Refused)
        assert result.reason == f"{by} asks for the time or for chance ({what}), so it may answer otherwise tomorrow"


@forks
def test_what_answers_otherwise_after_another_call_is_not_written_down(till: Path) -> None:
    file = till.parent / "counter.py"
    file.write_text("seen: list[int] = []\n\n\ndef count(a: int) -> int:\n    seen.append(a)\n    return len(seen)\n")
    result, _, _ = written(till.parents[1], file, "count")
    assert isinstance(result, Refused)
    assert (
        result.reason
        == "no tests for count: it answers nothing that could be written down, or each time something else"
    )


def test_what_reaches_outside_is_not_called(till: Path) -> None:
    folder = till.parents[1]
    till.write_text(
        "import os\n\n\ndef gone(name: str) -> str:\n    _remove(name)\n    return name\n\n\n"
        "def _remove(name: str) -> None:\n    os.remove(name)\n"
    )
    result, _, _ = written(folder, till, "gone")
    assert isinstance(result, Refused)
    assert result.reason == "_remove reaches outside (os.remove), so it is not called unasked"


def test_arguments_are_those_that_people_wrote_first(till: Path) -> None:
    snapshot = opened(till.parents[1])
    found = found_in(snapshot, till, "share")
    rules = rules_of(found.language)
    assert rules is not None
    given = inputs(snapshot, found, rules)
    assert given[0].arguments == ("10.0", "4")
    assert given[0].why == "an example in its documentation"
    assert ("2.5", "0") in [one.arguments for one in given]
    assert not inputs(snapshot, found_in(snapshot, till, "joined"), rules)


def test_where_tests_go_and_what_a_module_is_called(till: Path) -> None:
    folder = till.parents[1]
    (folder / "checks" / "shop").mkdir(parents=True)
    (folder / "checks" / "shop" / "other_test.py").write_text("def test_it():\n    pass\n")
    snapshot = opened(folder)
    found = found_in(snapshot, till, "share")
    rules = rules_of(found.language)
    assert rules is not None
    at_ = place(snapshot, found.symbol, found.language, rules)
    assert not isinstance(at_, str)
    assert at_.path == (folder / "checks" / "shop" / "till_test.py").as_posix()
    assert (at_.new, at_.style, at_.annotated) == (True, "pytest", False)
    assert list(names(snapshot, till.as_posix(), found.language, rules)) == ["shop.till"]
    bare = folder / "src" / "loose.py"
    bare.parent.mkdir()
    bare.write_text("x = 1\n")
    assert list(names(opened(folder), bare.as_posix(), found.language, rules)) == ["loose"]


def test_a_language_that_an_action_does_not_know_is_said(tmp_path: Path) -> None:
    known = {action.name: action for action in actions()}
    go = language_for("a.go")
    assert "not Go" in known["write_tests"].nothing(go)
    assert known["write_tests"].nothing(go).startswith("Write tests knows Python only so far")
    assert known["write_tests"].nothing(language_for("a.py")) == "there is nothing to write tests here"
    assert "kind of file" in known["simplify"].nothing(None)
