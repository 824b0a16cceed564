"""One contract, whatever is behind the port: the model process, a real OpenAI-compatible server, each dialect."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_asyncio

from dovetail.lsp.models import open_model
from dovetail.model.ask import NO_THOUGHT, Answer, Ask, Chat, Fim, Port, Silence, Thought
from dovetail.model.catalog import bundled, open_port
from dovetail.model.desk import LlamaPort
from dovetail.model.dialects import Kind
from dovetail.model.endpoint import Endpoint, EndpointPort
from dovetail.model.llama import WIDTH
from dovetail.model.wheel import WheelPort
from dovetail.settings import Settings, narrowed
from tests.faults.model.speaking import Speaker, speaking

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.model]

MODEL = "dovetail"
"""By this name the family, and with it the markers, is known."""
FILL = Ask(Fim("def add(a, b):\n    return a", "\n"), limit=8, stop=("\n",), purpose="typing")
CODE = Path(os.__file__).read_text()[:1200]
TALKATIVE = "class Point:\n    def __init__(self, x, y):\n        self.x = x\n        self.y = y\n\n    def "
"""Any model has more than a dozen characters to say to it."""
LONG = Ask(Fim(CODE), limit=400, candidates=10_000, temperature=1.0)


@pytest.fixture(scope="module")
def speaker() -> Generator[Speaker]:
    with speaking() as told:
        yield told


@pytest.fixture(scope="module")
def real() -> Generator[str]:
    """llama-cpp-python's own server."""
    if any(find_spec(name) is None for name in ("fastapi", "uvicorn", "starlette_context", "sse_starlette")):
        pytest.skip("llama-cpp-python's server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    command = ["-m", "llama_cpp.server", "--model", str(bundled()), "--port", str(number), "--host", "127.0.0.1"]
    options = ["--n_threads", "1", "--n_threads_batch", "1", "--n_ctx", "512", "--verbose", "false"]
    options += ["--interrupt_requests", "false"]  # else a second request ends the first
    process = subprocess.Popen(
        [sys.executable, *command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{number}/v1"
    with contextlib.ExitStack() as stack:
        stack.callback(process.wait)
        stack.callback(process.kill)
        while process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/models", timeout=1):
                break
        assert process.poll() is None
        yield url


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["worker", "wheel", "real", "openai", "llama-server", "ollama"]
)
async def port(request: pytest.FixtureRequest) -> AsyncGenerator[Port]:
    if request.param == "worker":
        port: Port = await open_port(threads=1)
        assert isinstance(port, LlamaPort)
        await port.settle()
    elif request.param == "wheel":
        pytest.importorskip("xllamacpp")
        port = WheelPort(bundled(), threads=1)
        await port.settle()
    elif request.param == "real":
        port = EndpointPort(Endpoint(request.getfixturevalue("real"), MODEL))
    else:
        kind: Kind = request.param
        url = request.getfixturevalue("speaker").url
        port = EndpointPort(Endpoint(f"{url}/v1", MODEL, context=512, kind=kind))
    yield port
    await port.close()
    said = await port.answer(FILL)
    assert isinstance(said, Silence)
    await port.close()


async def answered(port: Port, ask: Ask) -> list[Answer]:
    said = await port.answer(ask)
    assert isinstance(said, list), said
    assert said
    return said


async def test_it_says_what_it_can(port: Port) -> None:
    assert port.info is not None
    assert port.info.name
    assert port.info.fim is not None
    assert port.info.context >= 512
    assert port.status.state == "ready"


async def test_the_middle_is_filled_in_and_ends_at_a_stop(port: Port) -> None:
    (said,) = await answered(port, replace(FILL, prompt=Fim("import os\n\ndef f(x):\n    if x is", "\n")))
    assert said.text.strip()
    assert "\n" not in said.text
    assert 0 < said.tokens <= 8
    assert said.stopped in ("stop", "end", "limit")


async def test_greedy_is_the_same_twice_and_the_same_everywhere(port: Port) -> None:
    ask = replace(FILL, prompt=Fim("for name in sorted(names", ":\n    print(name)\n"), limit=6)
    first, second = (await answered(port, ask))[0].text, (await answered(port, ask))[0].text
    assert first == second
    assert first


async def test_the_limit_holds(port: Port) -> None:
    (said,) = await answered(port, Ask(Fim(CODE), limit=3))
    assert said.tokens <= 3
    assert said.stopped in ("limit", "end")


async def test_candidates_are_several(port: Port) -> None:
    said = await answered(port, Ask(Fim(CODE), limit=12, candidates=4, temperature=1.3))
    assert len(said) == 4
    assert len({one.text for one in said}) > 1


async def test_nothing_before_and_nothing_behind(port: Port) -> None:
    assert await answered(port, replace(FILL, prompt=Fim("", "")))


async def test_letters_of_all_the_world(port: Port) -> None:
    assert await answered(port, replace(FILL, prompt=Fim("größe = '東京 🦊", "'\n# ñ\n")))


async def test_it_is_watched_and_stopped(port: Port) -> None:
    seen: list[str] = []

    def watch(candidate: int, text: str) -> bool:
        assert candidate == 0
        seen.append(text)
        return len(text) < 12

    (said,) = await answered(port, Ask(Fim(TALKATIVE), limit=200, watch=watch))
    assert said.stopped == "cancelled"
    assert seen
    assert said.text.startswith(seen[-1])
    assert said.tokens < 100
    assert all(len(text) < 12 for text in seen[:-1])


async def test_when_the_time_is_over_what_is_there_is_the_answer(port: Port) -> None:
    ask = replace(LONG, seconds=0.3)
    said = await answered(port, ask)
    assert len(said) < 10_000
    batch = WIDTH if isinstance(port, LlamaPort) else 1  # the last ones, where several are written at a time
    unfinished = [one.stopped == "time" for one in said]
    assert any(unfinished[-batch:])
    assert not any(unfinished[:-batch])


async def test_patience_ends(port: Port) -> None:
    said = await port.answer(replace(LONG, patience=0.1))
    assert isinstance(said, Silence)
    assert said.kind == "patience"
    assert await answered(port, FILL)


@pytest.mark.parametrize("pause", [0, 0.001, 0.02, 0.2])
async def test_a_cancelled_ask_makes_room_for_the_next(port: Port, pause: float) -> None:
    task = asyncio.create_task(port.answer(LONG))
    await asyncio.sleep(pause)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await answered(port, FILL)
    assert port.status.state == "ready"


async def test_a_grammar_holds_or_is_refused(port: Port) -> None:
    said = await port.answer(Ask(Fim(CODE), limit=12, grammar='root ::= [0-9]{2,4} ";"'))
    assert port.info is not None
    if port.info.grammar:
        assert isinstance(said, list)
        assert re.fullmatch(r"[0-9]{2,4};", said[0].text)
    else:
        assert isinstance(said, Silence)
        assert said.kind == "refused"


async def test_half_a_character_is_an_answer_or_a_silence(port: Port) -> None:
    said = await port.answer(replace(FILL, prompt=Fim("\ud800", "\udfff")))
    assert isinstance(said, Silence)
    assert said.kind == "refused"


async def test_a_question_is_answered_or_refused(port: Port) -> None:
    said = await port.answer(Ask(Chat("Be brief.", "Why?"), limit=8))
    if isinstance(port, LlamaPort):  # the bundled model has no chat template
        assert isinstance(said, Silence)
        assert said.kind == "refused"
    else:
        assert isinstance(said, list)


async def test_counting_never_fails(port: Port) -> None:
    counts = await port.count(["", "def f(x):", "é\ud800"])
    assert counts[0] == 0
    assert all(count > 0 for count in counts[1:])


async def test_many_at_once(port: Port) -> None:
    said = await asyncio.gather(*(port.answer(replace(FILL, prompt=Fim(f"x{i} ="))) for i in range(12)))
    assert all(isinstance(one, list) for one in said)


async def test_the_account_adds_up(port: Port) -> None:
    before = port.stats.purposes["typing"]
    (said,) = await answered(port, FILL)
    spent = port.stats.purposes["typing"]
    assert spent.asks == before.asks + 1
    assert spent.written == before.written + said.tokens
    assert spent.evaluated + spent.reused == before.evaluated + before.reused + said.prompt_tokens
    assert spent.writing >= before.writing
    assert spent.asks == spent.answered + sum(spent.silent.values())


# --- what each dialect sends ---------------------------------------------------------------------------

Asked = Callable[[Kind, Ask], "tuple[str, dict[str, object]]"]
WISH = Fim("a = ", "\nc = 3\n", (("b.py", "b = 2\n"),), "a.py")


async def sent(
    speaker: Speaker, kind: Kind, ask: Ask, model: str = MODEL, thought: Thought = NO_THOUGHT
) -> tuple[str, dict[str, object]]:
    port = EndpointPort(Endpoint(speaker.url, model, context=512, kind=kind, thought=thought))
    await port.answer(ask)
    await port.close()
    return speaker.asked[-1]


async def test_llama_server_is_told_the_parts_and_to_keep_the_prompt(speaker: Speaker) -> None:
    road, body = await sent(speaker, "llama-server", Ask(WISH, 5, stop=("\n",) * 6, grammar='root ::= "1"', seed=-1))
    assert road == "/infill"
    assert body["input_prefix"] == "a = "
    assert body["input_suffix"] == "\nc = 3\n"
    assert body["input_extra"] == [{"filename": "b.py", "text": "b = 2\n"}]
    assert (body["cache_prompt"], body["n_predict"], body["grammar"]) == (True, 5, 'root ::= "1"')
    assert body["stop"] == ["\n"] * 6
    assert body["seed"] == 2**32 - 1


async def test_a_model_behind_llama_server_is_not_let_think(speaker: Speaker) -> None:
    road, body = await sent(speaker, "llama-server", Ask(Chat("Be brief.", "Why?"), 5))
    assert road == "/v1/chat/completions"
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


async def test_a_model_behind_llama_server_thinks_about_an_action_where_it_may(speaker: Speaker) -> None:
    for ask, thinks in ((Ask(Chat("", "Why?"), 5), True), (Ask(Chat("", "Why?"), 5, purpose="hover"), False)):
        _, body = await sent(speaker, "llama-server", ask, thought=Thought(100))
        assert body["chat_template_kwargs"] == {"enable_thinking": thinks}
        assert body["max_tokens"] == 5 + 100 * thinks


async def test_the_users_settings_say_which_protocol(speaker: Speaker) -> None:
    settings = Settings(endpoint=speaker.url, endpoint_kind="llama-server")
    port = await open_model(settings)
    assert port.info is not None
    assert (port.info.name, port.info.details["protocol"]) == ("llama-server", "llama-server")
    assert await answered(port, FILL)
    await port.close()
    asked = {"endpoint_kind": "ollama", "context": 100}
    narrow, complaints = narrowed(settings, asked)
    assert narrow == settings
    assert len(complaints) == 2  # a workspace may not


async def test_llama_server_tells_log_probabilities_and_reuse(speaker: Speaker) -> None:
    port = EndpointPort(Endpoint(speaker.url, MODEL, context=512, kind="llama-server"))
    await answered(port, replace(FILL, prompt=Fim(CODE)))
    (said,) = await answered(port, replace(FILL, prompt=Fim(CODE)))
    assert said.logprob == -0.5
    assert said.logprobs
    assert said.reused == said.prompt_tokens - 1
    await port.close()


async def test_ollama_is_told_a_suffix_and_with_other_files_the_familys_own_markers(speaker: Speaker) -> None:
    road, body = await sent(speaker, "ollama", Ask(replace(WISH, context=()), 5, temperature=0.5, seed=3))
    assert road == "/api/generate"
    assert (body["prompt"], body["suffix"]) == ("a = ", "\nc = 3\n")
    assert body["options"] == {"num_predict": 5, "num_ctx": 512, "temperature": 0.5, "seed": 3, "stop": []}
    _, body = await sent(speaker, "ollama", Ask(WISH, 5), "qwen2.5-coder:1.5b")
    assert body["raw"] is True
    files = "<|repo_name|>project\n<|file_sep|>b.py\nb = 2\n<|file_sep|>a.py\n"
    assert body["prompt"] == f"{files}<|fim_prefix|>a = <|fim_suffix|>\nc = 3\n<|fim_middle|>"


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_text_that_spells_a_marker_is_not_sent(speaker: Speaker, kind: Kind) -> None:
    before = len(speaker.asked)
    port = EndpointPort(Endpoint(speaker.url, "qwen2.5-coder", kind=kind))
    said = await port.answer(replace(FILL, prompt=Fim("x = '<|fim_middle|>'")))
    assert isinstance(said, Silence)
    assert said.kind == "refused"
    assert len(speaker.asked) == before
    await port.close()
