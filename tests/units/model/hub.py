"""A stand-in for the Hugging Face hub: one file, on this machine, that comes well or badly."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.served import Quiet, served


@dataclass
class Hub:
    """What it serves, and how; `asked` keeps each GET's `Range` header, `headers` all headers of all requests."""

    data: bytes = b""
    path: str = ""
    url: str = ""
    status: int = 200
    error: str = ""
    """`X-Error-Code`, by which the hub tells a missing file from a missing repository."""
    sha256: str = ""
    """Announced instead of the true one."""
    breaks_after: list[int] = field(default_factory=list)
    """So many bytes of the next answer, then the connection ends."""
    fails: int = 0
    """So many of the next GETs are answered with 503."""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Generator[Hub]:
    told = Hub()

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            told.asked.append(self.headers.get("Range", ""))
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            told.headers.append(dict(self.headers))
            failing = body and (told.fails > 0 or bool(told.breaks_after and told.breaks_after[0] < 0))
            known = self.path == told.path
            if failing or told.status != 200 or not known:
                told.fails -= failing
                self.send_response(503 if failing else told.status if told.status != 200 else 404)
                self.send_header("X-Error-Code", told.error if known else "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
            data = told.data[start:]
            self.send_response(206 if start else 200)
            self.send_header("ETag", f'"{told.sha256 or hashlib.sha256(told.data).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Accept-Ranges", "bytes")
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(told.data) - 1}/{len(told.data)}")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if not body:
                return
            if told.breaks_after:
                self.wfile.write(data[: told.breaks_after.pop(0)])
                self.wfile.flush()
                self.close_connection = True
                self.connection.close()
            else:
                self.wfile.write(data)

    with served(Handler) as told.url:
        yield told
