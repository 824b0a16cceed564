"""What the model has read outlives the process, if it is worth it; what is damaged or of another model is not there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from dovetail.model import catalog, kept, llama
from dovetail.model.catalog import bundled
from dovetail.model.desk import LlamaPort
from dovetail.model.gguf import read_header
from dovetail.model.llama import Engine
from tests.units.model import tiny
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


def read_once(start: Start, folder: Path) -> Path:
    """The file of what one start has read."""
    before = start()
    answer(before, typing())
    before.keep()
    (file,) = (folder / "read").iterdir()
    return file


@pytest.mark.parametrize("place", [0, 20, 60, 90, 2000, -1])
def test_a_flipped_bit_is_read_anew(start: Start, tmp_path: Path, place: int) -> None:
    file = read_once(start, tmp_path)
    data = bytearray(file.read_bytes())
    data[place] ^= 4
    file.write_bytes(data)
    (said,) = answer(start(), typing())
    assert said.reused == 0


def test_half_a_file_is_read_anew(start: Start, tmp_path: Path) -> None:
    file = read_once(start, tmp_path)
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


def test_of_a_model_that_sees_a_window_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """llama.cpp keeps what the end of a text sees: a text that goes another way earlier would be read wrongly."""
    monkeypatch.setattr(llama, "WORTH", 0.0)
    engine = Engine(read_header(tiny.write(tmp_path / "tiny.gguf", window=32)), threads=1)
    engine.remember(tmp_path / "read")
    answer(engine, typing())
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


def test_what_a_process_that_died_left_half_written_is_removed(tmp_path: Path) -> None:
    dead, alive = tmp_path / "abc.123", tmp_path / "abc.124"
    dead.write_bytes(b"half")
    alive.write_bytes(b"half")
    long_ago = time.time() - 3600
    os.utime(dead, (long_ago, long_ago))
    kept.Kept(tmp_path, "one").put([1, 2, 3], b"state")
    assert alive.exists()
    assert not dead.exists()


def test_a_few_more_words_are_not_worth_a_file(start: Start, tmp_path: Path) -> None:
    """A pause of typing is no reason to write megabytes of which most are there already."""
    engine = start()
    answer(engine, typing())
    engine.keep()
    before = set((tmp_path / "read").iterdir())
    answer(engine, typing(PREFIX + "s"))
    engine.keep()
    assert set((tmp_path / "read").iterdir()) == before
    answer(engine, typing("class Other:\n    def "))
    engine.keep()
    assert len(set((tmp_path / "read").iterdir())) == 2


@pytest.mark.asyncio
async def test_it_lies_where_the_other_caches_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Path] = []

    class Deaf(LlamaPort):
        def __init__(self, path: Path, *, kept: Path | None = None, **_: object) -> None:
            super().__init__(path)
            told.extend([kept] if kept else [])

        async def start(self) -> None:
            """It is of no use."""

    monkeypatch.setenv("DOVETAIL_CACHE", str(tmp_path))
    monkeypatch.setattr(catalog, "LlamaPort", Deaf)
    await catalog.open_port(keep=True)
    await catalog.open_port(keep=False)
    assert told == [tmp_path / "read"]


def test_without_a_place_to_write_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept.Kept(tmp_path / "file" / "below", "one").put([1], b"state")
    assert not kept.Kept(tmp_path / "file" / "below", "one").stored
