"""A model behind an address: llama-server, Ollama, vLLM and whatever else speaks a dialect of `dialects/`.

The address and the key come from the user's own settings; the address is this machine unless the user says
otherwise. Answers come as streams, so what is not wanted any more is not written to its end. Whatever the
other side does wrong, or does not do, is a `Silence` that says so; after three failures in a row nothing is
asked for half a minute.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import time
import traceback
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx

from dovetail.model import fim, shield
from dovetail.model.ask import NO_THOUGHT, Answer, Ask, Chat, Cost, ModelInfo, Silence, Stats, Status, Stopped, Thought
from dovetail.model.desk import estimate
from dovetail.model.dialects import Kind, Piece, Request, Unsaid, Whom, dialect
from dovetail.model.ledger import Ledger

FAILURES = 3
REST = 30.0
REPLY = 4 << 20
"""Bytes of the longest reply that is read."""

_FENCE = re.compile(r"\s*```[\w+-]*\n(.*?)\n?```\s*", re.DOTALL)
_END = b"[DONE]"
_FIELD = re.compile(rb"(event|id|retry|:)")
"""Lines of a stream of server-sent events that hold no data."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and whom to ask. From the user's own settings only."""

    url: str
    """For `openai` up to and with the version: `http://127.0.0.1:8080/v1`."""
    model: str
    key: str = ""
    anywhere: bool = False
    """Allows an address that is not this machine."""
    context: int = 4096
    """Tokens of prompt and answer together; an endpoint does not tell."""
    seconds: float = 60.0
    """Until a reply that does not come is a failure."""
    kind: Kind = "openai"
    thought: Thought = NO_THOUGHT
    """Of its seconds nothing is said to the other side."""


class _Failed(Exception):
    """The endpoint did not do its part; the argument is a sentence."""


@dataclass(slots=True)
class _Written:
    """One answer as far as it is there."""

    text: str = ""
    pieces: int = 0
    logprobs: list[float] = field(default_factory=list[float])
    stopped: Stopped | None = None
    prompt_tokens: int | None = None
    reused: int | None = None
    tokens: int | None = None
    first: float | None = None

    def add(self, piece: Piece) -> None:
        self.text += piece.text
        self.pieces += bool(piece.text)
        self.logprobs += piece.logprobs
        self.stopped = piece.stopped or self.stopped
        self.prompt_tokens = self.prompt_tokens if piece.prompt_tokens is None else piece.prompt_tokens
        self.reused = self.reused if piece.reused is None else piece.reused
        self.tokens = self.tokens if piece.tokens is None else piece.tokens


class EndpointPort:
    """The port to an endpoint. Asks nothing until asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._dialect = dialect(endpoint.kind)
        self._whom = Whom(endpoint.model, endpoint.context, fim.template_for(endpoint.model), endpoint.thought.tokens)
        self._unfit = _unfit(endpoint)
        self._failures = 0
        self._rest_until = 0.0
        self._reason = ""
        self._asks = 0
        self._ledger = Ledger()
        self._url = self._dialect.root(endpoint.url)
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key and not self._unfit else {}
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(endpoint.seconds, connect=5.0),
            headers=headers,
            follow_redirects=False,  # elsewhere is where the user did not allow
            trust_env=False,  # no proxy from the environment
        )

    @property
    def info(self) -> ModelInfo | None:
        if self._unfit:
            return None
        template = self._whom.template
        return ModelInfo(
            name=self._endpoint.model or self._endpoint.kind,
            digest="",
            path="",
            context=self._endpoint.context,
            fim=self._dialect.order(self._whom),
            chat=True,
            repository=bool(template and template.file) or self._endpoint.kind == "llama-server",
            grammar=self._dialect.grammar,
            away=not _is_this_machine(httpx.URL(self._endpoint.url).host),
            details={"family": template.family if template else "unknown", "protocol": self._endpoint.kind},
        )

    @property
    def status(self) -> Status:
        if self._unfit:
            return Status("failed", self._unfit)
        if self._resting:
            return Status("failed", self._reason)
        return Status("busy" if self._asks else "ready")

    @property
    def stats(self) -> Stats:
        return self._ledger.stats()

    @property
    def _resting(self) -> bool:
        return time.monotonic() < self._rest_until

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        cost = Cost()
        self._asks += 1
        try:
            said = await self._patiently(ask, cost)
        except asyncio.CancelledError:
            self._ledger.note(ask, Silence("Cancelled.", "cancelled"), cost)
            raise
        finally:
            self._asks -= 1
        self._ledger.note(ask, said, cost)
        return said

    async def count(self, texts: Sequence[str]) -> list[int]:
        return estimate(texts)

    async def close(self) -> None:
        await self._client.aclose()

    async def _patiently(self, ask: Ask, cost: Cost) -> list[Answer] | Silence:
        if self._unfit:
            return Silence(self._unfit, "refused")
        if self._client.is_closed:
            return Silence("The model was stopped.", "none")
        words: tuple[str, ...] = ()
        whom = self._whom
        if ask.grammar is not None and not self._dialect.grammar:
            words = shield.choices(ask.grammar) if isinstance(ask.prompt, Chat) else ()
            if not words:
                return Silence("An endpoint cannot hold an answer to a grammar: use a local model for this.", "refused")
            ask = shield.asked(ask, words)
            whom = replace(whom, thought=0)
        if self._resting:
            return Silence(f"{self._reason} It is left alone for {REST:.0f} s.", "failed")
        candidates = ask.candidates if ask.temperature > 0 else 1
        until = None if ask.seconds is None else asyncio.get_running_loop().time() + ask.seconds
        answers: list[Answer] = []
        try:
            async with asyncio.timeout(ask.patience):
                for index in range(max(1, candidates)):
                    said = await self._candidate(ask, index, whom, until, cost)
                    answers.append(await self._chosen(ask, said, words, whom, until, cost) if words else said)
                    if answers[-1].stopped == "time":
                        break
        except TimeoutError:
            return Silence(f"The endpoint had no answer within {ask.patience:.1f} s.", "patience")
        except _Failed as failed:
            self._failures += 1
            self._reason = str(failed)
            if self._failures >= FAILURES:
                self._rest_until = time.monotonic() + REST
            return Silence(self._reason, "failed")
        except Unsaid as unsaid:
            return Silence(str(unsaid), "refused")
        self._failures = 0
        return answers

    async def _chosen(
        self, ask: Ask, said: Answer, words: Sequence[str], whom: Whom, until: float | None, cost: Cost
    ) -> Answer:
        """The answer as one of these words. Raises `Unsaid` where it is none, told once what is wrong."""
        for last in (False, True):
            choice, wrong = shield.read(said.text, words)
            if choice:
                return replace(said, text=choice)
            if not last:
                said = await self._candidate(shield.again(ask, said.text, wrong), 0, whom, until, cost)
        raise Unsaid(f"The endpoint was asked to choose one of {', '.join(words)}, and chose none of them.")

    async def _candidate(self, ask: Ask, index: int, whom: Whom, until: float | None, cost: Cost) -> Answer:
        """One answer. What is there when the time is over is the answer then."""
        started = time.monotonic()
        request = self._dialect.request(ask, ask.seed + index, whom)
        try:
            content = json.dumps(request.body, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Unsaid("The text holds half a character (a lone surrogate), so it is not sent.") from None
        written = _Written()
        slow = asyncio.timeout(self._endpoint.seconds)
        try:
            async with asyncio.timeout_at(until), slow:
                await self._write(ask, index, whom, request, content, written)
        except TimeoutError:
            if slow.expired():
                raise _Failed(f"The endpoint did not reply within {self._endpoint.seconds:.0f} s.") from None
            written.stopped = "time"
        text = (shield.behind_thought(written.text) or "") if whom.thinks(ask) else written.text
        if request.fenced:
            fence = _FENCE.fullmatch(text)
            text, stopped = _cut(fence[1] if fence else text, ask.stop)
            written.stopped = stopped or written.stopped
        tokens = written.tokens if written.tokens is not None else max(written.pieces, 1 if text else 0)
        prompt, reused = written.prompt_tokens or 0, min(written.reused or 0, written.prompt_tokens or 0)
        seconds = time.monotonic() - started
        first = written.first - started if written.first is not None else None
        cost.evaluated, cost.reused = cost.evaluated + prompt - reused, cost.reused + reused
        cost.written += tokens
        cost.reading += first or 0.0
        cost.writing += seconds - (first or 0.0)
        cost.first = first if cost.first is None else cost.first
        mean = sum(written.logprobs) / len(written.logprobs) if written.logprobs else 0.0
        stopped = written.stopped or "end"
        return Answer(text, tokens, mean, stopped, prompt, reused, seconds, tuple(written.logprobs))

    async def _write(
        self, ask: Ask, index: int, whom: Whom, request: Request, content: bytes, written: _Written
    ) -> None:
        """Take pieces until the answer ends by itself, at its limit or a stop, or because nobody wants more of it."""
        thought = 0  # pieces before the answer
        async with aclosing(self._pieces(request, content)) as pieces:
            async for piece in pieces:
                written.add(piece)
                if piece.text and written.first is None:
                    written.first = time.monotonic()
                if request.fenced:  # only all of it tells what is fence and what is code
                    continue
                if whom.thinks(ask):
                    answer = shield.behind_thought(written.text)
                    if not answer:
                        thought = written.pieces
                    if answer is None:
                        continue
                    written.text = answer
                    if written.pieces - thought >= ask.limit:  # there was room for a thought as well
                        written.stopped = written.stopped or "limit"
                written.text, stopped = _cut(written.text, ask.stop)
                if stopped or written.stopped == "limit":
                    written.stopped = stopped or "limit"
                    return
                if piece.text and ask.watch is not None and not _wants(ask, index, written.text):
                    written.stopped = "cancelled"
                    return

    @asynccontextmanager
    async def _posted(self, url: str, content: bytes) -> AsyncGenerator[httpx.Response]:
        """The reply, as soon as it begins. Servers close connections that we keep: then once more, on a new one."""
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(self._client.stream("POST", url, content=content))
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                response = await stack.enter_async_context(self._client.stream("POST", url, content=content))
            yield response

    async def _pieces(self, request: Request, content: bytes) -> AsyncGenerator[Piece]:
        """Raises `_Failed` with a sentence for a person; it holds nothing that the other side wrote."""
        whole = False
        try:
            async with self._posted(f"{self._url}/{request.road}", content) as response:
                if response.status_code != 200:
                    raise _Failed(_refusal(response.status_code))
                async with aclosing(_events(response)) as events:
                    async for event in events:
                        if event == _END:
                            whole = True
                            continue
                        piece = self._read(event, request.road)
                        whole = whole or piece.stopped is not None
                        yield piece
            if not whole:
                raise _Failed("The endpoint's answer broke off in the middle: see whether its server is well.")
        except httpx.ConnectError:
            raise _Failed(
                "Nobody answers at the endpoint's address: start the server or correct the address."
            ) from None
        except httpx.TimeoutException:
            raise _Failed("The endpoint does not reply: see whether its server is well.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _Failed("The connection to the endpoint broke: see whether its server is well.") from None

    def _read(self, event: bytes, road: str) -> Piece:
        try:
            piece = self._dialect.piece(event, road)
        except (ValueError, RecursionError):
            raise _Failed(f"The endpoint's reply is {_PROTOCOL[self._endpoint.kind]}: correct the address.") from None
        if piece.failed:
            raise _Failed("The endpoint's server failed in the middle of its answer: see its log.")
        return piece


_PROTOCOL = {
    "openai": "no OpenAI-compatible JSON",
    "llama-server": "not llama-server's JSON",
    "ollama": "not Ollama's JSON",
    "xllamacpp": "not llama-server's JSON",
}


async def _events(response: httpx.Response) -> AsyncGenerator[bytes]:
    """The JSON texts of a reply, lines of a stream or all of it, and `_END` where it says that it is over.

    Raises `_Failed` for one that has no end.
    """
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    streams = kind in ("text/event-stream", "application/x-ndjson", "application/jsonl")
    data, read = bytearray(), 0
    async for block in response.aiter_bytes():
        data += block
        read += len(block)
        if read > REPLY:
            raise _Failed("The endpoint's reply is longer than any answer: see what runs there.")
        if streams and b"\n" in block:
            *lines, rest = bytes(data).split(b"\n")
            data[:] = rest
            for line in lines:
                event = line.strip().removeprefix(b"data:").strip()
                if event and not (kind == "text/event-stream" and _FIELD.match(line)):
                    yield event
                if event == _END:
                    return
    if not streams:
        yield bytes(data)
        yield _END
    elif rest := bytes(data).strip().removeprefix(b"data:").strip():
        yield rest


def _cut(text: str, stops: Sequence[str]) -> tuple[str, Stopped | None]:
    """The text before the first of the stops."""
    hits = [hit for hit in (text.find(stop) for stop in stops if stop) if hit >= 0]
    return (text[: min(hits)], "stop") if hits else (text, None)


def _wants(ask: Ask, index: int, text: str) -> bool:
    """Whether somebody wants more of this candidate; not if looking on goes wrong."""
    assert ask.watch is not None
    try:
        return ask.watch(index, text)
    except Exception:
        traceback.print_exc()
        return False


def _unfit(endpoint: Endpoint) -> str:
    """Why this endpoint may not be asked, or the empty string."""
    try:
        url = httpx.URL(endpoint.url)
    except (httpx.InvalidURL, TypeError):
        return "The endpoint's address is no URL: write it like http://127.0.0.1:8080/v1."
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        return "The endpoint's address is no plain URL: write it like http://127.0.0.1:8080/v1."
    if not endpoint.anywhere and not _is_this_machine(url.host):
        return f"The endpoint {url.host} is not this machine: allow it in your own settings to use it."
    if not (endpoint.key.isascii() and endpoint.key.isprintable()):
        return "The endpoint's key holds a character that no key has: copy it into your settings again."
    return ""


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refusal(code: int) -> str:
    if code in (401, 403):
        return f"The endpoint refuses the key ({code}): correct it in your settings."
    if code == 404:
        return "The endpoint knows no such address or model (404): correct them in your settings."
    if code == 429:
        return "The endpoint is asked too often (429): try again later."
    if 300 <= code < 400:
        return f"The endpoint sends us elsewhere ({code}), where we do not go: correct the address."
    if code >= 500:
        return f"The endpoint's server failed ({code}): see its log."
    return f"The endpoint refuses the request ({code}): see whether the model and its settings fit."
