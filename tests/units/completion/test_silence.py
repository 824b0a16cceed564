"""When to speak and when not to, on a part of the pages of `tests/bench`, without a model: what the project says."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dovetail.features.inline_completion import Suggestion, inline_completion
from dovetail.model.ask import run
from dovetail.verify.checkers import run_checker
from tests.page import Scene, read

BENCH = Path(__file__).parents[2] / "bench"


def _shown(name: str) -> list[bool]:
    pages = sorted((BENCH / name).glob("*.page"))
    assert len(pages) >= 60
    found: list[bool] = []
    for path in pages[::5]:
        scene = Scene(read(path))
        said = asyncio.run(run(inline_completion(scene.snapshot, scene.at, None), scene.port, run_checker))
        found.append(isinstance(said, Suggestion))
    return found


def test_where_nobody_wants_a_suggestion_there_is_hardly_one() -> None:
    shown = _shown("quiet")
    assert sum(shown) <= 0.1 * len(shown)


def test_where_anybody_expects_one_there_mostly_is_one() -> None:
    shown = _shown("show")
    assert sum(shown) >= 0.8 * len(shown)
