"""A local model without a compiler: llama.cpp's server out of the wheel `xllamacpp`, in a process of its own.

Chosen where llama-cpp-python is not installed. It listens on this machine alone, at a port of the moment and behind
a key of the moment; what is asked of it goes the way of every other endpoint. What it cannot do, against our own
worker: stop inside of a batch, several candidates in one batch, drafts, and the measuring of this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.metadata
import json
import os
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Any

from dovetail.model import fim
from dovetail.model.ask import NO_THOUGHT, Answer, Ask, ModelInfo, Silence, Stats, Status, Thought
from dovetail.model.child import end, environment, isolated
from dovetail.model.desk import estimate
from dovetail.model.gguf import Header, ModelRefused, read_header

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from dovetail.model.endpoint import EndpointPort

CONTEXT = 4096
"""Tokens, where the user says nothing and the model takes more."""
BATCH = 64
"""Tokens after which the server hears that nobody waits any more."""
DEADLINE = 120.0
"""Seconds until a model that is not loaded is given up."""
DEATHS, WITHIN = 5, 180.0
"""So many deaths within so many seconds are the end."""


class WheelPort:
    """The port to a GGUF file, served by the wheel."""

    def __init__(
        self,
        path: Path,
        *,
        context: int = 0,
        threads: int = 0,
        thought: Thought = NO_THOUGHT,
        tell: Callable[[Status], None] = lambda status: None,
    ) -> None:
        """`context` (tokens) and `threads`: 0 for what is usual. `tell` hears every change of status."""
        self._path, self._context, self._threads, self._thought, self._tell = path, context, threads, thought, tell
        self._status = Status("loading", f"{path.name} is being loaded.")
        self._header: Header | None = None
        self._inner: EndpointPort | None = None
        self._process: Process | None = None
        self._loading: asyncio.Task[None] | None = None
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._starts = 0

    @property
    def info(self) -> ModelInfo | None:
        if self._inner is None or self._header is None or (info := self._inner.info) is None:
            return None
        version = importlib.metadata.version("xllamacpp")
        return replace(
            info,
            path=str(self._path),
            chat=bool(self._header.text("tokenizer.chat_template")),
            details=info.details | {"backend": f"xllamacpp {version}", "quantisation": self._header.quantisation},
        )

    @property
    def status(self) -> Status:
        return self._inner.status if self._inner is not None and self._status.state == "ready" else self._status

    @property
    def stats(self) -> Stats:
        return Stats(self._inner.stats.purposes if self._inner else {}, self._starts)

    async def settle(self) -> Status:
        """Load; the status is `ready`, or says why not. Who asks may go away meanwhile: the loading goes on."""
        dead = self._process is None or self._process.returncode is not None
        if self._loading is None or (self._loading.done() and dead and self._status.state != "failed"):
            self._loading = asyncio.create_task(self._load())
        await asyncio.shield(self._loading)
        return self.status

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        if self._loading is not None and not self._loading.done():
            await self.settle()
        elif self._process is not None and self._process.returncode is not None and self._status.state == "ready":
            now = time.monotonic()
            if len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN:
                self._say(Status("failed", "The model process died again and again: use another model."))
            else:
                self._deaths.append(now)
                await self.settle()
        if self._inner is None or self._status.state != "ready":
            kind = "loading" if self._status.state == "loading" else "failed"
            return Silence(self._status.reason, kind)
        return await self._inner.answer(ask)

    async def count(self, texts: Sequence[str]) -> list[int]:
        return estimate(texts)

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])
        if self._inner is not None:
            await self._inner.close()
        if self._process is not None:
            await asyncio.shield(end(self._process))
            self._process = None
        self._say(Status("none", "The model was stopped."))

    def _say(self, status: Status) -> None:
        self._status = status
        self._tell(status)

    async def _load(self) -> None:
        try:
            await self._start()
            self._say(Status("ready"))
        except ModelRefused as refused:
            self._say(Status("failed", refused.reason))
        except (OSError, EOFError, ValueError, TimeoutError):
            self._say(Status("failed", f"xllamacpp cannot load {self._path.name}: choose another model."))

    async def _start(self) -> None:
        """A process and who asks it take the place of those before them, together."""
        from dovetail.model.endpoint import Endpoint, EndpointPort  # an HTTP client takes long to import

        header = self._header = await asyncio.to_thread(read_header, self._path)
        trained = header.number(fim.LENGTH_KEY) or header.number(f"{header.architecture}.context_length") or CONTEXT
        context = self._context or min(CONTEXT, trained)
        key = secrets.token_urlsafe(24)
        wish = {"path": str(self._path.absolute()), "context": context, "threads": self._threads, "key": key}
        process = await asyncio.create_subprocess_exec(
            *isolated("dovetail.model.wheel"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=environment(),
            cwd=Path(sys.executable).anchor,
            start_new_session=True,
        )
        self._starts += 1
        try:
            url = await _address(process, wish)
        except BaseException:
            await asyncio.shield(end(process))
            raise
        before, self._process = self._inner, process
        self._inner = EndpointPort(
            Endpoint(url, header.name, key, context=context, kind="xllamacpp", thought=self._thought)
        )
        if before is not None:
            await before.close()


async def _address(process: Process, wish: Mapping[str, object]) -> str:
    """Where a process listens, once it has loaded what is wished for."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(wish).encode() + b"\n")
    async with asyncio.timeout(DEADLINE):
        line = await process.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return str(json.loads(line)["url"])


def main() -> None:
    """The process: a line of wishes on standard input, the address on standard output, until the input ends."""
    xllamacpp: Any = importlib.import_module("xllamacpp")  # it has no types

    wish = json.loads(sys.stdin.readline())
    params = xllamacpp.CommonParams()
    params.model.path = wish["path"]
    params.n_ctx, params.n_batch, params.n_ubatch = wish["context"], BATCH, BATCH
    params.n_parallel, params.port, params.hostnames = 1, 0, ["127.0.0.1"]
    params.api_keys, params.warmup = [wish["key"]], False
    threads = wish["threads"] or max(1, min(4, (os.cpu_count() or 2) // 2))
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    server = xllamacpp.Server(params)
    os.write(out, json.dumps({"url": server.listening_address}).encode() + b"\n")
    with contextlib.suppress(Exception):
        sys.stdin.read()  # its end is the end of who started us
    os._exit(0)


if __name__ == "__main__":
    main()
