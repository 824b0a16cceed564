"""The model card says what was measured, of the file that ships. Needs no torch."""

from __future__ import annotations

import hashlib
import json
import tomllib

import pytest

from training.card import PAGES, RESULTS, STANDARD, figures, sign_test, tables, written
from training.corpus import HERE, is_permissive


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_tables_are_those_of_the_results(page) -> None:
    text = page.read_text()
    assert "<!-- figures -->" in text
    assert written(text, tables()) == text, "write them anew: python -m training.card"


def test_the_file_that_ships_is_the_one_that_was_measured() -> None:
    bundled = PAGES[1].parent / "dovetail-small-q8_0.gguf"
    digest = hashlib.sha256(bundled.read_bytes()).hexdigest()
    assert json.loads((RESULTS / "shipped.json").read_text())["sha256"] == digest
    assert all(digest in page.read_text() for page in PAGES)


def test_every_item_of_the_list_is_told_with_its_licence() -> None:
    listed = tomllib.loads((HERE / "corpus.toml").read_text())["package"]
    told = json.loads((RESULTS / "corpus.json").read_text())["packages"]
    items = {(one["name"], one["version"], one["licence"]) for one in told if one["name"] != STANDARD}
    assert items == {(one["name"], one["version"], one["licence"]) for one in listed}
    assert all(is_permissive(licence) for _, _, licence in items)


def test_what_nobody_measured_is_said_and_a_row_that_nobody_did_is_left_out() -> None:
    kind = {"suffix": {"exact": 5.0, "exact_95": [4.0, 6.0], "first_token": 40.0, "ends_itself": 90.0,
                       "end_after_true_middle": 80.0}}  # fmt: skip
    speed = {"sha256": "ab" * 32, "speed": {"new_tokens_per_cpu_second": 2000}}
    table = figures({"shipped": {"block": kind, **speed}, "first": speed})
    assert "| | shipped | first |" in table
    assert "| a block, exact | 5.0 % [4.0–6.0] | not measured |" in table
    assert "expression" not in table


def test_the_sign_test_is_exact() -> None:
    assert sign_test(5, 5) == sign_test(0, 0) == 1.0
    assert sign_test(10, 0) == sign_test(0, 10) == 2 / 1024
    assert round(sign_test(25, 10), 3) == 0.017
