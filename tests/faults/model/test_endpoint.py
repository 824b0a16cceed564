"""An endpoint that answers, one that misbehaves in every way, and none at all."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from dovetail.model import endpoint as room
from dovetail.model.ask import Answer, Ask, Chat, Fim, Silence, Thought
from dovetail.model.catalog import open_port
from dovetail.model.dialects import Kind
from dovetail.model.endpoint import Endpoint, EndpointPort
from tests.served import Quiet, served

FILL = Ask(Fim("def f(", "):\n    pass\n"), limit=16, stop=("\n",))
CHAT = Ask(Chat("Be brief.", "Why?"), limit=16)


@dataclass
class Server:
    """Answers each POST with what `reply` holds, and keeps what it was asked."""

    url: str = ""
    status: int = 200
    reply: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    drop: bool = False
    gone: int = 0
    """So many requests find the connection closed."""
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    def completion(self, text: str, **choice: Any) -> None:
        usage = {"prompt_tokens": 7, "completion_tokens": 3}
        self.reply = json.dumps({"choices": [{"text": text, **choice}], "usage": usage}).encode()

    def message(self, text: str | None) -> None:
        self.reply = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


@pytest.fixture
def server() -> Generator[Server]:
    told = Server()

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append((self.path, body, self.headers.get("Authorization", "")))
            if told.gone:
                told.gone -= 1
                self.close_connection = True
                return
            if told.wait:
                told.wait.wait(10)
            if told.drop:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
                return
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(told.reply)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.reply)

    with served(Handler) as address:
        told.url = f"{address}/v1"
        yield told


def port(server: Server, model: str = "qwen2.5-coder", **options: Any) -> EndpointPort:
    return EndpointPort(Endpoint(server.url, model, **options))


async def told(port: EndpointPort, ask: Ask = FILL) -> Answer:
    said = await port.answer(ask)
    assert isinstance(said, list)
    return said[0]


async def silence(port: EndpointPort, ask: Ask = FILL) -> Silence:
    said = await port.answer(ask)
    assert isinstance(said, Silence)
    return said


# --- one that answers ----------------------------------------------------------------------------------


async def test_the_middle_is_asked_for_with_the_familys_markers(server: Server) -> None:
    server.completion("a, b", finish_reason="stop")
    said = await told(port(server, key="secret"))
    assert (said.text, said.tokens, said.prompt_tokens, said.stopped) == ("a, b", 3, 7, "end")
    path, body, key = server.asked[0]
    assert (path, key) == ("/v1/completions", "Bearer secret")
    assert body["prompt"] == "<|fim_prefix|>def f(<|fim_suffix|>):\n    pass\n<|fim_middle|>"
    assert (body["max_tokens"], body["temperature"], body["stop"]) == (16, 0.0, ["\n"])


async def test_candidates_have_their_own_seeds(server: Server) -> None:
    server.completion("a", finish_reason="length")
    said = await port(server).answer(Ask(Fim("x"), limit=4, candidates=3, seed=7, temperature=0.6))
    assert isinstance(said, list)
    assert [one.stopped for one in said] == ["limit"] * 3
    assert [body["seed"] for _, body, _ in server.asked] == [7, 8, 9]


async def test_an_answer_is_cut_at_a_stop_that_the_server_ignored(server: Server) -> None:
    server.completion("a, b\nmore")
    said = await told(port(server))
    assert (said.text, said.stopped) == ("a, b", "stop")


async def test_questions_go_to_chat(server: Server) -> None:
    server.message("Because.")
    assert (await told(port(server), CHAT)).text == "Because."
    path, body, _ = server.asked[0]
    assert path == "/v1/chat/completions"
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]


async def test_a_model_without_markers_is_asked_in_words(server: Server) -> None:
    server.message("```python\na, b\n```")
    model = port(server, "llama-3")
    assert model.info is not None
    assert model.info.fim is None
    assert (await told(model)).text == "a, b"
    assert server.asked[0][1]["messages"][1]["content"] == "def f(<CURSOR>):\n    pass\n"


async def test_an_empty_answer(server: Server) -> None:
    server.message(None)
    assert (await told(port(server), CHAT)).text == ""


async def test_patience_and_cancelling(server: Server) -> None:
    server.wait = threading.Event()
    model = port(server)
    said = await silence(model, Ask(Fim("x"), limit=4, patience=0.05))
    assert said.kind == "patience"
    task = asyncio.create_task(model.answer(FILL))
    await asyncio.sleep(0.05)
    assert model.status.state == "busy"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    server.wait.set()
    server.wait = None
    server.completion("a")
    assert (await told(model)).text == "a"
    await model.close()


# --- one that may not be asked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.7:8080/v1",
        "https://example.org/v1",
        "http://127.0.0.1.example.org/v1",
        "http://localhost.example.org/v1",
        "http://user@127.0.0.1/v1",
        "http://127.0.0.1@example.org/v1",
        "http://0x7f000001.example.org/v1",
        "file:///etc/passwd",
        "127.0.0.1:8080",
        "http://",
        "",
        "http://[",
    ],
)
async def test_another_machine_is_not_asked_unless_allowed(url: str) -> None:
    model = await open_port(endpoint=Endpoint(url, "qwen2.5-coder"))
    said = await model.answer(FILL)
    assert isinstance(said, Silence)
    assert said.kind == "refused"
    assert model.status.state == "failed"
    assert model.info is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://localhost:1/v1", "http://[::1]:1/v1"])
def test_this_machine_may_be_asked(url: str) -> None:
    port = EndpointPort(Endpoint(url, "m"))
    assert port.status.state == "ready"
    assert port.info is not None
    assert not port.info.away


def test_another_machine_may_be_allowed() -> None:
    port = EndpointPort(Endpoint("https://example.org/v1", "m", anywhere=True))
    assert port.status.state == "ready"
    assert port.info is not None
    assert port.info.away


@pytest.mark.parametrize("key", ["sk-abc\u00a0", "sk-abc\n", "ключ"])
async def test_a_key_that_was_pasted_with_something_else_is_told_of(key: str) -> None:
    port = EndpointPort(Endpoint("http://127.0.0.1:9/v1", "m", key))
    assert port.status.state == "failed"
    assert "key" in port.status.reason
    assert key.strip() not in port.status.reason
    assert isinstance(await port.answer(Ask(Fim("x"), 4)), Silence)
    await port.close()


async def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.headers = 307, {"Location": server.url + "/elsewhere/"}
    assert "sends us elsewhere (307)" in (await silence(port(server))).reason
    assert len(server.asked) == 1


async def test_no_proxy_of_the_environment_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.completion("a")
    assert (await told(port(server))).text == "a"


@pytest.mark.parametrize(
    "ask",
    [
        Ask(Fim("x"), limit=4, grammar='root ::= "a"'),
        Ask(Fim("<|fim_middle|>"), limit=4),
        Ask(Fim("\ud800"), limit=4),
        Ask(Chat("", "\udfff"), limit=4),
    ],
    ids=["grammar", "marker", "surrogate", "surrogate in a question"],
)
async def test_what_is_not_sent(server: Server, ask: Ask) -> None:
    said = await silence(port(server), ask)
    assert said.kind == "refused"
    assert not server.asked


CHOICE = Ask(Chat("", "Is it right?"), limit=4, temperature=0.1, grammar='root ::= "yes" | "no"')


async def test_a_choice_without_a_grammar(server: Server) -> None:
    server.message('<think>Both "yes" and "no" fit.</think>Sure:\n```json\n{"choice": "yes"}\n```')
    assert (await told(port(server), CHOICE)).text == "yes"
    (_, body, _) = server.asked[0]
    assert '{"choice": …}' in body["messages"][-1]["content"]
    assert "grammar" not in body


async def test_what_is_no_choice_is_asked_for_once_more_with_what_is_wrong(server: Server) -> None:
    server.message('{"choice": "perhaps"}')
    said = await silence(port(server), CHOICE)
    assert (said.kind, "yes, no" in said.reason) == ("refused", True)
    first, second = (body["messages"][-1]["content"] for _, body, _ in server.asked)
    assert second.startswith(first)
    assert "choice: it is none of yes, no" in second


THINKING = Thought(2000)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("<think>\nIs it?\nreturn b\n</think>\n\nreturn a", "return a"),
        ("return a", "return a"),
        ("<think>\nIs it? It is. It is.", ""),
        ("<thin", ""),
    ],
    ids=["thought", "not", "for ever", "hardly begun"],
)
async def test_what_a_model_thinks_is_no_part_of_its_answer(server: Server, said: str, answer: str) -> None:
    server.message(said)
    ask = Ask(Chat("", "Mend it."), limit=40, stop=("\n",))
    assert (await told(port(server, thought=THINKING), ask)).text == answer
    (_, body, _) = server.asked[0]
    assert body["max_tokens"] == 40 + 2000
    assert "stop" not in body  # a thought has lines


async def test_room_to_think_is_no_room_to_ramble(server: Server) -> None:
    pieces = ["<th", "ink>", *["hm "] * 50, "</think>", *["a "] * 50]
    events = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    server.reply = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    server.headers = {"Content-Type": "text/event-stream"}
    answer = await told(port(server, thought=THINKING), Ask(Chat("", "Mend it."), limit=8))
    assert (answer.text, answer.stopped) == ("a " * 8, "limit")


# --- one that misbehaves -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, "refuses the request (400)"),
        (401, "refuses the key (401)"),
        (404, "knows no such address or model (404)"),
        (429, "is asked too often (429)"),
        (500, "server failed (500)"),
        (503, "server failed (503)"),
        (204, "refuses the request (204)"),
    ],
)
async def test_error_codes(server: Server, status: int, expected: str) -> None:
    server.status, server.reply = status, b"" if status == 204 else b"<script>secret</script>"
    said = await silence(port(server))
    assert said.kind == "failed"
    assert expected in said.reason
    assert "secret" not in said.reason


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"<html>It works!</html>",
        b"{",
        b"[]",
        b"null",
        b'{"choices": []}',
        b'{"choices": {}}',
        b'{"choices": [{"text": 7}]}',
        b'{"choices": [{"text": "a"}], "usage": {"completion_tokens": -1}}',
        b'{"object": "list"}',
        b"[" * 100_000,
        b'{"choices": [{"text": "\xff"}]}',
    ],
    ids=range(12),
)
async def test_nonsense_for_a_reply(server: Server, reply: bytes) -> None:
    server.reply = reply
    assert "is no OpenAI-compatible JSON" in (await silence(port(server))).reason


STREAMS: dict[Kind, tuple[str, bytes, bytes]] = {
    "openai": ("text/event-stream", b'data: {"choices": [{"text": "a"}]}\n\n', b"data: [DONE]\n\n"),
    "llama-server": (
        "text/event-stream",
        b'data: {"content": "a", "stop": false}\n\n',
        b'data: {"content": "", "stop": true}',
    ),
    "ollama": ("application/x-ndjson", b'{"response": "a", "done": false}\n', b'{"response": "", "done": true}\n'),
}
"""Type, an event with an `a`, and the end."""
KINDS = [pytest.param(kind, id=kind) for kind in STREAMS]


def streamed(server: Server, kind: Kind, *events: bytes) -> EndpointPort:
    server.reply, server.headers = b"".join(events), {"Content-Type": STREAMS[kind][0]}
    return port(server, kind=kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream(server: Server, kind: Kind) -> None:
    _, event, end = STREAMS[kind]
    heard: list[str] = []
    ask = replace(FILL, watch=lambda candidate, text: heard.append(text) or True)
    said = await told(streamed(server, kind, event, b"\n", event, event, end), ask)
    assert (said.text, said.tokens, said.stopped) == ("aaa", 3, "end")
    assert heard == ["a", "aa", "aaa"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_that_breaks_off(server: Server, kind: Kind) -> None:
    _, event, end = STREAMS[kind]
    assert "broke off in the middle" in (await silence(streamed(server, kind, event, event))).reason
    assert "broke off in the middle" in (await silence(streamed(server, kind))).reason
    assert (await told(streamed(server, kind, event, end))).text == "a"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "nonsense", [b"{", b"[]", b"null", b"7", b'{"a": 1}', b"\xff", b"[" * 100_000, b'{"response": 7, "content": 7}']
)
async def test_nonsense_in_a_stream(server: Server, kind: Kind, nonsense: bytes) -> None:
    _, event, end = STREAMS[kind]
    data = (b"data: " if event.startswith(b"data") else b"") + nonsense + b"\n"
    said = await silence(streamed(server, kind, event, data, end))
    assert said.kind == "failed"
    assert "JSON: correct the address." in said.reason


@pytest.mark.parametrize("kind", KINDS)
async def test_an_error_in_a_stream(server: Server, kind: Kind) -> None:
    _, event, end = STREAMS[kind]
    data = (b"data: " if event.startswith(b"data") else b"") + b'{"error": {"message": "secret"}}\n'
    said = await silence(streamed(server, kind, event, data, end))
    assert said.reason == "The endpoint's server failed in the middle of its answer: see its log."


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_without_end(server: Server, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "REPLY", 1 << 16)
    _, event, end = STREAMS[kind]
    assert "longer than any answer" in (await silence(streamed(server, kind, event * 5000, end))).reason


@pytest.mark.parametrize("kind", KINDS)
async def test_all_of_it_at_once_though_a_stream_was_asked_for(server: Server, kind: Kind) -> None:
    _, event, _ = STREAMS[kind]
    server.headers = {"Content-Type": "application/json; charset=utf-8"}
    server.reply = event.strip().removeprefix(b"data: ").replace(b", ", b",\n ")
    assert (await told(port(server, kind=kind))).text == "a"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
async def test_error_codes_of_every_dialect(server: Server, kind: Kind, status: int) -> None:
    server.status = status
    assert f"({status})" in (await silence(port(server, kind=kind))).reason


async def test_a_reply_without_end(server: Server) -> None:
    server.completion("a" * (5 << 20))
    assert "longer than any answer" in (await silence(port(server))).reason


async def test_after_closing(server: Server) -> None:
    model = port(server)
    await model.close()
    assert (await silence(model)).reason == "The model was stopped."
    await model.close()


async def test_a_reply_that_breaks_off(server: Server) -> None:
    server.drop = True
    assert "connection to the endpoint broke" in (await silence(port(server))).reason


async def test_a_connection_that_the_server_has_closed_is_made_anew_once(server: Server) -> None:
    server.completion("a")
    server.gone = 1
    assert (await told(port(server))).text == "a"
    server.gone = 2
    assert "connection to the endpoint broke" in (await silence(port(server))).reason


async def test_a_slow_server(server: Server) -> None:
    server.wait = threading.Event()
    said = await silence(port(server, seconds=0.05))
    assert said.kind == "failed"
    assert "does not reply" in said.reason or "did not reply" in said.reason
    server.wait.set()


async def test_three_failures_in_a_row_and_it_is_left_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "REST", 0.2)
    server.status = 500
    model = port(server)
    for _ in range(2):
        await silence(model)
    assert model.status.state == "ready"
    await silence(model)
    assert model.status.state == "failed"
    assert "It is left alone for" in (await silence(model)).reason
    assert len(server.asked) == 3
    await asyncio.sleep(0.25)
    server.status = 200
    server.completion("a")
    assert (await told(model)).text == "a"
    assert model.status.state == "ready"


async def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    said = await silence(EndpointPort(Endpoint(url, "m")))
    assert said.reason.startswith("Nobody answers at the endpoint's address")
