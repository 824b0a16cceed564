"""What follows from what was measured, and where it is kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dovetail.model import fit
from dovetail.model.ask import Answer, Ask, Cost, Fim, Silence
from dovetail.model.fit import Fit
from dovetail.model.ledger import Ledger

FOUND = Fit(threads=3, reading=4, together=True, reads=300.0, writes=20.0, why="measured", digest="ab")
GB = 1 << 30


@pytest.mark.parametrize(("cores", "expected"), [(1, [1]), (2, [1, 2]), (3, [2, 3, 1]), (8, [7, 8, 4])])
def test_few_numbers_of_threads_are_tried(cores: int, expected: list[int]) -> None:
    assert fit.candidates(cores) == expected


@pytest.mark.parametrize(
    ("reads", "bytes_per_token", "free", "expected"),
    [
        (5000.0, 28 << 10, 16 * GB, (4096, "enough for one short job")),
        (100.0, 28 << 10, 16 * GB, (1792, "reading more takes too long")),
        (5000.0, 128 << 10, 2 * GB, (2048, "memory")),
        (1.0, 128 << 10, GB, (1024, "reading more takes too long")),
        (5000.0, 0, 0, (1024, "memory")),
    ],
)
def test_the_context_is_the_largest_that_is_read_in_time_and_fits(
    reads: float, bytes_per_token: int, free: int, expected: tuple[int, str]
) -> None:
    assert fit.context_for(reads, bytes_per_token, free) == expected


def test_free_memory_is_told() -> None:
    assert fit.free_memory() > 1 << 20


def test_it_is_kept_for_the_same_file_only(tmp_path: Path) -> None:
    model, cache = tmp_path / "m.gguf", tmp_path / "new" / "fit.json"
    model.write_bytes(b"one")
    key = fit.key_of(model, version="1", threads=0)
    assert fit.recall(cache, key) is None
    fit.remember(cache, key, FOUND)
    assert fit.recall(cache, key) == FOUND
    assert os.listdir(cache.parent) == ["fit.json"]
    assert fit.key_of(model, version="2", threads=0) != key
    assert fit.key_of(model, version="1", threads=2) != key
    model.write_bytes(b"more")
    assert fit.key_of(model, version="1", threads=0) != key
    assert fit.key_of(tmp_path / "none", version="1", threads=0) == ""
    assert fit.recall(cache, "") is None


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for i in range(40):
        fit.remember(tmp_path / "fit.json", f"{i}", FOUND)
    assert list(json.loads((tmp_path / "fit.json").read_text())) == [f"{i}" for i in range(8, 40)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"k": 7}', '{"k": {"threads": "many"}}', "\0" * 100])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "fit.json").write_text(text)
    assert fit.recall(tmp_path / "fit.json", "k") is None
    fit.remember(tmp_path / "fit.json", "k", FOUND)
    assert fit.recall(tmp_path / "fit.json", "k") == FOUND


def test_no_place_to_write(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    fit.remember(tmp_path / "a file" / "fit.json", "k", FOUND)
    fit.remember(tmp_path / "fit.json", "", FOUND)
    assert os.listdir(tmp_path) == ["a file"]


def test_the_account_adds_up() -> None:
    ledger = Ledger()
    typing, action = Ask(Fim("x"), limit=1, purpose="typing"), Ask(Fim("x"), limit=1)
    for i in range(100):
        ledger.note(typing, [Answer("a", 1, 0.0, "end")], Cost(10, 30, 5, 0.5, 0.25, first=float(i)))
    ledger.note(action, Silence("Cancelled.", "cancelled"), Cost())
    ledger.spend(action, Cost(evaluated=7))
    spent = ledger.stats().purposes["typing"]
    assert (spent.asks, spent.answered, spent.silent) == (100, 100, {})
    assert (spent.reads, spent.writes, spent.reuse) == (20.0, 20.0, 0.75)
    assert (spent.first_p50, spent.first_p95) == (50.0, 95.0)
    spent = ledger.stats().purposes["action"]
    assert (spent.asks, spent.answered, spent.silent, spent.evaluated) == (1, 0, {"cancelled": 1}, 7)
    assert (spent.reads, spent.writes, spent.reuse, spent.first_p50) == (None, None, 0.0, None)
