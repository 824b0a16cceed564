"""Two models at once: who answers what, and what is said where one of them is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from dovetail.lsp import models
from dovetail.lsp.models import open_model
from dovetail.model.ask import Answer, Ask, Fim, ModelInfo, Port, Purpose, Silence, Spent, Stats, Status
from dovetail.model.catalog import BUNDLED
from dovetail.model.two import TwoPorts, WithSpare, for_typing
from dovetail.settings import Settings, narrowed


class Named:
    """A port that answers with its name."""

    def __init__(self, name: str, status: Status) -> None:
        self.name, self.status, self.closed = name, status, False
        self.info: ModelInfo | None = None
        self.stats = Stats({}, 1)

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        spent = self.stats.purposes.get(ask.purpose, Spent())
        self.stats.purposes[ask.purpose] = Spent(asks=spent.asks + 1)
        return [Answer(self.name, 1, 0.0, "end", 1, 0, 0.0)]

    async def count(self, texts: Sequence[str]) -> list[int]:
        return [len(self.name)] * len(texts)

    async def close(self) -> None:
        self.closed = True


async def answered(port: TwoPorts, purpose: Purpose) -> str:
    said = await port.answer(Ask(Fim("x"), 1, purpose=purpose))
    assert isinstance(said, list)
    return said[0].text


@pytest.mark.asyncio
async def test_the_small_one_types_and_the_other_does_the_rest() -> None:
    small, large = Named("small", Status("ready")), Named("large", Status("ready"))
    port = TwoPorts(small, large)
    purposes: tuple[Purpose, ...] = ("typing", "prefetch", "hover", "action")
    assert [await answered(port, purpose) for purpose in purposes] == ["small", "small", "large", "large"]
    assert for_typing(port) is small
    assert set(port.stats.purposes) == set(purposes)
    assert port.stats.starts == 2
    assert await port.count(["a"]) == [5]
    await port.close()
    assert small.closed
    assert large.closed


@pytest.mark.asyncio
async def test_where_the_small_one_is_not_there_the_other_types_as_well() -> None:
    small, large = Named("small", Status("failed", "It is no GGUF file.")), Named("large", Status("ready"))
    port = TwoPorts(small, large)
    assert await answered(port, "typing") == "large"
    assert port.missing == "It is no GGUF file."
    assert for_typing(port) is large
    assert port.status.state == "ready"
    assert port.stats.purposes["typing"].asks == 1


def test_one_model_types_itself() -> None:
    alone = Named("alone", Status("ready"))
    assert for_typing(alone) is alone


def test_a_workspace_does_not_choose_it() -> None:
    settings, complaints = narrowed(Settings(), {"typing_model": "evil.gguf"})
    assert settings.typing_model is None
    assert len(complaints) == 1


@pytest.mark.model
@pytest.mark.asyncio
async def test_two_real_ones(tmp_path: Path) -> None:
    port = await open_model(Settings(model=str(tmp_path / "none.gguf"), typing_model=BUNDLED))
    try:
        assert isinstance(port, TwoPorts)
        assert port.status.state == "failed"
        said = await for_typing(port).answer(Ask(Fim("def f(x):\n    return ", "\n"), 4, purpose="typing"))
        assert isinstance(said, list)
        assert isinstance(await port.answer(Ask(Fim("x"), 4)), Silence)
    finally:
        await port.close()


@pytest.mark.model
@pytest.mark.asyncio
async def test_one_in_reserve_is_loaded_when_it_is_needed(tmp_path: Path) -> None:
    settings = Settings(model=str(tmp_path / "none.gguf"), second_model=BUNDLED)
    port = await open_model(settings)
    try:
        assert isinstance(port, WithSpare)
        assert port.status.state == "failed"
        assert for_typing(port) is port.first
        spare = await port.spare()
        assert not isinstance(spare, Silence)
        assert isinstance(await spare.answer(Ask(Fim("def f(x):\n    return ", "\n"), 4)), list)
        assert await port.spare() is spare
    finally:
        await port.close()


class Slow:
    """Loads a model in reserve once it is let to, and hears where nobody wants it any more."""

    def __init__(self) -> None:
        self.go, self.cancelled = asyncio.Event(), False
        self.port = Named("large", Status("ready"))
        self.port.info = ModelInfo("large", "", "", context=4096, fim=None, chat=True)

    async def __call__(self) -> Port:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return self.port


@pytest.mark.asyncio
async def test_a_session_that_ends_does_not_wait_for_the_one_in_reserve() -> None:
    slow = Slow()
    first = Named("small", Status("ready"))
    port = WithSpare(first, slow)
    asked = asyncio.ensure_future(port.spare())
    await asyncio.sleep(0)
    await asyncio.wait_for(port.close(), 5)
    assert first.closed
    assert slow.cancelled
    await asyncio.wait([asked])
    assert asked.cancelled()


@pytest.mark.asyncio
async def test_one_in_reserve_that_was_loaded_is_closed() -> None:
    slow = Slow()
    slow.go.set()
    port = WithSpare(Named("small", Status("ready")), slow)
    assert await port.spare() is slow.port
    await port.close()
    assert slow.port.closed


@pytest.mark.asyncio
async def test_who_waits_for_it_together_is_counted_as_well() -> None:
    slow = Slow()
    port = WithSpare(Named("small", Status("ready")), slow, most=2)
    together = [asyncio.ensure_future(port.spare()) for _ in range(3)]
    await asyncio.sleep(0)
    slow.go.set()
    said = await asyncio.gather(*together)
    assert [isinstance(one, Silence) for one in said] == [False, False, True]
    assert isinstance(await port.spare(), Silence)


def test_a_workspace_names_none_in_reserve() -> None:
    settings, complaints = narrowed(Settings(), {"second_model": "http://198.51.100.7/"})
    assert settings.second_model is None
    assert len(complaints) == 1


@pytest.mark.asyncio
async def test_an_address_in_reserve_is_this_machine_unless_the_user_says_otherwise() -> None:
    port = await open_model(Settings(second_model="http://198.51.100.7:8080", model="/none.gguf"))
    assert isinstance(port, WithSpare)
    said = await port.spare()
    assert isinstance(said, Silence)
    assert "198.51.100.7" in said.reason
    await port.close()


@pytest.mark.asyncio
async def test_the_key_of_one_address_is_not_told_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str | None, str | None]] = []

    async def one(settings: Settings, *_: object) -> Named:
        asked.append((settings.endpoint, settings.endpoint_key))
        return Named("one", Status("ready"))

    monkeypatch.setattr(models, "_one", one)
    for endpoint, key in ((None, "for the second"), ("http://127.0.0.1:1", None)):
        given = Settings(endpoint=endpoint, endpoint_key="for the second", second_model="http://127.0.0.1:2")
        asked.clear()
        port = await open_model(given)
        assert isinstance(port, WithSpare)
        await port.spare()
        assert asked[-1] == ("http://127.0.0.1:2", key)
