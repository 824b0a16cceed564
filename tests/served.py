"""A server of HTTP on this machine, for as long as a test wants it."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Quiet(BaseHTTPRequestHandler):
    """Prints nothing of what it is asked."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(handler: type[Quiet]) -> Generator[str]:
    """Its address."""

    class Http(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Those who want no more hang up; that is no error here."""

    http = Http(("127.0.0.1", 0), handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()
