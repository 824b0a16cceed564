"""Stands between an editor and the server and notes when a suggestion was answered.

    python relay.py LOG SERVER [ARGUMENT]…

Each line of LOG is a time (Unix, milliseconds) at which an answer with a suggestion went to the editor.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import IO, Any


def message(stream: IO[bytes]) -> bytes:
    """The next message with its header; nothing at the end."""
    header = b""
    while not header.endswith(b"\r\n\r\n"):
        byte = stream.read(1)
        if not byte:
            return b""
        header += byte
    fields = dict(line.lower().split(b":", 1) for line in header.split(b"\r\n") if line)
    length = int(fields[b"content-length"])
    return header + stream.read(length)


def main(log: str, *command: str) -> int:
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    asked: set[Any] = set()

    def to_server(source: IO[bytes], target: IO[bytes]) -> None:
        while data := message(source):
            if b"textDocument/inlineCompletion" in data:
                asked.add(json.loads(data.partition(b"\r\n\r\n")[2]).get("id"))
            target.write(data)
            target.flush()
        target.close()

    threading.Thread(target=to_server, args=(sys.stdin.buffer, server.stdin), daemon=True).start()
    with open(log, "a", encoding="utf-8") as noted:
        while data := message(server.stdout):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            now = 1000 * time.time()
            if asked and len(data) < 100_000:
                body = json.loads(data.partition(b"\r\n\r\n")[2])
                if "method" not in body and body.get("id") in asked:
                    asked.discard(body["id"])
                    result = body.get("result")
                    if result and (result["items"] if isinstance(result, dict) else result):
                        noted.write(f"{now:.3f}\n")
                        noted.flush()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
