"""What an explanation says names only what exists, whatever a model says."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Diagnostic, Explained, Request, explain
from dovetail.memory import open_store
from dovetail.model.ask import Chat, Finding, Run, Silence, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

PATH = "/project/a.py"
TEXT = """class Basket:
    def add_item(self, item_name, count):
        self.items_held.extend([item_name] * count)


def check_out(basket: Basket):
    return basket.items_held
"""
KNOWN = set(re.findall(r"\w+", TEXT))
WORDS = (
    "adds", "the", "item_name", "to", "`items_held`", "of", "a", "Basket", "and", "check_out()", "with", "tax_rate",
    "`frobnicate`", "PriceList", "loadAll", "_secret", "self.nowhere", "`Basket.steal()`", "12", "https://a.b",
    "**now**",
    "Returns", "count", "times.", "Then", "it", "calls", "basket.", "<b>", "![x](y)", "\u202e",
)  # fmt: skip
NAME = re.compile(r"`([^`\n]*)`|\b([A-Za-z]\w*_\w*|_\w+|[A-Z][a-z0-9]+(?:[A-Z]\w*)+|[a-z]+[A-Z]\w*|\w+(?=\())")


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=24))
def test_every_name_exists(words: list[str]) -> None:
    world = World()
    world.open(PATH, TEXT, 1, None)
    snapshot = world.snapshot()
    at = TEXT.index("add_item")
    request = Request(Selection(PATH, Span(at, at)))
    (offer,) = explain.offer(snapshot, request)
    port = Scripted([" ".join(words) + "."])
    result = asyncio.run(run(explain.make(snapshot, request, offer, port.info), port, no_linter))
    assert isinstance(result, Explained)
    if not result.by_model:
        return
    prose = result.markdown.split("\n\n")[1].rsplit("  \n*written by", 1)[0].replace("\\", "")
    for match in NAME.finditer(prose):
        for word in re.findall(r"[^\W\d]\w*", match.group(1) or match.group(2) or ""):
            assert word in KNOWN, prose
    assert not re.search(r"https?:|<b>|\]\(|\u202e|\*\*", prose)


def test_what_the_user_noted_about_a_name_is_told_with_it(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    store.note("gotcha", "check_out counts from <b>1</b>")
    store.note("decision", "Basket.check_out is another")
    store.note("note", "nothing of it: check_outs, recheck_out")
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    at = TEXT.index("check_out")
    request = Request(Selection(PATH, Span(at, at)))
    steps = explain.make(world.snapshot(), request, explain.offer(world.snapshot(), request)[0], None)
    result = asyncio.run(run(steps, Scripted(), no_linter, memo=store))
    assert isinstance(result, Explained)
    assert "**Your gotcha**: check_out counts from \\<b\\>1\\</b\\>" in result.markdown
    assert result.markdown.count("**Your") == 1


async def silent(asked: Run) -> list[Finding] | Silence:
    return Silence("")


def explained(told: Diagnostic) -> str:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    request = Request(Selection(PATH, told.span), (told,))
    offer = explain.offer(world.snapshot(), request)[-1]
    result = asyncio.run(run(explain.make(world.snapshot(), request, offer, None), Scripted(), silent))
    assert isinstance(result, Explained)
    return result.markdown


def test_a_finding_leads_to_its_page_and_to_what_is_said_of_other_places() -> None:
    at = Span(TEXT.index("items_held"), TEXT.index("items_held") + 10)
    said = explained(
        Diagnostic(at, "x1", "no", "tsc", "https://example.org/x1", (("/project/b.py", 3, "`add` is <b>here</b>"),))
    )
    assert "[its documentation](https://example.org/x1)" in said
    assert "- b.py, line 4: \\`add\\` is \\<b\\>here\\</b\\>" in said


@pytest.mark.parametrize("page", ["command:run", "file:///etc/passwd", "http://a.b", "https://a.b/)[x](command:y"])
def test_a_page_that_is_no_page_of_the_web_is_no_link(page: str) -> None:
    assert "](" not in explained(Diagnostic(Span(0, 5), "x1", "no", "tsc", page))


def test_a_chat_model_is_told_the_rule_and_what_the_finding_speaks_of() -> None:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    at = Span(TEXT.index("items_held"), TEXT.index("items_held") + 10)
    told = Diagnostic(at, "F821", "Undefined name `check_out`", "ruff")
    request = Request(Selection(PATH, at), (told,))
    offer = explain.offer(world.snapshot(), request)[-1]
    port = Scripted(["The name check_out is defined below."])

    async def rules(asked: Run) -> list[Finding] | Silence:
        return [Finding("F821", "## What it does\nChecks for undefined names.\n")]

    steps = explain.make(world.snapshot(), request, offer, port.info)
    result = asyncio.run(run(steps, port, rules))
    assert isinstance(result, Explained)
    assert result.by_model
    asked = port.asks[0].prompt
    assert isinstance(asked, Chat)
    assert "Checks for undefined names." in asked.user
    assert "check_out is a function of a.py, line 6" in asked.user
