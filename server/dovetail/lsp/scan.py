"""Reading the workspace from disk: which files, and their facts, in one process of low priority.

Threads would gain nothing under the GIL, and a keystroke would wait for a parse.
"""

from __future__ import annotations

import asyncio
import codecs
import ctypes
import errno
import gc
import os
import signal
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

import pathspec

from dovetail.graph import FileFacts
from dovetail.graph.file import digest
from dovetail.graph.stored import packed, schema, unpacked
from dovetail.lsp.cache import Cache, key_of
from dovetail.recall import Tokens
from dovetail.syntax import Language, LanguageMissing, Tree, language_for
from dovetail.text import Document
from dovetail.world.unread import NEVER, is_generated, is_secret

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes above which a file on disk is left out of the graph."""
_LARGEST_IGNORE = 1024 * 1024
"""Bytes above which a `.gitignore` is not read."""
_BATCH = 48
_PATIENCE = 60.0
"""Seconds for a batch …"""
_PATIENCE_FOR_ONE = 10.0
"""… and for a file of one that took too long."""
_SLOW = "takes too long to parse"


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch brought."""

    files: tuple[tuple[str, bytes, bytes | None], ...]
    """(path, facts as `graph.stored` packs them, text or None where nobody wants it)."""
    left_out: tuple[tuple[str, str], ...]
    """(path, why)."""
    tokens: tuple[Tokens, ...] = ()
    """Of each text, for `recall`, where somebody wants them."""
    cached: int = 0
    """How many of the files were known from an earlier start."""
    trouble: str = ""
    """What is wrong with the cache."""

    @property
    def texts(self) -> list[bytes]:
        """Those that are wanted."""
        return [text for _, _, text in self.files if text is not None]

    def told(self) -> Iterator[tuple[str, FileFacts, bytes | None]]:
        """(path, facts, text) of each file."""
        for path, facts, text in self.files:
            yield path, unpacked(facts), text


_Specs = tuple[tuple[str, pathspec.GitIgnoreSpec], ...]
"""(folder, patterns of paths below it)."""


class Rules:
    """What an opened folder leaves out: its `.gitignore` files, ours, and the user's further patterns."""

    def __init__(self, root: str, exclude: Sequence[str] = ()) -> None:
        self.root = root
        self._top = _repository(root)
        self._extra = _spec(exclude)
        self._specs: dict[str, tuple[tuple[str, pathspec.GitIgnoreSpec], ...]] = {}
        self._entered: dict[str, bool] = {}

    def enters(self, folder: str) -> bool:
        """Whether a folder, itself inside one that is entered, is read. Looked at once."""
        if folder not in self._entered:
            self._entered[folder] = self._enters(folder)
        return self._entered[folder]

    def _enters(self, folder: str) -> bool:
        name = folder.rsplit("/", 1)[-1]
        if name in NEVER or os.path.islink(folder) or os.path.exists(f"{folder}/pyvenv.cfg"):
            return False
        return not self._ignored(f"{folder}/")

    def takes(self, path: str) -> bool:
        """Whether a file of a folder that is entered is read."""
        name = path.rsplit("/", 1)[-1]
        return not is_secret(name) and not os.path.islink(path) and not self._ignored(path)

    def wants(self, path: str) -> bool:
        """Whether the scan would come to this file: it and every folder above it, up to the root."""
        if not path.startswith(f"{self.root}/"):
            return False
        return self.reaches(path.rpartition("/")[0]) and self.takes(path)

    def reaches(self, folder: str) -> bool:
        """Whether the scan would come to this folder."""
        parts = folder[len(self.root) + 1 :].split("/") if folder.startswith(f"{self.root}/") else []
        folders = ["/".join((self.root, *parts[:count])) for count in range(1, len(parts) + 1)]
        return f"{folder}/".startswith(f"{self.root}/") and all(map(self.enters, folders))

    def excluded(self, path: str) -> bool:
        """Whether the user's own patterns leave it out."""
        return bool(self._extra.match_file(path[len(self.root) + 1 :]))

    def _ignored(self, path: str) -> bool:
        if self._extra.match_file(path[len(self.root) + 1 :]):
            return True
        return _verdict(self._at(path.rstrip("/").rsplit("/", 1)[0]), path)

    def _at(self, folder: str) -> _Specs:
        """The `.gitignore` files that speak of a folder, those of its repository above the root too, farthest first."""
        if folder not in self._specs:
            above = self._at(folder.rsplit("/", 1)[0]) if len(folder) > len(self._top) else _excluded(folder)
            if folder == self.root and _verdict(above, f"{folder}/"):
                above = ()  # who opens a folder that its repository ignores wants to see it
            here = _patterns(f"{folder}/.gitignore")
            self._specs[folder] = (*above, (folder, here)) if here else above
        return self._specs[folder]


def _verdict(specs: _Specs, path: str) -> bool:
    """Whether these leave a path out: the nearest file that has an opinion decides."""
    for base, spec in reversed(specs):
        verdict = spec.check_file(path[len(base) + 1 :])
        if verdict.include is not None:
            return verdict.include
    return False


def _repository(root: str) -> str:
    """The folder of the repository that a root lies in; the root where it lies in none."""
    folder = root
    while "/" in folder.strip("/"):
        if os.path.exists(f"{folder}/.git"):
            return folder
        folder = folder.rsplit("/", 1)[0]
    return root


def _excluded(top: str) -> _Specs:
    """What git leaves out without a `.gitignore`: the user's own patterns, and those of this clone alone."""
    own = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    files = (f"{own}/git/ignore", f"{top}/.git/info/exclude")
    return tuple((top, spec) for file in files if (spec := _patterns(file)))


def _patterns(path: str) -> pathspec.GitIgnoreSpec | None:
    """Of a file in the form of a `.gitignore`; None where there is none."""
    try:
        return _spec(_bytes(path, _LARGEST_IGNORE).decode("utf-8", "replace").splitlines())
    except OSError:
        return None


def _spec(lines: Sequence[str]) -> pathspec.GitIgnoreSpec:
    """The patterns that make sense; git too passes over the others."""
    good: list[str] = []
    for line in lines:
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
            good.append(line)
        except ValueError:
            continue
    return pathspec.GitIgnoreSpec.from_lines(good)


def walk(root: str, exclude: Sequence[str] = (), most: int = 20000, below: str = "") -> tuple[list[str], bool]:
    """The files under a root that have a grammar, in the order of their paths; and whether there were more.

    below: the folder of it that is looked at, itself one that is read; "" for all.

    Honours `.gitignore` files, leaves out secrets, caches and virtual environments, and does not
    follow a symbolic link.
    """
    found: list[str] = []
    rules = Rules(Path(root).as_posix(), exclude)
    for place, folders, files in os.walk(below or root):
        folder = Path(place).as_posix()
        folders[:] = sorted(name for name in folders if rules.enters(f"{folder}/{name}"))
        for name in sorted(files):
            path = f"{folder}/{name}"
            if language_for(path) is None or not rules.takes(path):
                continue
            if len(found) == most:
                return found, True
            found.append(path)
    return found, False


def text_of(path: str) -> bytes | None:
    """The text of a file as the scan reads it; None where it cannot be read. A secret never is."""
    if is_secret(path.rsplit("/", 1)[-1]):
        return None
    try:
        return _bytes(path, LARGEST_FILE).removeprefix(codecs.BOM_UTF8)  # as editors count
    except OSError:
        return None


def _bytes(path: str, most: int) -> bytes:
    """A file as it is. Raises `OSError` for what is none: a link, a pipe that nobody writes, a device without end."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        told = os.fstat(file.fileno())
        if not stat.S_ISREG(told.st_mode):
            raise OSError(errno.EINVAL, "no regular file")
        if told.st_size > most:
            raise OSError(errno.EFBIG, f"larger than {most >> 20} MB")
        return file.read(most)


def read(paths: Sequence[str], room: int | None = None, *, generated: bool = False) -> Read:
    """The facts of files on disk, from the cache where their text was read before.

    room: how many bytes of text are wanted, and their words; None for all texts and no words. generated: also of files
    that say that a program wrote them.
    """
    left_out: list[tuple[str, str]] = []
    texts: list[tuple[str, Language, bytes, bytes]] = []
    for path in paths:
        language = language_for(path)
        try:
            if language is None:
                continue
            data = _bytes(path, LARGEST_FILE).removeprefix(codecs.BOM_UTF8)  # as editors count
            if b"\0" in data:
                left_out.append((path, "binary"))
            elif len(data) > 4000 and len(data) / (data.count(b"\n") + 1) > 400:
                left_out.append((path, "generated or minified"))
            elif not generated and is_generated(data):
                left_out.append((path, "generated, as its first lines say"))
            else:
                texts.append((path, language, data, digest(data)))
        except OSError as error:
            left_out.append((path, error.strerror or "unreadable"))
    cache = _cache()
    known = cache.known([key_of(language.name, mark) for _, language, _, mark in texts]) if cache else {}
    files: list[tuple[str, bytes, bytes | None]] = []
    new: list[tuple[bytes, bytes]] = []
    for path, language, data, mark in texts:
        key = key_of(language.name, mark)
        try:
            if (facts := known.get(key)) is None:
                facts = packed(FileFacts.of(Tree.parse(language, Document(data)), mark))
                new.append((key, facts))
            wanted = room is None or len(data) <= room
            room = room - len(data) if room is not None and wanted else room
            files.append((path, facts, data if wanted else None))
        except LanguageMissing as error:
            left_out.append((path, str(error)))
    if cache and new:
        cache.keep(new)
    tokens = () if room is None else tuple(Tokens.of(text) for _, _, text in files if text is not None)
    return Read(tuple(files), tuple(left_out), tokens, len(files) - len(new), cache.trouble if cache else "")


_opened: list[Cache] = []
_wanted: list[Path] = []


def use_cache(folder: Path | None) -> None:
    """Keep facts of what this process reads in a folder; None to keep none."""
    while _opened:
        _opened.pop().close()
    _wanted[:] = [folder] if folder is not None else []


def _cache() -> Cache | None:
    """The cache of this process, opened at the first use; None where none is wanted."""
    if _wanted and not _opened:
        _opened.append(Cache(_wanted[0], schema()))
    return _opened[0] if _opened else None


def _trim() -> None:
    gc.collect()
    if (cache := _cache()) is not None:
        cache.trim()


class _Reader(SpawnProcess):
    """A process that does not begin by running the program that started it once more: no script need guard itself."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process_obj)  # type: ignore[attr-defined]
        finally:
            sys.modules["__main__"] = program


class _Context(SpawnContext):
    Process = _Reader


class Scanner:
    """One process that reads. Started at the first use, ended by `close`."""

    def __init__(self, cache: Path | None = None) -> None:
        """cache: the folder where facts are kept between starts; None to keep none."""
        self._cache_folder = cache
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False

    async def walk(self, root: str, exclude: Sequence[str], most: int, below: str = "") -> tuple[list[str], bool]:
        return await self._do(walk, root, tuple(exclude), most, below)

    async def read(
        self, paths: Sequence[str], room: Callable[[], int] | None = None
    ) -> AsyncIterator[tuple[int, Read]]:
        """(files done, what they brought) in batches, so that first answers come early.

        room: as `read` has it, asked before each batch. A batch that takes too long is read file by file, and the
        file that is to blame is left out: some broken texts cost a parser the square of their length.
        """
        for start in range(0, len(paths), _BATCH):
            batch = tuple(paths[start : start + _BATCH])
            left = room() if room is not None else None
            found = await self._timed(batch, left, _PATIENCE)
            if found is None:
                ones = [
                    await self._timed((path,), left, _PATIENCE_FOR_ONE) or Read((), ((path, _SLOW),)) for path in batch
                ]
                found = Read(
                    tuple(f for one in ones for f in one.files),
                    tuple(f for one in ones for f in one.left_out),
                    tuple(tokens for one in ones for tokens in one.tokens),
                    sum(one.cached for one in ones),
                    next((one.trouble for one in ones if one.trouble), ""),
                )
            yield start + len(batch), found

    async def trim(self) -> None:
        """Keep the cache in its bounds; after a scan."""
        await self._do(_trim)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._closed = True
        self._end()

    async def _timed(self, paths: tuple[str, ...], room: int | None, seconds: float) -> Read | None:
        return await self.within(seconds, read, paths, room)

    async def within(self, seconds: float, function: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """Run something in the process that reads; None, and a new process, where it takes too long."""
        try:
            async with asyncio.timeout(seconds):
                return await self._do(function, *args, **named)
        except TimeoutError:
            self._end()
            return None

    def _end(self) -> None:
        if self._pool is not None:
            processes = list((self._pool._processes or {}).values())  # pyright: ignore[reportPrivateUsage]
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.kill()
            self._pool = None

    async def _do(self, function: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        for last in (False, True):
            if self._closed:
                raise asyncio.CancelledError
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1,
                    mp_context=_Context(),
                    initializer=_begin,
                    initargs=(os.getpid(), self._cache_folder),
                )
            mine = self._pool
            try:
                return await asyncio.get_running_loop().run_in_executor(mine, partial(function, *args))
            except BrokenProcessPool:
                if self._pool is mine:
                    self._pool = None
                if last:
                    raise
        raise AssertionError


def _begin(parent: int, cache: Path | None) -> None:
    """In the scan's process: step back behind the editor, and end with the server."""
    use_cache(cache)
    gc.disable()  # what is told of a file has no cycles: looking for them costs a third of the telling
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    else:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Where the system does not do it for us."""
    server = parent_process()
    assert server is not None
    server.join()
    os._exit(1)
