"""A model behind an OpenAI-compatible address: llama-server, Ollama, vLLM and their like.

Fill-in-the-middle goes to `/completions` as text with the markers of the model's family, anything else
to `/chat/completions`. The address comes from the user's own settings and is this machine unless the
user says otherwise. Whatever the other side does wrong, or does not do, is a `Silence` that says so;
after three failures in a row nothing is asked for half a minute.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from dovetail.model import fim
from dovetail.model.ask import Answer, Ask, Chat, Fim, ModelInfo, Silence, Stats, Status, Stopped
from dovetail.model.desk import estimate

FAILURES = 3
REST = 30.0
REPLY = 4 << 20
"""Bytes of the longest reply that is read."""

_CURSOR = "<CURSOR>"
_FILL = (
    f"You complete source code. Answer with the text that belongs at {_CURSOR} and nothing else: "
    "no explanation, no code fence, nothing that is already there."
)
_FENCE = re.compile(r"\s*```[\w+-]*\n(.*?)\n?```\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and whom to ask. From the user's own settings only."""

    url: str
    """Up to and with the version: `http://127.0.0.1:8080/v1`."""
    model: str
    key: str = ""
    anywhere: bool = False
    """Allows an address that is not this machine."""
    context: int = 4096
    """Tokens of prompt and answer together; an endpoint does not tell."""
    seconds: float = 60.0
    """Until a reply that does not come is a failure."""


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    text: str | None = None
    message: _Message = Field(default_factory=_Message)
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(0, ge=0)
    completion_tokens: int = Field(0, ge=0)


class _Reply(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class _Failed(Exception):
    """The endpoint did not do its part; the argument is a sentence."""


class EndpointPort:
    """The port to an endpoint. Asks nothing until asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._template = fim.template_for(endpoint.model)
        self._unfit = _unfit(endpoint)
        self._failures = 0
        self._rest_until = 0.0
        self._reason = ""
        self._asks = 0
        self._url = endpoint.url.rstrip("/")
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
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
        return ModelInfo(
            name=self._endpoint.model,
            digest="",
            path="",
            context=self._endpoint.context,
            fim=fim.order_of(self._template.layout) if self._template else None,
            chat=True,
            repository=bool(self._template and self._template.file),
            grammar=False,
            details={"family": self._template.family if self._template else "unknown"},
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
        return Stats()

    @property
    def _resting(self) -> bool:
        return time.monotonic() < self._rest_until

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        if self._unfit:
            return Silence(self._unfit, "refused")
        if ask.grammar is not None:
            return Silence("An endpoint cannot hold an answer to a grammar: use a local model for this.", "refused")
        if self._resting:
            return Silence(f"{self._reason} It is left alone for {REST:.0f} s.", "failed")
        candidates = ask.candidates if ask.temperature > 0 else 1
        self._asks += 1
        try:
            async with asyncio.timeout(ask.patience):
                answers = [await self._candidate(ask, i) for i in range(max(1, candidates))]
        except TimeoutError:
            return Silence(f"The endpoint had no answer within {ask.patience:.1f} s.", "patience")
        except _Failed as failed:
            self._failures += 1
            self._reason = str(failed)
            if self._failures >= FAILURES:
                self._rest_until = time.monotonic() + REST
            return Silence(self._reason, "failed")
        except _Unsaid as unsaid:
            return Silence(str(unsaid), "refused")
        finally:
            self._asks -= 1
        self._failures = 0
        return answers

    async def count(self, texts: Sequence[str]) -> list[int]:
        return estimate(texts)

    async def close(self) -> None:
        await self._client.aclose()

    async def _candidate(self, ask: Ask, index: int) -> Answer:
        started = time.monotonic()
        road, prompt = self._prompt(ask)
        body: dict[str, Any] = {
            **prompt,
            "model": self._endpoint.model,
            "max_tokens": ask.limit,
            "temperature": ask.temperature,
            "seed": ask.seed + index,
            "stream": False,
        }
        if ask.stop:
            body["stop"] = list(ask.stop[:4])  # more than four are an error to some
        try:
            content = json.dumps(body, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _Unsaid("The text holds half a character (a lone surrogate), so it is not sent.") from None
        reply = await self._post(road, content)
        choice = reply.choices[0]
        text = (choice.text if road == "completions" else choice.message.content) or ""
        if isinstance(ask.prompt, Fim) and road == "chat/completions" and (fence := _FENCE.fullmatch(text)):
            text = fence[1]
        stopped: Stopped = "limit" if choice.finish_reason == "length" else "end"
        hits = [hit for hit in (text.find(stop) for stop in ask.stop if stop) if hit >= 0]
        if hits:
            text, stopped = text[: min(hits)], "stop"
        usage = reply.usage or _Usage(prompt_tokens=0, completion_tokens=estimate((text,))[0])
        seconds = time.monotonic() - started
        return Answer(text, usage.completion_tokens, 0.0, stopped, usage.prompt_tokens, 0, seconds)

    def _prompt(self, ask: Ask) -> tuple[str, dict[str, Any]]:
        match ask.prompt:
            case Fim() as wish if self._template:
                text = fim.as_text(self._template, wish)
                if text is None:
                    raise _Unsaid("The text holds the model's own markers, so it is not sent.")
                return "completions", {"prompt": text}
            case Fim() as wish:
                said = ((_FILL, f"{wish.prefix}{_CURSOR}{wish.suffix}"),)
            case Chat() as wish:
                said = ((wish.system, wish.user),)
        messages = [
            {"role": role, "content": text}
            for pair in said
            for role, text in zip(("system", "user"), pair, strict=True)
            if text
        ]
        return "chat/completions", {"messages": messages}

    async def _post(self, road: str, content: bytes) -> _Reply:
        """Raises `_Failed` with a sentence for a person; it holds nothing that the other side wrote."""
        try:
            async with asyncio.timeout(self._endpoint.seconds):
                return await self._read(road, content)
        except TimeoutError:
            raise _Failed(f"The endpoint did not reply within {self._endpoint.seconds:.0f} s.") from None
        except httpx.ConnectError:
            raise _Failed(
                "Nobody answers at the endpoint's address: start the server or correct the address."
            ) from None
        except httpx.TimeoutException:
            raise _Failed("The endpoint does not reply: see whether its server is well.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _Failed("The connection to the endpoint broke: see whether its server is well.") from None

    async def _read(self, road: str, content: bytes) -> _Reply:
        async with self._client.stream("POST", f"{self._url}/{road}", content=content) as response:
            if response.status_code != 200:
                raise _Failed(_refusal(response.status_code))
            data = bytearray()
            async for block in response.aiter_bytes():
                data += block
                if len(data) > REPLY:
                    raise _Failed("The endpoint's reply is longer than any answer: see what runs there.")
        try:
            return _Reply.model_validate_json(bytes(data))
        except ValidationError:
            raise _Failed("The endpoint's reply is no OpenAI-compatible JSON: correct the address.") from None


class _Unsaid(Exception):
    """The prompt must not be sent; the argument is a sentence."""


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
