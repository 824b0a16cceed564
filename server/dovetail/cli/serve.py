"""The language server on stdio or a socket."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any


def serve(given: Mapping[str, Any], tcp: str | None, log_file: str | None) -> int:
    """Serve one editor until it leaves."""
    # pygls logs whole messages at INFO, so the user's text; WARNING holds none
    handler = logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler(sys.stderr)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("pygls").setLevel(logging.ERROR)
    from dovetail.lsp.server import Dovetail
    from dovetail.lsp.wire import Bounded

    server = Dovetail(given)
    if tcp is not None:
        host, _, port = tcp.rpartition(":")
        if not port.isdigit():
            print(f"--tcp {tcp}: that is not a port", file=sys.stderr)
            return 2
        server.start_tcp(host or "127.0.0.1", int(port))
        return 0
    if sys.stdin.isatty():
        print(
            "Dovetail waits for an editor on its standard input. Try `dovetail demo` or `dovetail --help`; "
            "Ctrl-C ends it.",
            file=sys.stderr,
        )
    server.start_io(stdin=Bounded(sys.stdin.buffer))  # pyright: ignore[reportArgumentType]
    return 0
