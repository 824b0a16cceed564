"""A model of embeddings behind its process: real files, what is kept, and everything that can go wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dovetail.lsp.cache import Cache
from dovetail.lsp.models import open_meaning
from dovetail.model import desk
from dovetail.model.ask import Ask, Compare, Fim, Silence
from dovetail.model.catalog import bundled
from dovetail.model.desk import LlamaPort
from dovetail.model.embed import Space
from dovetail.model.gguf import ModelRefused, read_header
from dovetail.model.meaning import Meaning
from dovetail.settings import Settings, narrowed
from tests.units.model import tiny

pytestmark = pytest.mark.model

TEXTS = ("the cost of mail", "parse the tax", "def add(a, b): return a + b", "", "\ud800", "price " * 900)


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    return tiny.write_bert(tmp_path / "bert.gguf")


async def _near(meaning: Meaning, question: str = "the price of mail", texts: Sequence[str] = TEXTS) -> list[float]:
    found = await meaning(Compare(question, tuple(texts)))
    assert isinstance(found, list), found
    return found


async def _said(named: str) -> str:
    meaning = Meaning(named)
    try:
        found = await meaning(Compare("price", ("tax",)))
        assert isinstance(found, Silence)
        return found.reason
    finally:
        await meaning.close()


def _process(meaning: Meaning) -> int:
    process = meaning._port._process  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]
    assert process is not None
    return process.pid


@pytest.mark.parametrize("which", ["bert", "bundled"])
async def test_the_same_text_is_the_same_vector_whatever_was_asked_before(which: str, bert: Path) -> None:
    named = str(bert if which == "bert" else bundled())
    one, two = Meaning(named), Meaning(named)
    try:
        first = await _near(one, "the price of mail", (*TEXTS, "the price of mail"))
        assert first[-1] == pytest.approx(1.0, abs=1e-3)
        assert all(-1 <= cosine <= 1 for cosine in first)
        assert len({round(cosine, 3) for cosine in first}) > 3
        await _near(two, "something else", TEXTS[::-1])
        assert await _near(two) == first[:-1]
    finally:
        await one.close()
        await two.close()


def test_what_the_file_says_of_pooling_is_done(tmp_path: Path) -> None:
    """With marks around each text, the first token's vector is another than the mean of all."""
    spaces = [
        Space(read_header(tiny.write_bert(tmp_path / f"{pooling}.gguf", pooling=pooling)), threads=1)
        for pooling in (None, 1, 2)
    ]
    told, mean, first = (np.frombuffer(space.place("the price of mail"), "<f2").astype(float) for space in spaces)
    assert np.array_equal(told, mean)
    assert not np.allclose(mean, first, atol=0.01)
    assert np.linalg.norm(mean) == pytest.approx(1.0, abs=2e-3)
    assert "the file says nothing" in spaces[0].info.details["pooling"]
    assert spaces[2].info.details["pooling"] == "first token"
    for space in spaces:
        space.close()


def test_a_long_text_is_cut_to_the_context_and_keeps_its_last_mark(bert: Path) -> None:
    space = Space(read_header(bert), threads=1)
    tokens = space._tokens("price " * 500)  # pyright: ignore[reportPrivateUsage]
    assert len(tokens) == space.info.context == 64
    assert (tokens[0], tokens[-1]) == (tiny.WORDPIECE.index("[CLS]"), tiny.WORDPIECE.index("[SEP]"))
    assert space.place("price " * 500) == space.place("price " * 62)
    space.close()


def test_a_model_that_ranks_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="ranks pairs of texts"):
        Space(read_header(tiny.write_bert(tmp_path / "ranks.gguf", pooling=4)))


async def test_what_is_no_model_says_so_and_nothing_is_raised(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.gguf"
    nonsense.write_bytes(b"no model at all" * 100)
    assert "There is no model file gone.gguf" in await _said(str(tmp_path / "gone.gguf"))
    assert "There is no model no-such-model on this machine" in await _said("no-such-model")
    assert "is not a GGUF file" in await _said(str(nonsense))


async def test_without_llama_cpp_it_says_what_to_install(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dovetail.model.meaning.importlib.util.find_spec", lambda name: None)
    assert "dovetail[embeddings]" in await _said(str(bert))


async def test_a_process_that_dies_costs_one_question(bert: Path) -> None:
    meaning = Meaning(str(bert))
    try:
        before = await _near(meaning)
        os.kill(_process(meaning), signal.SIGSTOP)
        asked = asyncio.create_task(meaning(Compare("the price of mail", ("a new text",))))
        await asyncio.sleep(0.05)
        os.kill(_process(meaning), signal.SIGKILL)
        lost = await asked
        assert isinstance(lost, Silence)
        assert "started again" in lost.reason
        assert await _near(meaning) == before
        assert isinstance(await meaning(Compare("the price of mail", ("a new text",))), list)
    finally:
        await meaning.close()


async def test_a_question_that_nobody_waits_for_is_given_up(bert: Path) -> None:
    meaning = Meaning(str(bert))
    try:
        await _near(meaning, texts=())
        process, port = _process(meaning), meaning._port  # pyright: ignore[reportPrivateUsage]
        assert port is not None
        os.kill(process, signal.SIGSTOP)
        asked = asyncio.create_task(meaning(Compare("tax", tuple(f"price {n} " * 200 for n in range(100)))))
        while not port._waiting:  # noqa: ASYNC110  # pyright: ignore[reportPrivateUsage]
            await asyncio.sleep(0.005)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        os.kill(process, signal.SIGCONT)
        assert await _near(meaning)
        assert not port._owed  # pyright: ignore[reportPrivateUsage]
        assert _process(meaning) == process
    finally:
        await meaning.close()


async def test_a_process_that_is_too_slow_is_not_waited_for(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PLACE_SECONDS", 0.2)
    meaning = Meaning(str(bert))
    try:
        await _near(meaning, texts=())
        os.kill(_process(meaning), signal.SIGSTOP)
        found = await meaning(Compare("tax", ("mail",)))
        assert isinstance(found, Silence)
        assert found.kind == "patience"
    finally:
        await meaning.close()


async def test_it_answers_no_ask(bert: Path) -> None:
    """A message that is not for it ends the process, which is started again."""
    port = LlamaPort(bert, embeddings=True)
    await port.start()
    try:
        await port.settle()
        said = await port.answer(Ask(Fim("x = "), 4))
        assert isinstance(said, Silence)
        assert isinstance(await port.place(["tax"]), list)
    finally:
        await port.close()


# --- what is kept ---------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the model was asked for."""
    texts: list[str] = []
    place = LlamaPort.place

    async def noted(self: LlamaPort, wanted: Sequence[str]) -> list[bytes] | Silence:
        texts.extend(wanted)
        return await place(self, wanted)

    monkeypatch.setattr(LlamaPort, "place", noted)
    return texts


async def _once(named: Path, folder: Path, texts: Sequence[str] = TEXTS) -> list[float]:
    meaning = Meaning(str(named), store=lambda schema: Cache(folder, schema))
    try:
        return await _near(meaning, texts=texts)
    finally:
        await meaning.close()


async def test_a_text_is_read_once_and_after_a_start_not_again(bert: Path, tmp_path: Path, asked: list[str]) -> None:
    folder = tmp_path / "kept"
    first = await _once(bert, folder, [*TEXTS, *TEXTS])
    assert sorted(asked) == sorted({"the price of mail", *TEXTS})
    asked.clear()
    assert await _once(bert, folder, [*TEXTS, *TEXTS]) == first
    assert asked == []
    await _once(bert, folder, [*TEXTS, "tax"])
    assert asked == ["tax"]


@pytest.mark.parametrize(
    ("name", "question", "text"),
    [
        ("nomic-embed-text-v1.5.Q8_0", "search_query: ", "search_document: "),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("multilingual-e5-large-instruct", "", ""),
        ("bge-small-en-v1.5-f16", "Represent this sentence for searching relevant passages: ", ""),
        ("all-MiniLM-L6-v2", "", ""),
    ],
)
async def test_a_family_is_told_what_its_makers_put_before_a_text(
    name: str, question: str, text: str, tmp_path: Path, asked: list[str]
) -> None:
    meaning = Meaning(str(tiny.write_bert(tmp_path / f"{name}.gguf")))
    try:
        await _near(meaning, "price", ["tax"])
        assert asked == [f"{question}price", f"{text}tax"]
    finally:
        await meaning.close()


async def test_another_model_knows_nothing_of_it(bert: Path, tmp_path: Path, asked: list[str]) -> None:
    await _once(bert, tmp_path / "kept")
    asked.clear()
    other = tiny.write_bert(tmp_path / "other.gguf", words="price cost mail")
    await _once(other, tmp_path / "kept")
    assert len(asked) == 1 + len(TEXTS)


@pytest.mark.parametrize("how", ["a flipped bit", "nonsense", "a folder"])
async def test_what_is_damaged_is_read_again(how: str, bert: Path, tmp_path: Path, asked: list[str]) -> None:
    folder = tmp_path / "kept"
    first = await _once(bert, folder)
    asked.clear()
    (file,) = folder.glob("*.sqlite3")
    if how == "a flipped bit":
        with sqlite3.connect(file) as database:
            database.execute("UPDATE facts SET data = zeroblob(length(data))")
    else:
        for part in folder.iterdir():
            part.unlink()
        if how == "nonsense":
            file.write_bytes(b"no database" * 500)
        else:
            file.mkdir()
    assert await _once(bert, folder) == first
    assert len(asked) == 1 + len(TEXTS)


async def test_nothing_is_kept_on_disk_where_the_settings_say_so(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOVETAIL_CACHE", str(tmp_path / "cache"))
    for cache in (False, True):
        settings = Settings.model_validate({"embedding_model": str(bert), "index": {"cache": cache}})
        meaning = open_meaning(settings)
        assert meaning is not None
        await _near(meaning)
        await meaning.close()
        assert bool(list((tmp_path / "cache").glob("meaning/*.sqlite3"))) == cache


async def test_it_is_off_unless_the_user_names_one() -> None:
    assert open_meaning(Settings()) is None
    settings, complaints = narrowed(Settings(), {"embedding_model": "/dev/zero"})
    assert settings.embedding_model is None
    assert "the workspace may not set embedding_model" in complaints[0]
