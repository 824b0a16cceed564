"""Text and files: what the editor types, what the disk holds."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fnmatch import translate
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types as t

from dovetail.graph import FileFacts
from dovetail.graph.configured import names as configuring
from dovetail.lsp import manifests
from dovetail.lsp.convert import is_file, to_path
from dovetail.lsp.packages import know_packages
from dovetail.lsp.progress import Report, cancellable, progress
from dovetail.lsp.scan import Read, Rules
from dovetail.model.ask import Stage
from dovetail.syntax import DEEPEST, language_for, languages
from dovetail.text import Document, Edit
from dovetail.world import Snapshot, Stale, World
from dovetail.world.unread import NEVER, is_secret

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_log = logging.getLogger(__name__)
T = TypeVar("T")

_CONFIGURING = sorted(f"{Path(name).stem}*{Path(name).suffix}" for name in configuring())
"""Files that lead names of modules elsewhere, and what they may extend."""
_CONFIGURES = re.compile("|".join(map(translate, _CONFIGURING))).match
_WORDS = re.compile(r"\w+")
_AT_ONCE = 8
"""Files whose facts are taken in between two looks at what the editor says."""
_BREATH = 0.002
"""Seconds after a change in which a suggestion may ask for the text alone: what it said before often still does."""
_IDLE = 0.8
"""Seconds without a change after which a file is parsed anew, to repair what broken code left, and memory tidied."""


def register(server: Dovetail) -> None:
    server.feature(t.TEXT_DOCUMENT_DID_OPEN)(_opened)
    server.feature(t.TEXT_DOCUMENT_DID_CHANGE)(_changed)
    server.feature(t.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    server.feature(t.TEXT_DOCUMENT_DID_SAVE)(_saved)
    server.feature(t.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_watched)
    server.feature(t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_folders)


def _opened(ls: Dovetail, params: t.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    path = to_path(document.uri)
    private = _left_out(ls, path)
    file = ls.world.open(path, document.text, document.version, document.language_id, _apart(path), private=private)
    if file.text_only:
        ls.tell_once(f"{Path(file.path).name} {file.text_only}", t.MessageType.Info)
    elif file.tree is not None and file.tree.too_deep:
        ls.tell_once(f"{Path(file.path).name}: names in what is nested more than {DEEPEST} deep are left out")


def _left_out(ls: Dovetail, path: str) -> bool:
    """Whether the project leaves a file out."""
    roots = [root.rstrip("/") for root in ls.snapshot().roots]
    around = [Rules(root, ls.settings.index.exclude) for root in roots if path.startswith(f"{root}/")]
    return bool(around) and not any(rules.wants(path) for rules in around)


def _apart(path: str) -> str:
    """Why a document stays out of the graph and of every prompt; "" where it does not."""
    if is_secret(path.rsplit("/", 1)[-1]):
        return "may hold secrets: text only"
    if not is_file(path) and not path.startswith("untitled:"):
        return "is no file of a project: text only"
    return ""


def _changed(ls: Dovetail, params: t.DidChangeTextDocumentParams) -> None:
    path = to_path(params.text_document.uri)
    ls.resting.leave()

    def told(change: Any) -> Any:
        def edit(document: Document) -> Edit | str:
            return ls.encoding.edit(document, change)

        return edit

    try:
        ls.world.write(path, params.text_document.version, map(told, params.content_changes))
    except Stale as stale:
        ls.window_log_message(
            t.LogMessageParams(
                type=t.MessageType.Warning,
                message=f"Dovetail: a change of {Path(path).name} was not taken ({stale}). "
                "Close and open the file if its suggestions look wrong.",
            )
        )
        return
    asyncio.get_running_loop().call_later(_BREATH, _caught_up, ls, path)
    _settle_later(ls, path)


def _caught_up(ls: Dovetail, path: str) -> None:
    """Bring tree and graph up to what was written, if nobody asked for them before."""
    file = ls.snapshot().file(path)
    if file is not None and file.text_only:
        ls.tell_once(f"{Path(path).name} {file.text_only}", t.MessageType.Info)


def _settle_later(ls: Dovetail, path: str) -> None:
    loop = asyncio.get_running_loop()
    if (waiting := ls.settling.pop(path, None)) is not None:
        waiting.cancel()

    def settle() -> None:
        ls.settling.pop(path, None)
        ls.world.settle(path)
        gc.collect()  # now, and not between two keys; what is left stays, and none of the next has to walk it
        gc.freeze()

    ls.settling[path] = loop.call_later(_IDLE, settle)


def _closed(ls: Dovetail, params: t.DidCloseTextDocumentParams) -> None:
    path = to_path(params.text_document.uri)
    if (waiting := ls.settling.pop(path, None)) is not None:
        waiting.cancel()
    ls.closed(path)
    ls.world.close(path)
    ls.spawn(_read_again(ls, [path]))


def _saved(ls: Dovetail, params: t.DidSaveTextDocumentParams) -> None:
    """Nothing to do: unsaved text counts already. Without a handler the client would be told so."""


async def _watched(ls: Dovetail, params: t.DidChangeWatchedFilesParams) -> None:
    changed: dict[str, t.FileChangeType] = {}
    for few in _few(params.changes):
        changed |= {to_path(event.uri): event.type for event in few}
        await asyncio.sleep(0)
    roots = [root.rstrip("/") for root in ls.snapshot().roots]
    gone = ls.world.on_disk(
        path for path, how in changed.items() if how == t.FileChangeType.Deleted and not _never_read(path, roots)
    )
    come = [path for path, how in changed.items() if how != t.FileChangeType.Deleted]
    folders = [path for path in come if language_for(path) is None and not _never_read(path, roots)]
    inside = await _inside(ls, folders)  # one that comes, or gets a name, may be told alone
    await _read_again(ls, list(dict.fromkeys((*come, *inside, *gone))))
    if any(path.endswith("/.gitignore") for path in changed):
        ls.spawn(left_out_anew(ls))
    configuring = [path for path in changed if _CONFIGURES(path.rsplit("/", 1)[-1])]
    configuring += [path for path in (*gone, *inside) if path not in changed]  # it went, or came, with its folder
    for root in roots:
        if any(path.startswith(f"{root}/") for path in configuring):
            files = [path for path in ls.snapshot().graph.files if path.startswith(f"{root}/")]
            await manifests.configure(ls.scanner, ls.world, root, files)


async def _inside(ls: Dovetail, paths: list[str]) -> list[str]:
    """The files of those that are folders of the workspace and not left out."""
    index, found = ls.settings.index, list[str]()
    rules = [Rules(root.rstrip("/"), index.exclude) for root in ls.snapshot().roots]
    walked: set[str] = set()
    for few in _few(sorted(paths)):  # what is around a folder comes before it
        for path in few:
            around = path.rpartition("/")[0]
            if around in walked:
                walked.add(path)
            elif os.path.isdir(path):
                for one in rules:
                    if one.reaches(path):
                        walked.add(path)
                        found += (await ls.scanner.walk(one.root, index.exclude, index.most_files, path))[0]
        await asyncio.sleep(0)
    return found


def _never_read(path: str, roots: list[str]) -> bool:
    """Git's own files, caches and the like: they come and go by the thousand."""
    below = next((path[len(root) :] for root in roots if path.startswith(f"{root}/")), "")
    return not NEVER.isdisjoint(below.split("/"))


async def _read_again(ls: Dovetail, paths: list[str]) -> None:
    """What is there is read, what is not is forgotten, whatever was told of it."""
    rules = [Rules(root.rstrip("/"), ls.settings.index.exclude) for root in ls.snapshot().roots]
    there: list[str] = []
    for few in _few([path for path in paths if language_for(path) is not None]):
        for path in few:
            if os.path.isfile(path) and any(one.wants(path) for one in rules):
                there.append(path)
            else:
                ls.world.forget(path)
        await asyncio.sleep(0)
    known = ls.snapshot().graph.files
    new = [path for path in there if path not in known]
    left_out = set(new[max(ls.settings.index.most_files - len(known), 0) :])
    if left_out:
        ls.tell_once(f"files that are new are not read: there are {len(known)} already (index.most_files)")
        for root in {ls.snapshot().root_of(path) for path in left_out}:
            ls.partly[root] = f"only {ls.settings.index.most_files} files of the project are read (index.most_files)"
    async for _, found in ls.scanner.read([path for path in there if path not in left_out], lambda: World.KEPT):
        await _learn(ls, found)
        for path, _ in found.left_out:
            ls.world.forget(path)


def _few(all_of_them: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as may be looked at between two looks at what the editor says."""
    return (all_of_them[start : start + _AT_ONCE] for start in range(0, len(all_of_them), _AT_ONCE))


async def _learn(ls: Dovetail, found: Read) -> None:
    """A few files at a time: a key that comes meanwhile waits for milliseconds."""
    for text, tokens in zip(found.texts, found.tokens, strict=True):
        ls.library.know(text, tokens)
    told = found.told()
    for _ in _learning(ls.world, told):
        await asyncio.sleep(0)


def _learning(world: World, told: Iterator[tuple[str, FileFacts, bytes | None]]) -> Iterator[None]:
    there = True
    while there:
        gc.disable()  # what is learnt has no cycles and stays: no collection walks it, now or while somebody types
        try:
            few = list(islice(told, _AT_ONCE))
            world.learn(few)
            gc.freeze()
        finally:
            gc.enable()
        there = bool(few)
        yield


async def _folders(ls: Dovetail, params: t.DidChangeWorkspaceFoldersParams) -> None:
    roots = list(ls.snapshot().roots)
    for folder in params.event.removed:
        ls.trusted.discard(to_path(folder.uri))  # one that comes again is asked for again
        ls.partly.pop(to_path(folder.uri), None)
        with suppress(ValueError):
            roots.remove(to_path(folder.uri))
    added = [to_path(folder.uri) for folder in params.event.added]
    ls.world.set_roots([*roots, *(root for root in added if root not in roots)])
    ls.world.leave_out([path for path in ls.snapshot().files if _left_out(ls, path)])
    ls.scans += 1
    ls.unread += 1
    ls.read.clear()
    ls.spawn(scan(ls, added))


async def left_out_anew(ls: Dovetail) -> None:
    """The settings or a `.gitignore` say something else of what is left out: that goes, what came back is read."""
    roots = list(ls.snapshot().roots)
    ls.world.leave_out([path for path in ls.snapshot().files if _left_out(ls, path)])
    rules = [Rules(root.rstrip("/"), ls.settings.index.exclude) for root in roots]
    for few in _few(ls.world.on_disk([root.rstrip("/") for root in roots])):
        for path in few:
            if not any(one.wants(path) for one in rules):
                ls.world.forget(path)
        await asyncio.sleep(0)
    ls.scans += 1
    await scan(ls, roots, again=True)


async def whole(ls: Dovetail, title: str) -> None:
    """Wait until the project is read, for what changes all of it; and say so where some of it never was."""
    if not ls.read.is_set():
        async with cancellable(ls, title) as tell:
            tell(Stage("reading the project"))
            await ls.read.wait()
    for root, reason in ls.partly.items():
        where = f"{root.rstrip('/').rsplit('/', 1)[-1]}: " if len(ls.snapshot().roots) > 1 else ""
        ls.say(f"{where}{reason}; what the others name stays as it is", t.MessageType.Warning)


async def scan(ls: Dovetail, roots: list[str], *, again: bool = False) -> None:
    """Read folders from disk, with progress; open files keep their unsaved text.

    again: only what is not known; nobody waits for it. Installed packages come last, and nobody waits for them.
    """
    try:
        try:
            roots = [root for root in roots if await _scanned(ls, root, again=again)]
        finally:
            ls.unread -= not again
            if not ls.unread:
                ls.read.set()
        for root in roots:
            await know_packages(ls.scanner, ls.world, root, ls.settings.index.exclude)
    finally:
        ls.scans -= 1
    manifests.describe(ls.world)
    gc.freeze()
    ls.send_status()


async def _scanned(ls: Dovetail, root: str, *, again: bool) -> bool:
    """Whether a folder is there and was read, as far as it was wanted."""
    if not os.path.isdir(root):
        ls.tell_once(f"{root} is not a folder; nothing was indexed there")
        return False
    ls.partly[root] = "not all files of the project are read"  # until they are
    try:
        async with progress(ls, "Reading the project") as report:
            await _scan(ls, root, report, again=again)
    except Exception as error:  # whatever it is: other folders are read, and what changes all of it says so
        _log.exception("%s could not be read", root)
        ls.tell_once(f"{root} could not be read ({type(error).__name__}); restart the server to try again")
        return False
    return True


async def _scan(ls: Dovetail, root: str, report: Report, *, again: bool) -> None:
    index = ls.settings.index
    paths, more = await ls.scanner.walk(root, index.exclude, index.most_files)
    await manifests.configure(ls.scanner, ls.world, root, paths)
    known = ls.snapshot().graph.files
    total = len(paths)
    paths = nearest_first([path for path in paths if not again or path not in known], ls.snapshot())
    left_out = 0
    async for done, found in ls.scanner.read(paths, lambda: ls.world.room):
        if root not in ls.snapshot().roots:
            return  # the folder left while it was read
        await _learn(ls, found)
        left_out += len(found.left_out)
        if found.trouble:
            ls.tell_once(found.trouble, t.MessageType.Info)
        ls.indexed = f"{done} of {len(paths)} files"
        report(ls.indexed, done, len(paths))
        if report.cancelled:
            ls.partly[root] = f"only {ls.indexed} of the project were read, since that was cancelled"
            ls.indexed += ", then cancelled"
            return
    await ls.scanner.trim()
    ls.partly.pop(root, None)
    ls.indexed = f"{total - left_out} files"
    if left_out:
        ls.indexed += f", {left_out} left out (large, binary, generated or too slow to parse)"
    if more:
        ls.indexed += f"; the scan stopped at {index.most_files} files (index.most_files)"
        ls.partly[root] = f"only {index.most_files} files of the project were read (index.most_files)"
        ls.tell_once(ls.indexed)


def nearest_first(paths: list[str], snapshot: Snapshot) -> list[str]:
    """What open files import first, then what lies beside them: so the first questions have answers soon."""
    imported: set[str] = set()
    beside: set[str] = set()
    for path, file in snapshot.files.items():
        beside.add(path.rsplit("/", 1)[0])
        for _, found in file.facts.imports if file.facts is not None else ():
            imported.update(_WORDS.findall(f"{found.module} {found.name}"))

    def distance(path: str) -> int:
        folder, name = path.rsplit("/", 1)
        if name.split(".")[0] in imported:
            return 0
        return 1 if folder in beside else 2 if folder.rsplit("/", 1)[-1] in imported else 3

    return sorted(paths, key=distance)


def watch(ls: Dovetail) -> None:
    """Ask the editor to tell of files that change on disk."""
    workspace = ls.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if watched is None or not watched.dynamic_registration:
        return
    patterns = sorted({f"**/*{suffix}" for language in languages() for suffix in language.suffixes})
    patterns += [f"**/{name}" for name in _CONFIGURING]
    watchers = [t.FileSystemWatcher(pattern) for pattern in (*patterns, "**/.gitignore")]
    # a folder that goes or comes may be told alone
    watchers.append(t.FileSystemWatcher("**", t.WatchKind.Create | t.WatchKind.Delete))
    options = t.DidChangeWatchedFilesRegistrationOptions(watchers)
    ls.client_register_capability(
        t.RegistrationParams(
            registrations=[
                t.Registration(
                    id="dovetail-files", method=t.WORKSPACE_DID_CHANGE_WATCHED_FILES, register_options=options
                )
            ]
        )
    )
