"""What the model has read outlives the process, if it is worth it; what is damaged or of another model is not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from dovetail.model import kept, llama
from dovetail.model.catalog import bundled
from dovetail.model.gguf import read_header
from dovetail.model.llama import Engine
from tests.units.model.test_engine import PREFIX, answer, typing

pytestmark = pytest.mark.model

Start = Callable[[], Engine]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Start]:
    """Another start of the same model, as if it read slowly: a token is worth a file."""
    monkeypatch.setattr(llama, "WORTH", 0.0)
    made: list[Engine] = []

    def start() -> Engine:
        made.append(Engine(read_header(bundled()), threads=1))
        made[-1].remember(tmp_path / "read")
        return made[-1]

    yield start
    for engine in made:
        engine.close()


def test_the_next_start_goes_on_where_this_one_stopped(start: Start, tmp_path: Path) -> None:
    before = start()
    (cold,) = answer(before, typing())
    before.keep()
    after = start()
    (warm,) = answer(after, typing(PREFIX + "s"))
    (same,) = answer(before, typing(PREFIX + "s"))
    assert cold.reused == 0
    assert warm.reused >= warm.prompt_tokens - 3
    assert (warm.text, warm.logprob) == (same.text, same.logprob)
    (file,) = (tmp_path / "read").iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_another_text_is_read_anew(start: Start) -> None:
    before = start()
    answer(before, typing())
    before.keep()
    (other,) = answer(start(), typing("class Other:\n    def ", "\n"))
    assert other.reused < 8  # the markers alone


@pytest.mark.parametrize("place", [0, 20, 60, 90, 2000, -1])
def test_a_flipped_bit_is_read_anew(start: Start, tmp_path: Path, place: int) -> None:
    before = start()
    answer(before, typing())
    before.keep()
    (file,) = (tmp_path / "read").iterdir()
    data = bytearray(file.read_bytes())
    data[place] ^= 4
    file.write_bytes(data)
    (said,) = answer(start(), typing())
    assert said.reused == 0


def test_half_a_file_is_read_anew(start: Start, tmp_path: Path) -> None:
    before = start()
    answer(before, typing())
    before.keep()
    (file,) = (tmp_path / "read").iterdir()
    data = file.read_bytes()
    for size in (0, 5, 79, 90, len(data) // 2):
        file.write_bytes(data[:size])
        (said,) = answer(start(), typing())
        assert said.reused == 0


def test_nothing_private_is_kept(start: Start, tmp_path: Path) -> None:
    engine = start()
    answer(engine, typing(private=True))
    engine.keep()
    assert not (tmp_path / "read").exists()


def test_a_model_that_reads_at_once_writes_no_file(tmp_path: Path) -> None:
    engine = Engine(read_header(bundled()), threads=1)
    engine.remember(tmp_path / "read")
    answer(engine, typing("x = 1\n"))
    engine.keep()
    engine.close()
    assert not (tmp_path / "read").exists()


def test_few_files_are_kept_and_none_of_another_model(tmp_path: Path) -> None:
    shelf = kept.Kept(tmp_path, "one")
    for number in range(kept.MOST + 3):
        shelf.put([number, 2, 3], b"state")
        time.sleep(0.02)  # file systems tell times in steps
    assert len(list(tmp_path.iterdir())) == kept.MOST
    assert not kept.Kept(tmp_path, "two").stored
    again = kept.Kept(tmp_path, "one")
    newest = max(again.stored, key=lambda stored: stored.tokens)
    assert newest.tokens == [kept.MOST + 2, 2, 3]
    assert again.take(newest) == b"state"
    assert newest not in again.stored


def test_without_a_place_to_write_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept.Kept(tmp_path / "file" / "below", "one").put([1], b"state")
    assert not kept.Kept(tmp_path / "file" / "below", "one").stored
