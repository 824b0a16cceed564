"""One editor on a socket instead of a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

from lsprotocol import types as t
from pygls.lsp.client import LanguageClient


async def test_a_session_on_a_socket() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(sys.executable, "-I", "-m", "dovetail", "--tcp", str(port))
    client = LanguageClient("test", "1")
    async with asyncio.timeout(20):
        while True:
            try:
                await client.start_tcp("127.0.0.1", port)
                break
            except ConnectionError:
                await asyncio.sleep(0.1)
        result = await client.initialize_async(t.InitializeParams(capabilities=t.ClientCapabilities()))
        assert result.capabilities.hover_provider
        client.initialized(t.InitializedParams())
        await client.shutdown_async(None)
        client.exit(None)
        assert await process.wait() == 0
        with contextlib.suppress(Exception):
            await client.stop()
