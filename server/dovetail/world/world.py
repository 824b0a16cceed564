"""The one mutable thing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from immutables import Map

from dovetail.graph import FileFacts, Graph, Read, unread
from dovetail.graph.configured import Configured
from dovetail.graph.file import digest
from dovetail.syntax import Tree
from dovetail.text import Document, Edit, Span
from dovetail.world.snapshot import File, Snapshot

_log = logging.getLogger(__name__)


class Stale(Exception):
    """A change that does not follow the version we have; nothing was applied."""


class World:
    """Holds the newest snapshot. Every method is one synchronous step, in arrival order."""

    KEPT = 8 * 1024 * 1024
    """Bytes of text on disk that are kept for `recall`, first come first kept: what a search takes milliseconds for."""

    def __init__(self, roots: Sequence[str] = (), read: Read = unread) -> None:
        """read: how the text of a file on disk is come by where its facts do not say enough."""
        self._newest = Snapshot(roots=tuple(roots), graph=Graph(read=read).with_configured(Configured.of({}, roots)))
        self._owed: list[tuple[str, Edit | None, Document]] = []
        """What was written since: path, edit (None: another text altogether) and the text that it left."""
        self._written: dict[str, tuple[Document, int | None]] = {}
        """The text and the version of the files in it."""
        self._on_disk: dict[str, FileFacts] = {}
        self._kept = 0
        self._configured: dict[str, bytes] = {}
        self._was_broken: set[str] = set()
        """Open files whose text was not valid since they were parsed whole."""

    def snapshot(self) -> Snapshot:
        return self._now

    def text(self, path: str) -> Document | None:
        """What an open file says, without a look at what it means."""
        if (written := self._written.get(path)) is not None:
            return written[0]
        file = self._newest.files.get(path)
        return file.document if file is not None else None

    def set_roots(self, roots: Iterable[str]) -> None:
        """The folders of the workspace. What was learnt of folders that left is forgotten."""
        roots = tuple(roots)
        project = self._now.project if roots[:1] == self._now.roots[:1] else ""
        self._now = replace(self._now, roots=roots, project=project)
        for path in [p for p in self._on_disk if not self._inside(p)]:
            self.forget(path)
        self._configure({path: text for path, text in self._configured.items() if self._inside(path)})

    def describe(self, project: str) -> None:
        """What the project in the first folder is, in one line."""
        self._now = replace(self._now, project=project)

    def open(
        self, path: str, text: str, version: int | None, language_id: str | None, apart: str = "", *,
        private: bool = False,
    ) -> File:  # fmt: skip
        """The editor owns the text from now on. `apart`: why it stays out of the graph, if it does.

        private: the project leaves it out; nothing of it enters a prompt that is about another file.
        """
        document = Document.of(text)
        known = self._on_disk.get(path)
        if known is not None and known.digest != digest(document.data):
            known = None
        if apart:
            file = File(path, document, version, text_only=apart)
        else:
            file = File.open(path, document, version, language_id, known)
        self._put(file)
        others = self._now.private - {path}
        self._now = replace(self._now, private=others | {path} if private else others)
        return file

    def leave_out(self, paths: Iterable[str]) -> None:
        """The project leaves these open files out, as is known by now."""
        self._now = replace(self._now, private=self._now.private.union(paths))

    def write(self, path: str, version: int | None, edits: Iterable[Callable[[Document], Edit | str]]) -> None:
        """Apply edits one after another, each told the text that the one before left.

        The text is new at once; tree and graph when they are asked for. A `str` replaces the whole text. Raises
        `Stale`, with nothing applied, for a file that is not open or a version that does not grow.
        """
        file = self._newest.files.get(path)
        if file is None:
            raise Stale("it is not open")
        document, known = self._written.get(path, (file.document, file.version))
        if version is not None and known is not None and version <= known:
            raise Stale(f"version {version} after {known}")
        owed: list[tuple[str, Edit | None, Document]] = []
        for told in edits:
            edit = told(document)
            document = Document.of(edit) if isinstance(edit, str) else document.edited(edit)
            owed.append((path, None if isinstance(edit, str) else edit, document))
        self._owed += owed
        self._written[path] = (document, version)

    def edit(self, path: str, version: int | None, edits: Iterable[Callable[[Document], Edit | str]]) -> File:
        """`write`, and what came of it."""
        self.write(path, version, edits)
        return self._now.files[path]

    @property
    def _now(self) -> Snapshot:
        """The newest snapshot, with all that was written."""
        if self._written:
            owed, written = self._owed, self._written
            self._owed, self._written = [], {}
            files, graph = self._newest.files, self._newest.graph
            for path, edit, document in owed:
                file = files[path]
                had_facts = file.facts is not None
                try:
                    file, gone, come = file.replaced(document) if edit is None else file.edited(edit, document)
                except Exception:  # the text counts whatever becomes of its tree: the next edit is one of it
                    _log.exception("an edit could not be parsed")
                    file, gone, come = file.unread(document), None, None
                if file.facts is not None:
                    graph = graph.with_file(path, file.facts, gone, come)
                elif had_facts:
                    graph = graph.without(path)
                if file.tree is not None and (file.tree.root.has_error or not file.document.is_utf8):
                    self._was_broken.add(path)  # half a character need be no error to an incremental parse
                files = files.set(path, file)
            for path, (_, version) in written.items():
                files = files.set(path, replace(files[path], version=version))
            self._newest = replace(self._newest, files=files, graph=graph)
        return self._newest

    @_now.setter
    def _now(self, snapshot: Snapshot) -> None:
        self._newest = snapshot

    def settle(self, path: str) -> bool:
        """Parse an open file from scratch; True where that differed from the incremental tree.

        tree-sitter's recovery from broken code depends on the order of edits. Called when idle, so that
        the live graph equals a rebuild. Costs one full parse (12 MB/s) and what differs.
        """
        file = self._now.files.get(path)
        if file is None or file.tree is None or file.facts is None or path not in self._was_broken:
            return False
        if not file.tree.root.has_error and file.document.is_utf8:
            self._was_broken.discard(path)
        fresh = Tree.parse(file.tree.language, file.document)
        # inside of what is broken two trees may differ where tree-sitter sees them alike
        differ = [*file.tree.unlike(fresh), *file.tree.errors(), *fresh.errors()]
        if not differ:
            return False
        here = Edit(Span(differ[0].start, differ[0].start), b"")
        facts, gone, come = file.facts.after(fresh, here, differ, anew=True)
        self._now = replace(
            self._now,
            files=self._now.files.set(path, replace(file, tree=fresh, facts=facts)),
            graph=self._now.graph.with_file(path, facts, gone, come),
        )
        return True

    def close(self, path: str) -> None:
        """The disk owns the text again; what the scan knew of it stands until it is told anew."""
        if path not in self._now.files:
            return
        self._was_broken.discard(path)
        graph = self._now.graph.without(path)
        if path in self._on_disk:
            graph = graph.with_file(path, self._on_disk[path])
        private = self._now.private - {path}
        self._now = replace(self._now, files=self._now.files.delete(path), graph=graph, private=private)

    @property
    def room(self) -> int:
        """Bytes of text on disk that may still be kept."""
        return self.KEPT - self._kept

    def learn(self, found: Iterable[tuple[str, FileFacts, bytes | None]]) -> None:
        """(path, facts, text) of files on disk; None: no text to keep. An open file keeps the facts of its own."""
        texts, told = self._now.texts, dict[str, FileFacts]()
        for path, facts, text in found:
            self._on_disk[path] = facts
            if path not in self._now.files:
                told[path] = facts
            texts = self._dropped(texts, path)
            if text is not None and len(text) <= self.room:
                texts = texts.set(path, text)
                self._kept += len(text)
        graph = self._now.graph.with_files(told.items())
        self._now = replace(self._now, graph=graph, texts=texts)

    def configure(self, root: str, files: Mapping[str, bytes]) -> None:
        """The texts of files below a root that lead names of modules elsewhere; all that there are."""
        inside = f"{root.rstrip('/')}/"
        others = {path: text for path, text in self._configured.items() if not path.startswith(inside)}
        self._configure({**others, **files})

    def _configure(self, now: dict[str, bytes]) -> None:
        roots = frozenset(root.rstrip("/") for root in self._now.roots)
        if now != self._configured or roots != self._now.graph.configured.roots:
            self._configured = now
            graph = self._now.graph.with_configured(Configured.of(now, roots))
            self._now = replace(self._now, graph=graph)

    def know_packages(
        self, entries: Mapping[tuple[str, str], str], files: Iterable[tuple[str, FileFacts, bytes | None]]
    ) -> None:  # fmt: skip
        """(family, module) → file, and (path, facts, text) of files of installed packages."""
        packages = self._now.packages.with_files(entries, ((path, facts) for path, facts, _ in files))
        self._now = replace(self._now, packages=packages)

    def forget(self, path: str) -> None:
        """A file left the disk."""
        self._on_disk.pop(path, None)
        self._now = replace(self._now, texts=self._dropped(self._now.texts, path))
        if path not in self._now.files:
            self._now = replace(self._now, graph=self._now.graph.without(path))

    def on_disk(self, paths: Iterable[str]) -> list[str]:
        """What was read of these files, and of all that lies in those of them that are folders."""
        wanted = set(paths)
        if wanted <= self._on_disk.keys():
            return list(wanted)
        inside = {"": False}

        def is_inside(folder: str) -> bool:
            if folder not in inside:
                inside[folder] = folder in wanted or is_inside(folder.rpartition("/")[0])
            return inside[folder]

        return [path for path in self._on_disk if path in wanted or is_inside(path.rpartition("/")[0])]

    def _dropped(self, texts: Map[str, bytes], path: str) -> Map[str, bytes]:
        if (known := texts.get(path)) is None:
            return texts
        self._kept -= len(known)
        return texts.delete(path)

    def _put(self, file: File) -> None:
        graph = self._now.graph
        known = graph.files.get(file.path)
        if file.facts is None:
            graph = graph.without(file.path)
        elif known is not None and known.levels is file.facts.levels and known.leaves is file.facts.leaves:
            # nothing is new but its tree
            graph = graph.with_file(file.path, file.facts, [], [])
        else:
            graph = graph.with_file(file.path, file.facts)
        self._now = replace(self._now, files=self._now.files.set(file.path, file), graph=graph)

    def _inside(self, path: str) -> bool:
        return any(path == root or path.startswith(root.rstrip("/") + "/") for root in self._now.roots)
