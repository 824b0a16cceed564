"""`rustc --explain`, of the user's own Rust; rust-analyzer and cargo name the same codes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dovetail.model.ask import Silence
from dovetail.verify.process import on_path, start

SOURCES = r"rustc|rust-analyzer|cargo"
CODES = r"E\d{4}"
DEADLINE = 5.0


async def told(code: str, roots: Sequence[str]) -> str | Silence:
    rustc = on_path("rustc", roots)
    if not rustc:
        return Silence("rustc is not installed outside of your projects", "none")
    found = {"PATH": os.pathsep.join((str(Path(rustc).parent), "/usr/local/bin", "/usr/bin", "/bin"))}
    output = await start([rustc, "--explain", code], b"", DEADLINE, found if os.name == "posix" else None)
    if isinstance(output, Silence):
        return output
    return Silence(f"rustc tells nothing of {code}", "none") if output.code else output.out.decode("utf-8", "replace")
