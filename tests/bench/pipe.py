"""A bare client: frames in, frames out, no conversion, so that what is measured is the server."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any


class Pipe:
    """JSON-RPC over a process's standard input and output."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._waiting: dict[int, asyncio.Future[tuple[float, bytes]]] = {}
        self._last = 0
        self.heard: list[dict[str, Any]] = []
        """What the server said unasked, in its order."""
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while True:
            size = 0
            while line := (await stdout.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            if not size:
                for waiting in self._waiting.values():
                    waiting.set_exception(ConnectionError("the server ended"))
                return
            body = await stdout.readexactly(size)
            arrived = time.perf_counter()
            at = body.find(b',"result"', 0, 200) if size >= 2000 else -1  # a long answer is not parsed to be timed
            head = json.loads(body[:at] + b"}") if at > 0 else json.loads(body)
            if "method" in head:
                self.heard.append(head)
                if "id" in head:  # the server asks for something; nothing is refused
                    self._send({"id": head["id"], "result": None})
                continue
            waiting = self._waiting.pop(head["id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result((arrived, body))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> tuple[int, asyncio.Future[tuple[float, bytes]]]:
        """(id, future of (arrival on the performance counter, body))."""
        self._last += 1
        future: asyncio.Future[tuple[float, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = future
        self._send({"id": self._last, "method": method, "params": params})
        return self._last, future

    async def timed(self, method: str, params: Any) -> tuple[float, Any]:
        """(seconds until the answer's last byte, the result)."""
        started = time.perf_counter()
        arrived, body = await self.ask(method, params)[1]
        answer = json.loads(body)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return arrived - started, answer["result"]


@asynccontextmanager
async def server(
    *command: str, root: Path | None = None, settings: Any = None, progress: bool = False
) -> AsyncGenerator[Pipe]:
    """Start a server as an editor does; `dovetail` itself without a command."""
    process = await asyncio.create_subprocess_exec(
        *(command or (sys.executable, "-I", "-m", "dovetail")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    pipe = Pipe(process)
    code_action = {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    try:
        folders = [{"uri": root.as_uri(), "name": root.name}] if root else None
        await pipe.timed(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri() if root else None,
                "workspaceFolders": folders,
                "capabilities": {
                    "textDocument": {"codeAction": code_action},
                    "window": {"workDoneProgress": progress},
                },
                "initializationOptions": {"documents": "client", "settings": settings or {}},
            },
        )
        pipe.notify("initialized", {})
        yield pipe
        await pipe.timed("shutdown", None)
        pipe.notify("exit", None)
        await asyncio.wait_for(process.wait(), 5)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ready(pipe: Pipe) -> dict[str, Any]:
    """Wait until the project is read and the model is loaded."""
    while True:
        _, status = await pipe.timed("workspace/executeCommand", {"command": "dovetail.status"})
        if status["state"] != "loading" and not status["scanning"]:
            return status
        await asyncio.sleep(0.05)
