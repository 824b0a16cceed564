"""The store. Every question answers, with nothing where the file cannot be read."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from dovetail.model.ask import Attempt, Memo, Recipe

T = TypeVar("T")

DEMOTED = 3
"""Failures in a row after which a recipe is tried last …"""
REMOVED = 5
"""… and after which it goes."""
_RECIPES = 2000
_ENTRIES = 5000
_NOTES = 3
"""Notes that are shown with a name."""
_WORDS = 50
"""Words of a question that are looked for."""
_HOUR = 3600
"""Seconds for which an attempt is not repeated: what it failed for may lie in another file."""
_WAIT = 0.1
"""Seconds that a write of another window is waited for."""
_VERSION = 1
"""Of the tables below, kept as `user_version`. Other tables go into a file of another name: both versions may run."""
_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_ERROR,  # an SQLite that lacks something; tables that differ are found when it is opened
    }
)  # fmt: skip
"""Errors that say nothing against the file; any other does."""
_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
_PACKAGE_MARKS = ("package.json", "Cargo.toml", "go.mod", "pom.xml", "build.gradle", "composer.json")
"""Of projects too, where nothing above says more: a repository often holds several."""
_SCHEMA = """
-- strftime, and not unixepoch, which an SQLite before 3.38 lacks
create table if not exists recipes (
    number integer primary key, signature text not null, old text not null, new text not null,
    by_model integer not null, failures integer not null default 0, uses integer not null default 0,
    last integer not null default (strftime('%s', 'now')), unique (signature, old, new)
);
create index if not exists by_signature on recipes (signature);
create table if not exists attempts (
    number integer primary key, run integer not null, tried text not null, failed text not null
);
create table if not exists runs (
    number integer primary key, at integer not null default (strftime('%s', 'now')), asked text not null,
    path text not null, answered text not null, ms integer not null, applied integer not null default 0,
    undo text not null default ''
);
create table if not exists shown (
    run integer primary key, signature text not null, old text not null, new text not null
);
create table if not exists acts (
    run integer primary key, action text not null, path text not null, symbol text not null
);
create table if not exists vain (
    number integer primary key, about text not null, change text not null, why text not null,
    at integer not null default (strftime('%s', 'now')), unique (about, change)
);
create virtual table if not exists notes using fts5 (kind, text, at unindexed);
"""

_RESTS_ON = "(signature, old, new) in (select signature, old, new from shown where run = ?)"


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that was tried and did not hold, for people to read."""

    tried: str
    failed: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: what was asked, what came of it."""

    number: int
    at: int
    """Seconds since 1970."""
    asked: str
    path: str
    answered: str
    ms: int
    applied: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user asked to keep."""

    number: int
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Back:
    """How to take back what was applied to one file: only what was replaced is kept, and how the file looked after."""

    edits: tuple[tuple[int, int, str], ...]
    """(start, end, text before) in bytes of the text after."""
    after: str
    """Digest of the text after, without a byte order mark."""
    created: bool = False
    """There was no such file."""

    def taken_back(self, text: bytes) -> bytes:
        for start, end, old in sorted(self.edits, reverse=True):
            text = text[:start] + old.encode("utf-8", "surrogatepass") + text[end:]
        return text


@dataclass(frozen=True, slots=True)
class Undo:
    """The last answer that was taken."""

    number: int
    at: int
    """Seconds since 1970."""
    asked: str
    files: dict[str, Back]


def folder() -> Path:
    """`DOVETAIL_DATA`, or where the platform keeps a user's data."""
    if told := os.environ.get("DOVETAIL_DATA"):
        return Path(told) / "memory"
    return platformdirs.user_data_path("dovetail") / "memory"


def project_of(folder: Path) -> Path:
    """The project that a folder is part of: it or the nearest above it with a repository or a build file, else it.

    A home folder that is kept in a repository is no project of all that lies in it.
    """
    home = os.path.expanduser("~")
    above = [each for each in (folder, *folder.parents) if str(each) != home]
    marked = (each for marks in (_MARKS, _PACKAGE_MARKS) for each in above if _has(each, marks))
    return next(marked, folder)


def is_project(folder: Path) -> bool:
    return _has(folder, (*_MARKS, *_PACKAGE_MARKS))


def _has(folder: Path, marks: tuple[str, ...]) -> bool:
    return any((folder / mark).exists() for mark in marks)


def open_store(root: str, place: Path | None = None, tell: Callable[[str], object] = lambda notice: None) -> Store:
    """The store of the project around a folder, however the folder is written.

    One that is damaged, or of another version, is put aside and another begun; `tell` is told so, once. One that
    cannot be made remembers nothing.
    """
    name = project_of(Path(os.path.realpath(root))).as_posix()
    name = name[:1].lower() + name[1:] if name[1:2] == ":" else name  # editors and terminals differ about `C:`
    where = (place or folder()) / f"{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.sqlite"
    try:
        where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.name == "posix" and (where.parent.stat().st_uid != os.getuid() or where.parent.stat().st_mode & 0o002):
            return Store(None)  # others may write there: what it says may be theirs
    except OSError:
        return Store(None)
    return Store(where, tell)


def _connected(where: Path) -> sqlite3.Connection:
    """Commits are written to a log beside the file and not waited for: the editor's messages would wait as well."""
    where.touch(mode=0o600, exist_ok=True)
    os.chmod(where, 0o600)
    connection = sqlite3.connect(where, timeout=_WAIT, isolation_level=None)
    try:
        with contextlib.suppress(sqlite3.OperationalError):  # a folder on the network: as it is, without a log
            connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        (version,) = connection.execute("pragma user_version").fetchone()
        try:
            connection.executescript(_SCHEMA if version in (0, _VERSION) else "")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise  # locked, or not to be written; else what is there differs, or SQLite lacks something
        if version not in (0, _VERSION) or _columns(connection) != _wanted():
            raise _Damaged("its tables are not those that are written")
        if not version:
            connection.execute(f"pragma user_version = {_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _file(where: Path) -> tuple[int, int]:
    """Which file it is, whatever it is called."""
    try:
        found = where.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


class _Damaged(sqlite3.DatabaseError):
    """What was read is not what is ever written."""


def _columns(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select t.name, c.name, c.type, c.pk from sqlite_master t, pragma_table_info(t.name) c "
        "where t.type = 'table' and t.name not like 'notes\\_%' escape '\\' order by 1, c.cid"
    ).fetchall()


@cache
def _wanted() -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_SCHEMA)
        return _columns(connection)


def _is_damage(error: sqlite3.Error | UnicodeError | OSError) -> bool:
    """Whether it speaks against the file, and not against the moment or what was to be written."""
    if isinstance(error, _Damaged | UnicodeDecodeError):
        return True  # sqlite3 cannot read its own message, or a text
    if not isinstance(error, sqlite3.Error):
        return False
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return "decode to UTF-8" in str(error) if code is None else code & 0xFF not in _AWAY


def _notes_of(damaged: Path) -> list[tuple[Any, ...]]:
    """What the user asked to keep, as far as it can still be read: with the log beside the file, else without."""
    for how in ("mode=rw", "mode=ro&immutable=1"):
        try:
            with contextlib.closing(sqlite3.connect(f"{damaged.as_uri()}?{how}", _WAIT, uri=True)) as old:
                rows = old.execute("select kind, text, at from notes order by rowid").fetchall()
        except (sqlite3.Error, UnicodeError, OSError):
            continue
        return [row for row in rows if _are(row, (str, str, int))]
    return []


def _are(row: tuple[Any, ...], kinds: tuple[type, ...]) -> bool:
    return len(row) == len(kinds) and all(map(isinstance, row, kinds))


class Store(Memo):
    """What is remembered of one project; nothing without a file."""

    def __init__(self, where: Path | None, tell: Callable[[str], object] = lambda notice: None) -> None:
        self._where, self._tell = where, tell
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._open()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    # ---- recipes --------------------------------------------------------------------------------

    def past(self, signatures: Sequence[str]) -> tuple[Recipe, ...]:
        """Recipes for any of these: those that the user took before those that were only shown, who failed lately
        last."""
        found: dict[int, tuple[Recipe, int]] = {}
        for signature in signatures:
            for number, old, new, by_model, failures, uses in self._all(
                (int, str, str, int, int, int),
                "select number, old, new, by_model, failures, uses from recipes where signature = ? "
                "order by failures >= ?, uses desc, last desc limit 20",
                (signature, DEMOTED),
            ):
                found.setdefault(number, (Recipe(signature, old, new, bool(by_model), number, uses), failures))
        return tuple(recipe for recipe, _ in sorted(found.values(), key=lambda pair: pair[1] >= DEMOTED))

    def learn(self, recipe: Recipe, held: bool) -> None:
        """What held is kept as shown: it counts once it is taken. The fifth failure in a row removes a recipe."""
        if held:
            self._write(
                (
                    "insert into recipes (signature, old, new, by_model) values (?, ?, ?, ?) "
                    "on conflict do update set last = strftime('%s', 'now')",
                    (recipe.signature, recipe.old, recipe.new, recipe.by_model),
                ),
                (
                    "delete from recipes where number not in (select number from recipes order by last desc limit ?)",
                    (_RECIPES,),
                ),
            )
        else:
            self._write(
                ("update recipes set failures = failures + 1 where number = ?", (recipe.number,)),
                ("delete from recipes where number = ? and failures >= ?", (recipe.number, REMOVED)),
            )

    def shown(self, run: int, recipe: Recipe) -> None:
        """An answer rests on a recipe: that counts as used once the answer is taken."""
        self._write(
            (
                "insert or replace into shown (run, signature, old, new) values (?, ?, ?, ?)",
                (run, recipe.signature, recipe.old, recipe.new),
            ),
            ("delete from shown where run <= (select max(run) from shown) - ?", (_ENTRIES,)),
        )

    # ---- attempts -------------------------------------------------------------------------------

    def attempts(self, run: int) -> list[Tried]:
        rows = self._all(
            (str, str), "select tried, failed from attempts where run = ? order by number limit 50", (run,)
        )
        return [Tried(*row) for row in rows]

    def vain(self, about: str) -> tuple[Attempt, ...]:
        """What a model said about this within the last hour and what did not hold, the oldest first."""
        rows = self._all(
            (str, str, str),
            "select about, change, why from vain where about = ? and at > strftime('%s', 'now') - ? "
            "order by number limit 50",
            (about, _HOUR),
        )
        return tuple(Attempt(*row) for row in rows)

    def failed(self, attempt: Attempt) -> None:
        self._write(
            (
                "insert into vain (about, change, why) values (?, ?, ?) "
                "on conflict do update set at = strftime('%s', 'now')",
                (attempt.about, attempt.change, attempt.why),
            ),
            ("delete from vain where number <= (select max(number) from vain) - ?", (_ENTRIES,)),
        )

    # ---- the ledger -----------------------------------------------------------------------------

    def ran(
        self, asked: str, path: str, answered: str, ms: int, did: tuple[str, str] | None = None,
        tried: Sequence[Tried] = (),
    ) -> int:  # fmt: skip
        """Write a line; its number, 0 where nothing is kept.

        did: (action, what it was about), where it was about something. tried: what did not hold.
        """
        line: list[tuple[str, Sequence[object]]] = [
            ("insert into runs (asked, path, answered, ms) values (?, ?, ?, ?)", (asked, path, answered, ms)),
            ("delete from runs where number <= (select max(number) from runs) - ?", (_ENTRIES,)),
        ]
        if did is not None:
            line += [
                ("delete from acts", ()),
                (
                    "insert into acts (run, action, path, symbol) values ((select max(number) from runs), ?, ?, ?)",
                    (did[0], path, did[1]),
                ),
            ]
        put = "insert into attempts (run, tried, failed) values ((select max(number) from runs), ?, ?)"
        line += [(put, (one.tried, one.failed)) for one in tried]
        if tried:
            line.append(("delete from attempts where number <= (select max(number) from attempts) - ?", (_ENTRIES,)))
        return self._write(*line)

    def last_act(self) -> tuple[str, str, str] | None:
        """(action, path, what it was about) of what was asked for last."""
        rows = self._all((str, str, str), "select action, path, symbol from acts order by run desc limit 1")
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def runs(self, most: int = 50) -> list[Entry]:
        rows = self._all(
            (int, int, str, str, str, int, int),
            "select number, at, asked, path, answered, ms, applied from runs order by number desc limit ?",
            (most,),
        )
        return [Entry(*row[:6], applied=bool(row[6])) for row in rows]

    def applied(self, number: int, files: Mapping[str, Back]) -> None:
        """An answer was taken; it can be taken back as long as the files stay so."""
        kept = json.dumps({path: [back.edits, back.after, back.created] for path, back in files.items()})
        kept = f"{digest(kept.encode())} {kept}"  # it is written into files: not one byte of it may differ
        self._write(
            ("update runs set applied = 1, undo = ? where number = ?", (kept, number)),
            (
                f"update recipes set failures = 0, uses = uses + 1, last = strftime('%s', 'now') where {_RESTS_ON}",  # noqa: S608
                (number,),
            ),
        )

    def last_applied(self) -> Undo | None:
        for number, at, asked, undo in self._all(
            (int, int, str, str),
            "select number, at, asked, undo from runs where undo != '' order by number desc limit 1",
        ):
            sum_, _, told = undo.partition(" ")
            if digest(told.encode("utf-8", "surrogatepass")) != sum_:
                return None
            files: dict[str, list[Any]] = json.loads(told)
            return Undo(
                number,
                at,
                asked,
                {
                    path: Back(tuple((a, b, str(c)) for a, b, c in edits), after, created)
                    for path, (edits, after, created) in files.items()
                },
            )
        return None

    def undone(self, number: int) -> None:
        self._write(
            ("update runs set applied = 0, undo = '' where number = ?", (number,)),
            (f"update recipes set uses = max(0, uses - 1) where {_RESTS_ON}", (number,)),  # noqa: S608
        )

    # ---- notes ----------------------------------------------------------------------------------

    def note(self, kind: str, text: str) -> int:
        return self._write(
            ("insert into notes (kind, text, at) values (?, ?, strftime('%s', 'now') + 0)", (kind, text))
        )

    def notes(self, words: str = "") -> list[Note]:
        """All, the newest first; or those that hold every one of some words."""
        kinds = (int, str, str, int)
        wanted = re.sub(r'["\0]', "", words).split()[:_WORDS]
        if not words.strip():
            rows = self._all(kinds, "select rowid, kind, text, at from notes order by rowid desc")
        elif not wanted:
            return []
        else:
            query = " ".join(f'"{word}"' for word in wanted)
            rows = self._all(
                kinds, "select rowid, kind, text, at from notes where notes match ? order by rank", (query,)
            )
        return [Note(*row) for row in rows]

    def noted(self, name: str) -> tuple[tuple[str, str], ...]:
        """(kind, text) of the notes that name something, the newest few."""
        whole = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
        found = [note for note in self.notes(name) if whole.search(note.text)] if name.strip("_") else []
        found.sort(key=lambda note: -note.number)
        return tuple((note.kind, note.text) for note in found[:_NOTES])

    def forget_note(self, number: int) -> bool:
        """False where there is no such note, or nothing can be written."""

        def gone(connection: sqlite3.Connection) -> int:
            return connection.execute("delete from notes where rowid = ?", (number,)).rowcount

        return bool(self._run(gone))

    def forget(self) -> None:
        """Everything but the notes."""
        self._write(*((f"delete from {each}", ()) for each in ("recipes", "attempts", "runs", "acts", "shown", "vain")))  # noqa: S608

    # ---- below ----------------------------------------------------------------------------------

    def _open(self) -> None:
        """One that cannot be read any more is put aside, and another begun."""
        if self._where is None:
            return
        try:
            self._connect(self._where)
        except (sqlite3.Error, UnicodeError, OSError) as error:
            if _is_damage(error):
                self._begin_anew()
            # else locked or not writable: as it is, without us until it is asked again

    def _connect(self, where: Path) -> None:
        self._connection = _connected(where)
        self._file = _file(where)

    def _begin_anew(self) -> None:
        """The file goes aside and another is begun, with the notes that can still be read."""
        assert self._where is not None
        notes = _notes_of(self._where)
        aside = self._where.with_suffix(".damaged")
        try:
            os.replace(self._where, aside)
            for log in ("-wal", "-shm"):  # of the file that went
                with contextlib.suppress(FileNotFoundError):
                    os.replace(f"{self._where}{log}", f"{aside}{log}")
            self._connect(self._where)
        except (sqlite3.Error, UnicodeError, OSError):
            return
        if notes:
            self._write(*(("insert into notes (kind, text, at) values (?, ?, ?)", note) for note in notes))
        kept = f"; notes that were kept: {len(notes)}" if notes else ""
        self._tell(f"what was remembered of this project could not be read and is begun anew{kept}")

    def _all(self, kinds: tuple[type, ...], query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of which every value is of its kind: what a file holds that was written by nobody is damage."""

        def read(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            rows = connection.execute(query, tuple(values)).fetchall()
            if not all(_are(row, kinds) for row in rows):
                raise _Damaged("a value is not what is written there")
            return rows

        return self._run(read) or []

    def _write(self, *statements: tuple[str, Sequence[object]]) -> int:
        """All of them or none, with one commit; the number of the row that the first one put in."""

        def written(connection: sqlite3.Connection) -> int:
            with connection:
                connection.execute("begin immediate")
                rows = [connection.execute(query, tuple(values)).lastrowid for query, values in statements]
                return rows[0] or 0

        return self._run(written) or 0

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Nothing where the store is away, locked or broken; a broken one is put aside, one that came back is used."""
        if self._where is not None and self._connection is not None and _file(self._where) != self._file:
            self.close()  # deleted, or put aside by another window
            self._connection = None
        if self._connection is None:
            self._open()
        if self._connection is None:
            return None
        try:
            return work(self._connection)
        except (sqlite3.Error, UnicodeError) as error:
            if _is_damage(error):
                with contextlib.suppress(sqlite3.Error, UnicodeError):
                    self._connection.close()
                self._connection = None
                self._begin_anew()
            return None


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
