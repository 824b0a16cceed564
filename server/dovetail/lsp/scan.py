"""Reading the workspace from disk: which files, and their facts, in one process of low priority.

Threads would gain nothing under the GIL, and a keystroke would wait for a parse.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import pathspec

from dovetail.graph import FileFacts
from dovetail.syntax import LanguageMissing, Tree, language_for
from dovetail.text import Document

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes above which a file on disk is left out of the graph."""
_BATCH = 48
_NEVER = frozenset(
    {".git", ".hg", ".svn", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache",
     ".tox", ".nox", ".eggs", ".ssh", ".aws", ".gnupg", ".cache"}
)  # fmt: skip
_SECRET = pathspec.GitIgnoreSpec.from_lines(
    [".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.crt", "*.cer", "id_rsa*", "id_ed25519*",
     ".netrc", ".pypirc", ".npmrc", "*.kdbx", "credentials", "secrets.*"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch brought."""

    files: tuple[tuple[str, FileFacts, bytes], ...]
    """(path, facts, text)."""
    left_out: tuple[tuple[str, str], ...]
    """(path, why)."""


def is_secret(path: str) -> bool:
    """True for files that never enter the graph, a prompt or a log."""
    return _SECRET.match_file(path)


def walk(root: str, exclude: Sequence[str] = (), most: int = 20000) -> tuple[list[str], bool]:
    """The files under a root that have a grammar, in the order of their paths; and whether there were more.

    Honours `.gitignore` files, leaves out secrets, caches and virtual environments, and does not
    follow a symbolic link.
    """
    found: list[str] = []
    extra = pathspec.GitIgnoreSpec.from_lines(exclude)
    rules: dict[str, list[tuple[str, pathspec.GitIgnoreSpec]]] = {}
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        above = rules.get(str(here.parent), []) if folder != root else []
        mine = above
        if ".gitignore" in files:
            try:
                text = (here / ".gitignore").read_text("utf-8", "replace")
                mine = [*above, (folder, pathspec.GitIgnoreSpec.from_lines(text.splitlines()))]
            except (OSError, ValueError):
                pass
        rules[folder] = mine

        def ignored(path: str, mine: list[tuple[str, pathspec.GitIgnoreSpec]] = mine) -> bool:
            if extra.match_file(os.path.relpath(path, root)):
                return True
            for base, spec in reversed(mine):  # the nearest file that has an opinion decides
                verdict = spec.check_file(os.path.relpath(path, base) + ("/" if path.endswith("/") else ""))
                if verdict.include is not None:
                    return verdict.include
            return False

        folders[:] = sorted(
            name
            for name in folders
            if name not in _NEVER
            and not (here / name).is_symlink()
            and not (here / name / "pyvenv.cfg").exists()
            and not ignored(f"{folder}/{name}/")
        )
        for name in sorted(files):
            path = f"{folder}/{name}"
            if language_for(path) is None or is_secret(name) or ignored(path) or os.path.islink(path):
                continue
            if len(found) == most:
                return found, True
            found.append(path)
    return found, False


def read(paths: Sequence[str]) -> Read:
    """The facts of files on disk."""
    files: list[tuple[str, FileFacts, bytes]] = []
    left_out: list[tuple[str, str]] = []
    for path in paths:
        language = language_for(path)
        try:
            if language is None:
                continue
            if os.path.getsize(path) > LARGEST_FILE:
                left_out.append((path, f"larger than {LARGEST_FILE >> 20} MB"))
                continue
            data = Path(path).read_bytes()
            if b"\0" in data:
                left_out.append((path, "binary"))
            elif len(data) > 4000 and len(data) / (data.count(b"\n") + 1) > 400:
                left_out.append((path, "generated or minified"))
            else:
                files.append((path, FileFacts.of(Tree.parse(language, Document(data))), data))
        except (OSError, LanguageMissing) as error:
            left_out.append((path, error.strerror or "unreadable" if isinstance(error, OSError) else str(error)))
    return Read(tuple(files), tuple(left_out))


class Scanner:
    """One process that reads. Started at the first use, ended by `close`."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def walk(self, root: str, exclude: Sequence[str], most: int) -> tuple[list[str], bool]:
        return await self._do(walk, root, tuple(exclude), most)

    async def read(self, paths: Sequence[str]) -> AsyncIterator[tuple[int, Read]]:
        """(files done, what they brought) in batches, so that first answers come early."""
        for start in range(0, len(paths), _BATCH):
            batch = paths[start : start + _BATCH]
            yield start + len(batch), await self._do(read, tuple(batch))

    def close(self) -> None:
        if self._pool is not None:
            processes = list((self._pool._processes or {}).values())  # pyright: ignore[reportPrivateUsage]
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            self._pool = None

    async def _do(self, function: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        for attempt in (1, 2):
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1, mp_context=get_context("spawn"), initializer=_lower, initargs=(os.getpid(),)
                )
            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *args))
            except BrokenProcessPool:
                self._pool = None
                if attempt == 2:
                    raise
        raise AssertionError


def _lower(parent: int) -> None:
    """In the scan's process: step back behind the editor, and end with the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
