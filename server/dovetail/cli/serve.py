"""The language server on stdio or a socket."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


def serve(given: Mapping[str, Any], tcp: str | None, log_file: str | None) -> int:
    """Serve one editor until it leaves."""
    # pygls logs whole messages at INFO, so the user's text; WARNING holds none
    try:
        handler = logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler(sys.stderr)
    except OSError as error:
        print(f"--log {log_file}: {error.strerror}; name a file that can be written", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("pygls").setLevel(logging.ERROR)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it reports the exit of a socket's server as an error
    from dovetail.lsp.server import Dovetail
    from dovetail.lsp.wire import Bounded, loud

    logging.getLogger("pygls.protocol.json_rpc").addFilter(loud)
    server = Dovetail(given)
    if tcp is not None:
        host, _, port = tcp.rpartition(":")
        if not (port.isascii() and port.isdigit() and int(port) < 65536):
            print(f"--tcp {tcp}: that is not a port; ports are 0 to 65535", file=sys.stderr)
            return 2
        try:
            return _served(server, lambda: server.start_tcp(host or "127.0.0.1", int(port)))
        except OSError as error:  # taken, not allowed, no such host
            print(f"--tcp {tcp}: {error.strerror or error}; choose another address", file=sys.stderr)
            return 2
    if sys.stdin.isatty():
        print(
            "Dovetail waits for an editor on its standard input. Try `dovetail demo` or `dovetail --help`; "
            "Ctrl-C ends it.",
            file=sys.stderr,
        )
    stdin = Bounded(sys.stdin.buffer)
    return _served(server, lambda: server.start_io(stdin=stdin))  # pyright: ignore[reportArgumentType]


def _served(server: Dovetail, serving: Callable[[], None]) -> int:
    """Serve until the editor leaves. 0 after a `shutdown`, else 1 (LSP 3.17, "exit")."""
    try:
        serving()
    finally:
        server.scanner.close()  # Python would wait for that process to finish what it reads
    return 0 if server.was_shut_down else 1
