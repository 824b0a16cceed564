"""Where the trainer learns nothing about the end: in prefixes that a middle joins, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

for needed in ("torch", "tokenizers"):
    pytest.importorskip(needed, reason=f"the trainer needs {needed}: `make model` installs it")

from training.fim import END, FILE, MID, MIDDLE, PAD, PRE, SUF  # noqa: E402
from training.train import joined_prefix  # noqa: E402


def told(row: list[tuple[int, int]]) -> str:
    """One letter a token: `x` where the end is out of the question, `.` where it is learnt."""
    tokens = np.array([[token for token, _ in row]])
    weights = np.array([[weight for _, weight in row]], dtype=np.uint8)
    return "".join("x" if masked else "." for masked in joined_prefix(tokens, weights)[0])


def test_suffix_first_masks_the_prefix_alone() -> None:
    row = [(PRE, 0), (SUF, 0), (50, 2), (51, 2), (MID, 0), (60, 2), (61, 2), (70, MIDDLE), (END, MIDDLE)]
    assert told(row) == "....xxx.."


def test_prefix_first_masks_nothing_that_counts() -> None:
    row = [(PRE, 0), (60, 2), (SUF, 0), (50, 2), (MID, 0), (70, MIDDLE), (END, MIDDLE)]
    assert told(row) == "....x.."
    assert row[4][1] == 0


def test_left_to_right_after_another_sample_is_not_masked() -> None:
    row = [(MID, 0), (60, 2), (END, MIDDLE), (FILE, 0), (80, 1), (81, 2), (END, 0), (PAD, 0)]
    assert told(row) == "xx......"
