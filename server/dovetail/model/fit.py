"""What suits one model on this machine: measured when it is first loaded, remembered until either changes.

Knows numbers and a file to keep them in, nothing of llama.cpp: the engine measures, this says what follows.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

SMALL = 50_000_000
"""Models below so many parameters run on one thread and no GPU: handing over costs more than it gains."""
BUDGET = 2.0
"""Seconds that measuring may take."""
CONTEXT = 4096
"""Tokens of context where there is room and speed for it; more is never needed for one short job."""
LEAST = 1024
PATIENCE = 20.0
"""Seconds that reading a whole context may take: an action that waits longer is not worth its answer."""
KV_SHARE = 0.25
"""Of the free memory for what was read."""
_KEPT = 32
"""Models whose measurements are remembered."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How one model is run here."""

    threads: int
    """For writing, one token after another."""
    reading: int
    """Threads for reading a prompt."""
    together: bool
    """Candidates are decoded in one batch, not one after another."""
    reads: float
    """Prompt tokens a second."""
    writes: float
    """New tokens a second."""
    why: str
    """What was measured, for a person."""
    digest: str = ""
    """SHA-256 of the file that was measured."""


_saved: TypeAdapter[dict[str, Fit]] = TypeAdapter(dict[str, Fit])


def candidates(cores: int) -> list[int]:
    """Numbers of threads worth trying, the likeliest first: one core is left to the editor, or none, or half."""
    return list(dict.fromkeys(max(1, n) for n in (cores - 1, cores, cores // 2)))


def context_for(reads: float, bytes_per_token: int, free: int) -> tuple[int, str]:
    """The largest context that is read in time and fits into memory, and what bounds it."""
    by_speed = int(reads * PATIENCE)
    by_memory = int(free * KV_SHARE / max(1, 2 * bytes_per_token))
    bound, why = min((CONTEXT, "enough for one short job"), (by_speed, "reading more takes too long"),
                     (by_memory, "memory"))  # fmt: skip
    return max(LEAST, bound // 256 * 256), why


def explained(
    tokens: int, reading: Mapping[int, float], writing: Mapping[int, float], several: float | None, single: float
) -> str:
    """What was measured, in a sentence: seconds by threads, and for four candidates in one batch or one by one."""
    said = [
        f"{n} thread{'s' * (n > 1)}: {tokens} tokens read in {reading[n] * 1e3:.1f} ms, "
        f"one written in {writing[n] * 1e3:.1f} ms"
        for n in reading
    ]
    if several is not None:
        said.append(f"four candidates in one batch {several * 1e3:.1f} ms, one by one {single * 1e3:.1f} ms")
    return "; ".join(said)


def busy() -> bool:
    """More is running than there are cores: what is measured now is not to be believed for long."""
    try:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return False


def free_memory() -> int:
    """Bytes that a process may still take; a large number where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 1 << 33


def key_of(path: Path, *, version: str, threads: int) -> str:
    """The same for the same file on the same machine; empty where the file cannot be seen."""
    try:
        told = path.stat()
    except (OSError, ValueError):
        return ""
    here: Sequence[object] = (platform.machine(), platform.processor(), os.cpu_count(), version, threads)
    return json.dumps([str(path), told.st_size, told.st_mtime_ns, told.st_ino, *here])


def recall(file: Path, key: str) -> Fit | None:
    """What was measured before, if anything."""
    return _read(file).get(key) if key else None


def remember(file: Path, key: str, fit: Fit) -> None:
    """Keep it for the next start. Without a place to write, the next start measures again."""
    if not key:
        return
    saved = {old: value for old, value in _read(file).items() if old != key}
    newest = dict([*saved.items(), (key, fit)][-_KEPT:])
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.write_text(json.dumps({name: asdict(value) for name, value in newest.items()}, indent=1), "utf-8")
        draft.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _read(file: Path) -> Mapping[str, Fit]:
    try:
        if file.stat().st_size > 1 << 20:
            return {}
        return _saved.validate_json(file.read_bytes())
    except (OSError, ValidationError, ValueError):
        return {}
