"""The model process is killed, cancelled, overloaded and fed with nonsense; the server goes on."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from dovetail.model import desk, fit, wire
from dovetail.model.ask import Answer, Ask, Chat, Fim, Purpose, Silence, Stats, Status
from dovetail.model.catalog import bundled, choose, open_port
from dovetail.model.desk import LlamaPort, estimate
from tests.units.model import tiny
from tests.units.model.test_gbnf import BAD

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.model]

CODE = Path(os.__file__).read_text()[:1500]
SHORT = Ask(Fim("def add(a, b):\n    result = ", "\n"), limit=8, stop=("\n",), purpose="typing")
LONG = Ask(Fim(CODE), limit=200, candidates=10_000, temperature=1.0)
"""Takes minutes."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncGenerator[LlamaPort]:
    port = LlamaPort(bundled(), threads=1)
    await port.start()
    assert await port.settle() == Status("ready")
    yield port
    await port.close()


def pid(port: LlamaPort) -> int:
    """Of the process that is there now."""
    process = port._process  # pyright: ignore[reportPrivateUsage]
    assert process is not None
    return process.pid


async def begun(port: LlamaPort, ask: Ask) -> asyncio.Task[list[Answer] | Silence]:
    """An ask that the model has begun to answer."""
    task = asyncio.create_task(port.answer(ask))
    await asyncio.sleep(0.1)
    assert not task.done()
    assert port.status.state == "busy"
    return task


async def kill(port: LlamaPort, how: signal.Signals = signal.SIGKILL) -> None:
    """End the process; returns once the port has noticed."""
    os.kill(pid(port), how)
    while port.status.state in ("ready", "busy"):  # noqa: ASYNC110
        await asyncio.sleep(0.005)


# --- the ordinary --------------------------------------------------------------------------------------


async def test_an_answer(port: LlamaPort) -> None:
    said = await port.answer(SHORT)
    assert isinstance(said, list)
    assert said[0].tokens > 0
    assert port.info is not None
    assert port.info.fim == "suffix-first"
    assert port.status == Status("ready")


async def test_counting_while_the_model_decodes(port: LlamaPort) -> None:
    task = await begun(port, LONG)
    counts = await port.count(["def f(x):\n    return x\n", "", "é" * 30, "\ud800"])
    assert not task.done()
    assert counts[1] == 0
    assert 1 < counts[0] < estimate(["def f(x):\n    return x\n"])[0] * 3
    assert counts == await port.count(["def f(x):\n    return x\n", "", "é" * 30, "\ud800"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_typing_goes_before_a_running_action(port: LlamaPort) -> None:
    task = await begun(port, LONG)
    said = await port.answer(SHORT)
    assert isinstance(said, list)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_an_action_goes_on_after_the_typing(port: LlamaPort) -> None:
    """It does not begin again: its prompt is read once, and each candidate has all its tokens."""
    ask = Ask(Fim(f"# an action\n{CODE}"), limit=24, candidates=4, temperature=0.9, grammar="root ::= [c-z]{24}")
    while port._owed:  # noqa: ASYNC110  # pyright: ignore[reportPrivateUsage]
        await asyncio.sleep(0.005)  # until what was cancelled before has told what it took
    before = port.stats.purposes["action"]
    task = asyncio.create_task(port.answer(ask))
    typed = 0
    while not task.done():
        assert isinstance(await port.answer(replace(SHORT, prompt=Fim(f"x = {typed}\ny ="))), list)
        typed += 1
    disturbed = await task
    assert isinstance(disturbed, list)
    assert typed > 3
    assert all(re.fullmatch("[c-z]{24}", one.text) for one in disturbed)
    after = port.stats.purposes["action"]
    assert after.evaluated - before.evaluated == disturbed[0].prompt_tokens - disturbed[0].reused
    assert after.written - before.written == sum(one.tokens for one in disturbed)


async def test_a_prefetch_waits_for_everybody(port: LlamaPort) -> None:
    ended: list[str] = []

    async def ask(purpose: Purpose) -> None:
        ask = Ask(Fim(f"# {purpose}\n{CODE}"), limit=30, temperature=1.0, candidates=2, purpose=purpose)
        assert isinstance(await port.answer(ask), list)
        ended.append(purpose)

    await asyncio.gather(ask("prefetch"), ask("action"), ask("hover"), ask("typing"))
    assert ended == ["typing", "hover", "action", "prefetch"]


async def test_an_answer_is_watched_while_it_is_written_and_one_candidate_is_dropped(port: LlamaPort) -> None:
    ask = Ask(Fim(CODE), limit=200, candidates=3, temperature=0.9, grammar="root ::= [^~]{200}")
    whole = await port.answer(ask)
    assert isinstance(whole, list)
    seen: dict[int, list[str]] = {}

    def watch(candidate: int, text: str) -> bool:
        seen.setdefault(candidate, []).append(text)
        if candidate == 2:
            raise ZeroDivisionError  # looking on goes wrong: the server lives, the candidate is dropped
        return candidate != 1 or len(text) < 10

    said = await port.answer(replace(ask, watch=watch))
    assert isinstance(said, list)
    assert said[0].text == whole[0].text == seen[0][-1]
    assert [one.stopped for one in said[1:]] == ["cancelled", "cancelled"]
    for i in (1, 2):
        assert whole[i].text.startswith(said[i].text)
        assert said[i].tokens < whole[i].tokens
    assert len(seen[2]) == 1
    assert len(seen[1]) <= 10
    assert all(later.startswith(earlier) for texts in seen.values() for earlier, later in pairwise(texts))


async def test_the_account_of_a_session() -> None:
    port = LlamaPort(bundled(), threads=1)
    assert port.stats == Stats()
    await port.start()
    await port.settle()
    for _ in range(3):
        await port.answer(SHORT)
    await port.answer(Ask(Chat("", "?"), limit=4, purpose="hover"))
    task = await begun(port, LONG)
    task.cancel()
    await asyncio.wait([task])
    await port.answer(SHORT)
    stats = port.stats
    assert stats.starts == 1
    typing, action = stats.purposes["typing"], stats.purposes["action"]
    assert (typing.asks, typing.answered, typing.silent) == (4, 4, {})
    assert typing.reuse is not None
    assert typing.reuse > 0.5
    assert typing.written > 0
    assert typing.writes is not None
    assert typing.first_p50 is not None
    assert (action.answered, action.silent) == (0, {"cancelled": 1})
    assert action.evaluated > 0  # what was for nothing counts as well
    assert stats.purposes["hover"].silent == {"refused": 1}
    await port.close()


async def test_what_was_measured_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, model = tmp_path / "cache" / "fit.json", tiny.write(tmp_path / "m.gguf")
    busy = True
    monkeypatch.setattr(fit, "busy", lambda: busy)

    async def loaded() -> tuple[str, str]:
        port = LlamaPort(model, measured=file)
        await port.start()
        await port.settle()
        assert port.info is not None
        await port.close()
        return port.info.details["measured"], port.info.digest

    first = await loaded()
    assert "four candidates in one batch" in first[0]
    assert not file.exists()  # measured beside others: the next start measures again
    busy = False
    first = await loaded()
    file.write_text(file.read_text().replace("one written", "ONE WRITTEN"))
    assert "ONE WRITTEN" in (await loaded())[0]  # so it is read, not measured again
    tiny.write(model, seed=1)
    changed = await loaded()
    assert changed[1] != first[1]
    assert "ONE WRITTEN" not in changed[0]


# --- cancelling and patience ---------------------------------------------------------------------------


async def test_a_cancelled_ask_frees_the_model(port: LlamaPort) -> None:
    for pause in (0, 0.001, 0.005, 0.02, 0.1):
        task = asyncio.create_task(port.answer(LONG))
        await asyncio.sleep(pause)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await port.answer(SHORT), list)


def held(process: int) -> tuple[int, int]:
    """Open files and threads of a process, where the system tells."""
    folder = Path(f"/proc/{process}")
    if not folder.exists():
        return 0, 0
    return len(list((folder / "fd").iterdir())), len(list((folder / "task").iterdir()))


async def test_a_storm_of_cancels(port: LlamaPort) -> None:
    before = pid(port)
    await port.answer(SHORT)
    holding, here, tasks = held(before), held(os.getpid()), len(asyncio.all_tasks())
    for i in range(200):
        task = asyncio.create_task(port.answer(Ask(Fim(CODE[: 500 + i]), limit=50, purpose="typing")))
        await asyncio.sleep(0 if i % 3 else 0.002)
        task.cancel()
        await asyncio.wait([task])
    assert isinstance(await port.answer(SHORT), list)
    assert pid(port) == before
    assert port.status == Status("ready")
    assert not port._owed  # pyright: ignore[reportPrivateUsage]
    assert not port._waiting  # pyright: ignore[reportPrivateUsage]
    assert (held(before), held(os.getpid()), len(asyncio.all_tasks())) == (holding, here, tasks)


async def test_a_cancel_that_crosses_the_answer_leaves_nothing_owed(port: LlamaPort) -> None:
    """Else the worker, which has nothing more to say of it, would be taken for deaf and killed."""
    task = asyncio.create_task(port.answer(SHORT))
    await asyncio.sleep(0)
    (id,) = port._waiting  # pyright: ignore[reportPrivateUsage]
    task.cancel()
    port._take(wire.Answered(id=id, answers=[]))  # pyright: ignore[reportPrivateUsage]
    await asyncio.wait([task])
    assert task.cancelled()
    assert not port._owed  # pyright: ignore[reportPrivateUsage]
    assert isinstance(await port.answer(SHORT), list)


async def test_patience_ends(port: LlamaPort) -> None:
    said = await port.answer(Ask(Fim(CODE), limit=200, candidates=1000, temperature=1.0, patience=0.1))
    assert isinstance(said, Silence)
    assert said.kind == "patience"
    assert isinstance(await port.answer(SHORT), list)


# --- death ---------------------------------------------------------------------------------------------


async def test_killed_in_the_middle_of_an_answer(port: LlamaPort) -> None:
    task = await begun(port, LONG)
    before = pid(port)
    os.kill(before, signal.SIGKILL)
    said = await task
    assert isinstance(said, Silence)
    assert said.kind == "failed"
    assert said.reason.startswith("The model process ended (signal 9). It is being started again")
    assert isinstance(await port.answer(SHORT), list)
    assert pid(port) != before


async def test_impatient_while_it_restarts(port: LlamaPort) -> None:
    await kill(port)
    said = await port.answer(Ask(Fim("x"), limit=4, patience=0.01))
    assert isinstance(said, Silence)
    assert said.kind == "loading"
    assert isinstance(await port.answer(SHORT), list)


async def test_given_up_after_dying_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "DEATHS", 3)
    heard: list[str] = []
    port = LlamaPort(bundled(), threads=1, tell=lambda status: heard.append(status.state))
    await port.start()
    for _ in range(3):
        assert (await port.settle()).state == "ready"
        await kill(port)
    said = await port.answer(SHORT)
    assert isinstance(said, Silence)
    assert said.kind == "failed"
    assert "3 times within three minutes, so it stays off: restart the server" in said.reason
    assert heard == ["loading", "ready"] * 3 + ["failed"]
    assert await port.count(["abcd"]) == estimate(["abcd"])
    await port.close()


async def test_compiled_for_another_cpu() -> None:
    other = LlamaPort(bundled(), threads=1)
    await other.start()
    await other.settle()
    await kill(other, signal.SIGILL)
    assert await other.settle() == Status("failed", "llama.cpp was compiled for another CPU: run `make` again.")
    await other.close()


async def test_one_that_does_not_react_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "GRACE", 0.3)
    port = LlamaPort(bundled(), threads=1)
    await port.start()
    await port.settle()
    os.kill(pid(port), signal.SIGSTOP)
    said = await port.answer(Ask(Fim(CODE), limit=9, patience=0.05))
    assert isinstance(said, Silence)
    assert said.kind == "patience"
    said = await port.answer(SHORT)
    assert isinstance(said, Silence)
    assert said.reason.startswith("The model process did not react any more and was ended.")
    assert isinstance(await port.answer(SHORT), list)
    await port.close()


async def test_closing_ends_the_process_and_what_waits() -> None:
    port = LlamaPort(bundled(), threads=1)
    await port.start()
    await port.settle()
    task = await begun(port, LONG)
    process = pid(port)
    started = time.monotonic()
    await port.close()
    assert time.monotonic() - started < 2
    said = await task
    assert isinstance(said, Silence)
    assert said.kind == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert isinstance(await port.answer(SHORT), Silence)
    await port.close()


@pytest.mark.parametrize("pause", [None, 0, 0.02, 0.4])
async def test_closing_at_any_moment(pause: float | None) -> None:
    port = LlamaPort(bundled(), threads=1)
    await port.start()
    await (port.settle() if pause is None else asyncio.sleep(pause))
    async with asyncio.timeout(2):
        await port.close()
    assert port.status == Status("none", "The model was stopped.")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
async def test_the_process_ends_with_its_parent() -> None:
    code = (
        "import asyncio, os, sys\nfrom pathlib import Path\nfrom dovetail.model.desk import LlamaPort\n"
        "async def main():\n    port = LlamaPort(Path(sys.argv[1]), threads=1)\n    await port.start()\n"
        "    await port.settle()\n    print(port._process.pid, flush=True)\n    await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(desk.__file__).parents[2])}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(bundled()), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    worker = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{worker}/stat").exists() and Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z":
            return
        await asyncio.sleep(0.02)
    pytest.fail("the worker outlives its parent")


# --- files that are no models --------------------------------------------------------------------------


async def refused(path: Path) -> str:
    """The one sentence for this file, which is the same everywhere."""
    port = await open_port(str(path), threads=1)
    said = await port.answer(SHORT)
    assert isinstance(said, Silence)
    assert port.status == Status("failed", said.reason)
    assert said.kind == "failed"
    assert port.info is None
    await port.close()
    return said.reason


async def test_a_missing_model(tmp_path: Path) -> None:
    assert await refused(tmp_path / "no.gguf") == "There is no model file no.gguf: check the path in your settings."


async def test_a_fifo_for_a_model(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.gguf")
    assert await refused(tmp_path / "m.gguf") == "m.gguf is no regular file: copy the model into one."


async def test_a_truncated_model(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(bundled().read_bytes()[:2_000_000])
    assert "bytes are missing: download it again." in await refused(tmp_path / "m.gguf")


async def test_a_model_that_llama_cpp_does_not_know(tmp_path: Path) -> None:
    data = tiny.write(tmp_path / "m.gguf").read_bytes().replace(b"llama", b"lamma")
    (tmp_path / "m.gguf").write_bytes(data)
    said = await refused(tmp_path / "m.gguf")
    assert said.startswith("llama.cpp cannot load m.gguf (unknown model architecture: 'lamma')")


async def test_a_model_at_which_llama_cpp_aborts(tmp_path: Path) -> None:
    """Its header is in order, but a word is there twice: an assertion in llama.cpp ends the process, twice."""
    said = await refused(tiny.write(tmp_path / "m.gguf", words=("ab",)))
    assert said == (
        "While it was loaded, the model process ended (signal 6): the file may be damaged, download it again."
    )


async def test_no_path_at_all() -> None:
    assert choose("~/m.gguf") == Path.home() / "m.gguf"
    assert choose(None) == bundled()
    assert choose("~nobody-at-all/m.gguf") == Path("~nobody-at-all/m.gguf")
    assert "cannot be opened" in await refused(Path("a\0b.gguf"))


# --- hostile asks --------------------------------------------------------------------------------------


async def test_no_bad_grammar_ends_the_process(port: LlamaPort) -> None:
    before = pid(port)
    for grammar, expected in BAD.values():
        said = await port.answer(Ask(Fim("x"), limit=4, grammar=grammar))
        assert isinstance(said, Silence)
        assert said.kind == "refused"
        assert expected in said.reason
    assert isinstance(await port.answer(SHORT), list)
    assert pid(port) == before


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that ends a process")
async def test_a_grammar_that_explodes_costs_one_process_and_is_remembered(port: LlamaPort) -> None:
    """Each letter can be read in eight ways, and llama.cpp tries all of them for all letters of a token."""
    hostile = Ask(Fim("x"), limit=99, temperature=1.0, grammar=f'root ::= ({" | ".join(["[ a-z]"] * 8)}){{50}} "."')
    before = pid(port)
    said = await port.answer(hostile)
    assert isinstance(said, Silence)
    assert said.reason.startswith("The grammar was too much for the model process, which ended.")
    assert isinstance(await port.answer(SHORT), list)
    after = pid(port)
    assert after != before
    said = await port.answer(hostile)
    assert said == Silence("The grammar was too much for the model process before.", "refused")
    assert pid(port) == after


async def test_asks_without_sense(port: LlamaPort) -> None:
    before = pid(port)
    for ask in (
        Ask(Fim(""), limit=0),
        Ask(Fim(""), limit=-5, candidates=-1),
        Ask(Fim("\0" * 1000, "\0"), limit=4),
        Ask(Fim("x" * 3_000_000, "y" * 3_000_000), limit=4),
        Ask(Fim("x"), limit=10**9, stop=("",), temperature=1e-9, seed=-(2**70)),
        Ask(Fim("x"), limit=4, temperature=1e9, seed=2**70),
        Ask(Fim("x", "", (("p" * 10**5, "t" * 10**5),) * 50), limit=4),
    ):
        said = await port.answer(ask)
        assert isinstance(said, list)
        assert len(said) == 1
    for ask in (Ask(Fim("x" * 20_000_000), limit=4), Ask(Fim("\ud800"), limit=4), Ask(Chat("", "?"), limit=4)):
        said = await port.answer(ask)
        assert isinstance(said, Silence)
        assert said.kind == "refused"
    assert pid(port) == before
