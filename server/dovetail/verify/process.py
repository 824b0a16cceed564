"""Starting a process: one function, no other way.

An absolute executable, an argument list, no shell, an empty folder to run in, an environment from an
allow-list, a deadline, a cap on its output, and a group that is ended as a whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dovetail.model.ask import Silence

OUTPUT = 4 * 1024 * 1024
"""Bytes of output after which a program is ended."""
MEMORY = 4 * 1024 * 1024 * 1024
FILE = 16 * 1024 * 1024
_ALLOWED = (
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "HOME",
    "USERPROFILE",
    "APPDATA",
)


@dataclass(frozen=True, slots=True)
class Output:
    """What a program said."""

    code: int
    out: bytes
    err: bytes


async def start(
    argv: Sequence[str], stdin: bytes, deadline: float, more: Mapping[str, str] | None = None,
    *, memory: int | None = MEMORY, file: int = FILE,
) -> Output | Silence:  # fmt: skip
    """Run a program on `stdin` for at most `deadline` seconds.

    argv[0] must be an absolute path. Cancelling ends the program and all that it started. `more` is added to
    its environment. memory, file: bytes that it may reserve, None where it limits itself, and of one file.
    """
    name = Path(argv[0]).name
    if not os.path.isabs(argv[0]) or not os.access(argv[0], os.X_OK):
        return Silence(f"{name} is not there to be run", "none")
    with tempfile.TemporaryDirectory(prefix="dovetail-") as scratch:
        try:
            program = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=scratch,
                env={**_environment(scratch), **(more or {})},
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            return Silence(f"{name} could not be started: {error.strerror}", "failed")
        try:
            _limit(program.pid, deadline, memory, file)
            async with asyncio.timeout(deadline):
                return await _talk(program, stdin, name)
        except TimeoutError:
            return Silence(f"{name} took longer than {deadline:g} s", "patience")
        finally:
            await _end(program)


def inside(program: str, roots: Sequence[str]) -> bool:
    """Whether a program lies in a folder that is opened, or is reached through one."""
    places = (Path(program), Path(program).resolve())
    return any(
        place.is_relative_to(each) for place in places for root in roots for each in (root, Path(root).resolve())
    )


def on_path(name: str, roots: Sequence[str]) -> str:
    """The first program of that name on the user's path that lies in no opened folder; "" where there is none.

    Without roots nobody knows what is opened, and nothing is found.
    """
    if not roots:
        return ""
    for place in os.environ.get("PATH", "").split(os.pathsep):
        program = shutil.which(name, path=place) if os.path.isabs(place) else None
        if program and not inside(program, roots):
            return program
    return ""


async def _talk(program: asyncio.subprocess.Process, stdin: bytes, name: str) -> Output | Silence:
    assert program.stdin and program.stdout and program.stderr
    pipe = program.stdin

    async def feed() -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            pipe.write(stdin)
            await pipe.drain()
        pipe.close()

    fed = asyncio.ensure_future(feed())
    try:
        out, err = await asyncio.gather(_read(program.stdout), _read(program.stderr))
    finally:
        fed.cancel()
    if out is None or err is None:
        return Silence(f"{name} said more than {OUTPUT >> 20} MiB", "failed")
    return Output(await program.wait(), out, err)


async def _read(stream: asyncio.StreamReader) -> bytes | None:
    """All of a stream; None where it is longer than the cap."""
    parts: list[bytes] = []
    size = 0
    while part := await stream.read(1 << 16):
        size += len(part)
        if size > OUTPUT:
            return None
        parts.append(part)
    return b"".join(parts)


async def _end(program: asyncio.subprocess.Process) -> None:
    """End the program politely, after half a second for good; and whatever it started, which may outlive it."""
    if program.returncode is None:
        _signal(program, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await program.wait()
    # the group keeps its number while any of it is left
    _signal(program, getattr(signal, "SIGKILL", signal.SIGTERM))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await program.wait()


def _signal(program: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(program.pid, number)
        elif program.returncode is None:
            program.kill()


def _environment(scratch: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ALLOWED if name in os.environ}
    return {
        **kept,
        "TMPDIR": scratch,
        "TEMP": scratch,
        "TMP": scratch,
        "NO_COLOR": "1",
        "RAYON_NUM_THREADS": "1",
    }


def _limit(pid: int, deadline: float, memory: int | None, file: int) -> None:
    """Limits on CPU seconds, memory, file size and core dumps, where the platform can set them."""
    if sys.platform != "linux":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_CPU, int(deadline) + 1),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file),
        (resource.RLIMIT_CORE, 0),
    ):
        if most is not None:
            with contextlib.suppress(OSError, ValueError):
                resource.prlimit(pid, what, (most, most))
