"""Facts of files as they were read before, by the text of the file: a second start reads and parses nothing anew.

A row is what a text of one language says, whatever the file is called: nothing in it can be out of date. It has a
digest of its own, so a flipped bit is a miss. Whatever is wrong with the cache (no room, no permission, another
process at work), the answer is a miss, and `trouble` says it once. Opened by the process that reads the workspace.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import platformdirs

MOST_BYTES = 400 * 1024 * 1024
"""Of facts that are kept; those that were not asked for longest go first."""
_DAY = 86400


def cache_folder() -> Path:
    """Where the cache lies: the user's own, never inside of a project."""
    return Path(os.environ.get("DOVETAIL_CACHE") or platformdirs.user_cache_path("dovetail")) / "index"


class Cache:
    """One file of SQLite. `schema` keeps facts of other versions of Dovetail apart."""

    def __init__(self, folder: Path, schema: str, most: int = MOST_BYTES) -> None:
        """most: bytes that are kept."""
        self.trouble = ""
        """What is wrong with it, in plain words; "" while it works."""
        self._database: sqlite3.Connection | None = None
        self._most = most
        path = folder / f"{schema}.sqlite3"
        for attempt in (1, 2):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if os.name == "posix" and (folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o002):
                    raise OSError(errno.EPERM, "others may write to its folder", str(folder))
                self._database = _opened(path)
                _without_others(folder, path)
                return
            except sqlite3.DatabaseError as error:
                if attempt == 1 and not isinstance(error, sqlite3.OperationalError):
                    with suppress(OSError):  # not a database, or not any more: begin anew
                        path.unlink()
                    continue
                self._fail(error)
            except OSError as error:
                self._fail(error)

    def known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The facts under these keys, as far as they are there and whole."""
        if self._database is None:
            return {}
        found: dict[bytes, bytes] = {}
        try:
            for key in keys:
                row = self._database.execute("SELECT seal, data FROM facts WHERE key = ?", (key,)).fetchone()
                if row is not None and row[0] == _seal(key, row[1]):
                    found[key] = row[1]
            today = int(time.time()) // _DAY
            with self._database:
                self._database.executemany(
                    "UPDATE facts SET used = ? WHERE key = ? AND used < ?", [(today, key, today) for key in found]
                )
        except sqlite3.Error as error:
            self._fail(error)
        return found

    def keep(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """(key, facts) for the next time."""
        if self._database is None:
            return
        today = int(time.time()) // _DAY
        try:
            with self._database:
                self._database.executemany(
                    "INSERT OR REPLACE INTO facts (key, seal, used, data) VALUES (?, ?, ?, ?)",
                    [(key, _seal(key, data), today, data) for key, data in rows],
                )
        except sqlite3.Error as error:
            self._fail(error)

    def trim(self) -> None:
        """Forget what was not asked for longest, as far as there is too much."""
        if self._database is None:
            return
        try:
            (size,) = self._database.execute("SELECT coalesce(sum(length(data)), 0) FROM facts").fetchone()
            if size <= self._most:
                return
            going: list[tuple[bytes]] = []
            for key, length in self._database.execute("SELECT key, length(data) FROM facts ORDER BY used, rowid"):
                going.append((key,))
                size -= length
                if size <= self._most * 3 // 4:
                    break
            with self._database:
                self._database.executemany("DELETE FROM facts WHERE key = ?", going)
        except sqlite3.Error as error:
            self._fail(error)

    def close(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _fail(self, error: Exception) -> None:
        self.close()
        self.trouble = f"the index is not kept between starts ({error})"


def key_of(language: str, digest: bytes) -> bytes:
    return blake2b(language.encode() + b"\0" + digest, digest_size=16).digest()


def _seal(key: bytes, data: bytes) -> bytes:
    return blake2b(data, key=key, digest_size=8).digest()


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=2.0)
    with suppress(OSError):
        path.chmod(0o600)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")  # a lost last batch is read again
    database.execute(
        "CREATE TABLE IF NOT EXISTS facts "
        "(key BLOB PRIMARY KEY, seal BLOB NOT NULL, used INTEGER NOT NULL, data BLOB NOT NULL)"
    )
    database.execute("SELECT count(*) FROM (SELECT 1 FROM facts LIMIT 1)").fetchone()
    return database


def _without_others(folder: Path, mine: Path) -> None:
    """Caches that no version has opened for a month go."""
    for other in folder.glob("*.sqlite3"):
        with suppress(OSError):
            if other != mine and time.time() - other.stat().st_mtime > 30 * _DAY:
                for part in (other, Path(f"{other}-wal"), Path(f"{other}-shm")):
                    part.unlink(missing_ok=True)
