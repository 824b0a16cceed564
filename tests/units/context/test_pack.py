"""A pack never goes over its budget, and is the same bytes however the text came about."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.context.evidence import Ledger
from dovetail.context.nearby import Near, named_near
from dovetail.context.neighbours import neighbours, surroundings
from dovetail.context.pack import SEPARATOR, Budget, Pack, asked_for, pack, skeleton
from dovetail.context.query import Query
from dovetail.context.scorer import rank
from dovetail.context.walk import around
from dovetail.model.ask import ModelInfo
from dovetail.text import Edit, Span
from dovetail.world import Selection, Snapshot
from tests.units.context.project import ROOT, SHOP, done, quarters, world

INFO = ModelInfo("m", "", "", 1024, "suffix-first", chat=False, repository=True)


def _at(name: str, after: str) -> Selection:
    offset = SHOP[name].index(after) + len(after)
    return Selection(f"{ROOT}/{name}", Span(offset, offset))


def _everything(snapshot: Snapshot) -> list[Near]:
    return [
        Near(symbol, "asked", 1 + len(symbol.name) % 5, "for a test")
        for path in sorted(snapshot.graph.files)
        for symbol in snapshot.graph.symbols(path)
    ]


_SNAPSHOT = world(SHOP, ["shop/till.py"]).snapshot()
_WANTED = _everything(_SNAPSHOT)


def _more_when_joined(text: str) -> int:
    """A tokenizer whose count of a joined text is larger than the sum of its parts."""
    return len(text) // 4 + text.count("\n") ** 2 + 1


@pytest.mark.parametrize("tokens", [quarters, len, _more_when_joined])
@settings(max_examples=40, deadline=None)
@given(budget=st.integers(0, 900), seed=st.integers(0, 1000))
def test_never_over_budget(tokens: Callable[[str], int], budget: int, seed: int) -> None:
    snapshot = _SNAPSHOT
    wanted = list(_WANTED)
    random.Random(seed).shuffle(wanted)
    found: Pack = done(pack(snapshot, wanted, budget), tokens)
    whole = sum(tokens(f"{path}\n{text}") + SEPARATOR for path, text in found.files)
    assert found.tokens == whole <= budget
    assert len(found.items) + len(found.left_out) == len(wanted)


@settings(max_examples=40, deadline=None)
@given(budget=st.integers(1, 600), seed=st.integers(0, 1000))
def test_the_order_of_what_is_wanted_does_not_matter(budget: int, seed: int) -> None:
    snapshot = _SNAPSHOT
    wanted = list(_WANTED)
    first = done(pack(snapshot, wanted, budget))
    random.Random(seed).shuffle(wanted)
    assert done(pack(snapshot, wanted, budget)) == first


def test_the_order_of_files_and_edits_does_not_matter() -> None:
    at = _at("shop/till.py", "amount = basket.total()")
    texts: set[str] = set()
    for names in list(permutations(SHOP))[::12]:
        here = world({name: SHOP[name] for name in names})
        path = f"{ROOT}/shop/till.py"
        here.open(path, "", 1, None)
        half = len(SHOP["shop/till.py"]) // 2
        parts = [(0, SHOP["shop/till.py"][:half]), (half, SHOP["shop/till.py"][half:])]
        for version, (start, text) in enumerate(parts, 2):
            here.edit(path, version, [lambda _, s=start, t=text: Edit(Span(s, s), t.encode())])
        texts.add(_seen(here.snapshot(), at))
    assert len(texts) == 1


def test_the_seed_of_hashes_does_not_matter() -> None:
    code = "from tests.units.context.test_pack import _seen_here; import sys; sys.stdout.write(_seen_here())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(["server", "."])},
        ).stdout
        for seed in (1,)
    }
    assert seen == {_seen_here()}
    assert "Basket" in _seen_here()


def test_what_is_near_the_cursor_comes_first_and_says_why() -> None:
    snapshot = world(SHOP, ["shop/basket.py"]).snapshot()
    near = done(around(snapshot, _at("shop/basket.py", "with_tax(price.rounded("), 1536))
    assert near[0].symbol.name == "with_tax"
    assert near[0].why == "named on the cursor's line"
    assert {one.symbol.name: one.relation for one in near} | {"pay": "caller", "test_total": "test"} == {
        one.symbol.name: one.relation for one in near
    }


def test_a_completion_is_shown_signatures_alone() -> None:
    snapshot = world(SHOP, ["shop/basket.py"]).snapshot()
    ledger = Ledger("completion")
    at = _at("shop/basket.py", "with_tax(price.rounded(")
    files, tokens = done(neighbours(snapshot, at, 100, ledger, INFO))
    assert dict(files) == {
        "prices.py": "def with_tax(amount: float, rate: float = TAX) -> float  # The price with tax.\n"
        "class Price  # An amount of money.\n"
    }
    assert 0 < tokens <= 100
    _, none = done(neighbours(snapshot, at, 20, Ledger("completion"), INFO))
    assert none <= 20


def test_an_action_is_shown_callers_and_tests_as_well() -> None:
    snapshot = world(SHOP, ["shop/basket.py"]).snapshot()
    ledger = Ledger("explain")
    at = _at("shop/basket.py", "with_tax(price.rounded(")
    files, tokens = done(surroundings(snapshot, at, 400, ledger, INFO))
    shown = dict(files)
    assert "return amount * (1 + rate)" in shown["prices.py"]  # whole, where a completion sees its signature
    assert "def pay" in shown["till.py"]
    assert "def test_total" in shown["test_basket.py"]
    assert 0 < tokens <= 400
    assert {piece.path for piece in ledger.used} >= {f"{ROOT}/shop/till.py", f"{ROOT}/tests/test_basket.py"}
    for budget in range(0, 200, 7):
        assert done(surroundings(snapshot, at, budget, Ledger("explain"), INFO))[1] <= budget


def test_what_does_not_fit_whole_is_shown_as_a_skeleton() -> None:
    snapshot = world(SHOP).snapshot()
    price = next(s for s in snapshot.graph.symbols(f"{ROOT}/shop/prices.py") if s.name == "Price")
    near = [Near(price, "asked", 1.0, "for a test")]
    large: Pack = done(pack(snapshot, near, 2000))
    small: Pack = done(pack(snapshot, near, 90))
    assert large.items[0].whole
    assert "return round(self.amount, 2)" in large.files[0][1]
    assert not small.items[0].whole
    assert small.files[0][1] == skeleton(snapshot, price) + "\n"
    assert "    def rounded(self) -> float  # To whole cents." in small.files[0][1]
    none: Pack = done(pack(snapshot, near, 5))
    assert not none.files
    assert none.left_out[0].why == "for a test; no room for it"


def test_open_files_come_last() -> None:
    snapshot = world(SHOP, ["shop/basket.py"]).snapshot()
    found: Pack = done(pack(snapshot, _everything(snapshot), 2000))
    assert found.files[-1][0].endswith("shop/basket.py")
    closed = [path for path, _ in found.files[:-1]]
    assert closed == sorted(closed)


@settings(deadline=None)
@given(st.integers(0, 20000), st.integers(0, 4000))
def test_sections_leave_room_for_the_answer(context: int, answer: int) -> None:
    budget = Budget().within(context, answer)
    assert budget.system + budget.code + budget.task <= max(0, context - answer) or budget == Budget()


def _seen(snapshot: Snapshot, at: Selection) -> str:
    scored = done(rank(snapshot, Query.of("the receipt of `Basket.total` has the wrong tax")))
    near = [*done(around(snapshot, at, 300)), *named_near(snapshot, at), *asked_for(scored, snapshot)]
    return repr((scored, done(pack(snapshot, near, 300))))


def _seen_here() -> str:
    return _seen(world(SHOP, ["shop/till.py"]).snapshot(), _at("shop/till.py", "amount = basket.total()"))


def test_a_file_that_the_project_leaves_out_is_shown_in_no_prompt_of_another() -> None:
    here = world(SHOP, ["shop/basket.py"])
    here.open(f"{ROOT}/shop/prices.py", SHOP["shop/prices.py"], 1, None, private=True)
    at = _at("shop/basket.py", "with_tax(price.rounded(")
    found: Pack = done(pack(here.snapshot(), done(around(here.snapshot(), at, 1536)), 1536))
    assert all("prices" not in path for path, _ in found.files)
    assert any("the project leaves its file out" in item.why for item in found.left_out)
    here.close(f"{ROOT}/shop/prices.py")
    assert not here.snapshot().private
