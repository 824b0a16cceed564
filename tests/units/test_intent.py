"""A sentence is understood by rules; what is vague is asked back; a model has a say only on a tie."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from dovetail.features.intent import Here, Intent, Question, scores, understand
from dovetail.model.ask import run
from tests.bench.intents import RESULTS, confusion
from tests.scripted import Scripted, no_linter


def said(sentence: str, here: Here, model: Scripted | None = None) -> Intent | Question:
    model = model or Scripted([])
    return asyncio.run(run(understand(sentence, here, model.info), model, no_linter))


def test_the_published_matrix_is_what_comes_out() -> None:
    published: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    found = confusion()
    assert found.total() == published["n"] >= 200
    assert sum(n for (one, two), n in found.items() if one == two) == published["right"]
    assert published["right"] >= 0.9 * published["n"]
    assert {(one, two): n for one, row in published["meant → understood"].items() for two, n in row.items()} == {
        pair: n for pair, n in found.items() if n
    }


@pytest.mark.parametrize("sentence", ["fix it", "make it better", "", "hm", "explain"])
def test_what_is_vague_is_asked_back(sentence: str) -> None:
    assert isinstance(said(sentence, Here()), Question)


def test_what_is_vague_is_clear_where_something_is_there() -> None:
    fix = said("fix it", Here(finding=True))
    assert isinstance(fix, Intent)
    assert fix.action == "fix"
    explain = said("explain", Here(symbol=True))
    assert isinstance(explain, Intent)
    assert explain.action == "explain"


@pytest.mark.parametrize(
    ("sentence", "action"),
    [
        ("add validation to total", "validate"),
        ("write a docstring for total", "document"),
        ("add type hints to total", "annotate"),
        ("write unit tests for total", "write_tests"),
        ("rename total to sum_of_prices", "rename"),
        ("extract this block into a function", "extract"),
        ("simplify this condition", "simplify"),
        ("implement this function", "implement"),
        ("push this to main", ""),
    ],
)
def test_which_action_it_comes_to(sentence: str, action: str) -> None:
    told = said(sentence, Here(symbol=True))
    assert isinstance(told, Intent)
    assert told.action == action


@pytest.mark.parametrize(
    ("sentence", "action", "data"),
    [
        ("add a parameter timeout to fetch", "parameter", {"add": "timeout"}),
        ("Add a parameter `timeout: float = 30` to fetch", "parameter", {"add": "timeout: float = 30"}),
        ("give fetch an argument called isLong=False and hand it down", "parameter", {"add": "isLong=False"}),
        ("add an optional parameter names: list[str] = () to fetch", "parameter", {"add": "names: list[str] = ()"}),
        (
            "add an argument timeout to fetch and pass it everywhere",
            "parameter",
            {"add": "timeout", "down": "everywhere"},
        ),
        ("add a parameter timeout int = 30 to fetch", "parameter", {"add": "timeout int = 30"}),
        ("add a parameter timeout int to fetch", "parameter", {"add": "timeout int"}),
        ("add a parameter names: Option<&str> = None to fetch", "parameter", {"add": "names: Option<&str> = None"}),
        ("remove the parameter $retries from fetch", "parameter", {"remove": "$retries"}),
        ("remove the parameter retries from fetch", "parameter", {"remove": "retries"}),
        ("drop the unused retries argument", "parameter", {"remove": "retries"}),
        ("rename total to sumOfPrices", "rename", {"name": "sumOfPrices"}),
        ("rename total", "rename", {}),
    ],
)
def test_what_a_sentence_says_besides(sentence: str, action: str, data: dict[str, str]) -> None:
    told = said(sentence, Here(symbol=True))
    assert isinstance(told, Intent)
    assert told.action == action
    assert {key: value for key, value in told.data if key != "down" or "down" in data} == data


def test_on_a_tie_a_model_may_choose_between_the_two_and_says_nothing_else() -> None:
    sentence = "convert, or validate"
    (one, first), (two, second) = list(scores(sentence).items())[:2]
    assert first - second < 0.75, "a tie"
    for choice in (one, two):
        model = Scripted([choice])
        told = said(sentence, Here(symbol=True), model)
        assert isinstance(told, Intent)
        assert (told.kind, told.by_model) == (choice, True)
        (asked,) = model.asks
        assert asked.grammar is not None
        assert one in asked.grammar
        assert two in asked.grammar
        assert asked.temperature == 0.1
    silent = said(sentence, Here(symbol=True))
    assert isinstance(silent, Intent)
    assert silent.kind == "validate", "it changes less"
    assert not silent.by_model


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("remove everything in ledger.py", "refuse"),
        ("delete all the code in the ledger file", "refuse"),
        ("remove everything", "refuse"),
        ("remove everything that is unused in total", "edit"),
        ("remove all the duplicates in total", "edit"),
    ],
)
def test_a_file_is_not_emptied(sentence: str, kind: str) -> None:
    asked = said(sentence, Here(symbol=True))
    assert isinstance(asked, Intent)
    assert asked.kind == kind
