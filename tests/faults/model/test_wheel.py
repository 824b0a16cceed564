"""The model without a compiler: its process dies, its file is none, it is not there at all."""

from __future__ import annotations

import asyncio
import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from dovetail.model import catalog
from dovetail.model.ask import Ask, Fim, Status
from dovetail.model.catalog import bundled, open_port
from dovetail.model.wheel import DEATHS, WheelPort

pytest.importorskip("xllamacpp")
pytestmark = [pytest.mark.asyncio, pytest.mark.model]
SHORT = Ask(Fim("def f(name):\n    return ", "\n"), limit=4, stop=("\n",), purpose="typing")


async def _killed(port: WheelPort) -> None:
    assert port._process is not None
    port._process.kill()
    await port._process.wait()


async def test_a_dead_process_is_started_again_until_it_dies_again_and_again() -> None:
    said: list[Status] = []
    port = WheelPort(bundled(), threads=1, tell=said.append)
    await port.settle()
    for _ in range(DEATHS):
        await _killed(port)
        assert isinstance(await port.answer(SHORT), list)
    await _killed(port)
    assert not await port.answer(SHORT)
    assert port.status.state == "failed"
    assert "another model" in port.status.reason
    assert port.stats.starts == DEATHS + 1
    await port.close()


async def test_a_key_that_comes_while_it_is_started_again_does_not_lose_the_model() -> None:
    port = WheelPort(bundled(), threads=1)
    await port.settle()
    await _killed(port)
    first = asyncio.ensure_future(port.answer(SHORT))
    while port.stats.starts < 2:  # noqa: ASYNC110 the port says nothing of it
        await asyncio.sleep(0.01)
    first.cancel()
    async with asyncio.timeout(60):
        assert isinstance(await port.answer(SHORT), list)
    assert port.stats.starts == 2, "what had begun was not begun anew"
    await port.close()


async def test_closing_while_it_loads_ends_the_process() -> None:
    port = WheelPort(bundled(), threads=1)
    loading = asyncio.ensure_future(port.settle())
    while not port.stats.starts:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await port.close()
    assert port.status.state == "none"
    assert port._process is None
    with pytest.raises(asyncio.CancelledError):
        await loading


async def test_closing_ends_the_process() -> None:
    port = WheelPort(bundled(), threads=1)
    await port.settle()
    process = port._process
    assert process is not None
    await port.close()
    assert process.returncode is not None
    assert not await port.answer(SHORT)


async def test_what_is_no_model_is_refused_with_a_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(bundled().read_bytes()[:100_000])
    for path in (tmp_path / "none.gguf", broken):
        port = WheelPort(path)
        assert (await port.settle()).state == "failed"
        assert port.status.reason
        assert not await port.answer(SHORT)
        await port.close()


@pytest.mark.parametrize("wheel", [True, False])
async def test_it_is_taken_where_llama_cpp_python_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, wheel: bool
) -> None:
    find = importlib.util.find_spec

    def found(name: str) -> ModuleSpec | None:
        return None if name == "llama_cpp" or (name == "xllamacpp" and not wheel) else find(name)

    monkeypatch.setattr(catalog.importlib.util, "find_spec", found)
    port = await open_port(threads=1)
    try:
        assert isinstance(port, WheelPort) is wheel
        assert port.status.state == ("ready" if wheel else "none")
        assert wheel or "xllamacpp" in port.status.reason
        if wheel:
            async with asyncio.timeout(60):
                assert isinstance(await port.answer(SHORT), list)
    finally:
        await port.close()
