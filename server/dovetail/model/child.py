"""Processes of our own: how they are started, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import dovetail

if TYPE_CHECKING:
    from asyncio.subprocess import Process


def isolated(module: str) -> list[str]:
    """Our interpreter on one of our modules.

    Isolated: nothing in a workspace or in the environment chooses what is imported.
    """
    python = [sys.executable, "-I", "-X", "utf8"]
    root = Path(dovetail.__file__).parent.parent
    if root in (Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))):
        return [*python, "-m", module]
    code = f"import sys; sys.path.insert(0, sys.argv[1]); from {module} import main; main()"
    return [*python, "-c", code, str(root)]


def environment() -> dict[str, str]:
    """Only what the interpreter and llama.cpp need."""
    kept = ("LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SYSTEMDRIVE")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    return found | {"OMP_WAIT_POLICY": "passive", "GGML_NO_BACKTRACE": "1"}


async def end(process: Process) -> None:
    """Close the pipe, which the process takes as its end; kill it if it does not."""
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await process.wait()
            return
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await exit_code(process)


async def exit_code(process: Process) -> int | None:
    """How the process ended; None if it has not."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            return await process.wait()
    return None
