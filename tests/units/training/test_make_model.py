"""One folder is one run: what it started from stays. Needs no torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.make_model import settle


def test_a_folder_is_not_gone_on_with_from_something_else(tmp_path: Path) -> None:
    first, second = tmp_path / "first.gguf", tmp_path / "second.gguf"
    first.write_bytes(b"GGUF one")
    second.write_bytes(b"GGUF two")
    settle(tmp_path / "run", first)
    settle(tmp_path / "run", first)
    for other in (second, None):
        with pytest.raises(SystemExit, match="give another folder with --out"):
            settle(tmp_path / "run", other)
    settle(tmp_path / "anew", None)
    settle(tmp_path / "anew", None)


def test_a_folder_is_not_gone_on_with_at_another_size(tmp_path: Path) -> None:
    """Its tokenizer has another vocabulary."""
    settle(tmp_path, None)
    with pytest.raises(SystemExit, match="give another folder with --out"):
        settle(tmp_path, None, "base")
