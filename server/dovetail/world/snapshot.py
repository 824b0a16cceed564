"""One frozen moment: the open files, the graph, and "what if?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from immutables import Map

from dovetail.graph import FileFacts, Graph
from dovetail.graph.facts import Facts
from dovetail.graph.file import digest
from dovetail.graph.packages import Packages
from dovetail.syntax import Language, TooSlow, Tree, language_for
from dovetail.text import Change, Document, Edit, Span

TOO_LARGE = 2 * 1024 * 1024
"""Bytes above which a document is kept as text only."""
TOO_LONG_LINE = 1024 * 1024
"""Bytes of one line above which a document is kept as text only."""
_SLOW = "takes too long to parse: text only until it is opened again"


@dataclass(frozen=True, slots=True)
class Selection:
    """A place in a file: a cursor where the span is empty."""

    path: str
    span: Span

    @property
    def offset(self) -> int:
        return self.span.start


@dataclass(frozen=True, slots=True)
class File:
    """One version of one open file."""

    path: str
    document: Document
    version: int | None = None
    language: Language | None = None
    tree: Tree | None = None
    facts: FileFacts | None = None
    """None where there is no tree."""
    text_only: str = ""
    """Why there is no tree, in words that follow the file's name; "" where the language is merely unknown."""
    language_id: str = ""
    """What the editor calls the language; "" where nobody said."""

    @classmethod
    def open(
        cls, path: str, document: Document, version: int | None, language_id: str | None, known: FileFacts | None = None
    ) -> File:
        """Parse a file. One that is too large, binary or of an unknown language is text only.

        known: what its text is known to say.
        """
        language = language_for(path, language_id)
        reason = _refusal(document)
        if language is None or reason:
            return cls(path, document, version, language, text_only=reason, language_id=language_id or "")
        try:
            tree = Tree.tried(language, document)
        except TooSlow:
            return cls(path, document, version, language, text_only=_SLOW, language_id=language_id or "")
        same = known is not None and known.language == language.name
        facts = replace(known, tree=tree) if known is not None and same else FileFacts.of(tree)
        return cls(path, document, version, language, tree, facts, language_id=language_id or "")

    def is_one_of(self, language_ids: Sequence[str]) -> bool:
        """Whether its language is among these, as the editor calls it or by its own name."""
        own = self.language.language_ids[:1] if self.language is not None else ()
        return not {self.language_id, *own}.isdisjoint(language_ids)

    def edited(self, edit: Edit, document: Document | None = None) -> tuple[File, list[Facts], list[Facts]]:
        """The file after one edit, with the facts that went and those that came. `document`: its text by then."""
        document = self.document.edited(edit) if document is None else document
        if self.tree is None or self.facts is None:
            gone = self.text_only != _SLOW and not _refusal(document)
            if self.language is not None and gone:  # what kept it from being parsed
                return File.open(self.path, document, self.version, self._language_id), [], []
            return replace(self, document=document), [], []
        reason = _refusal(document, edit)
        if reason:
            return (
                replace(self, document=document, tree=None, facts=None, text_only=reason),
                [],
                [],
            )
        try:
            tree, changed = self.tree.edited(self.document, edit, document)
        except TooSlow:
            return replace(self, document=document, tree=None, facts=None, text_only=_SLOW), [], []
        facts, gone, come = self.facts.after(tree, edit, changed)
        return replace(self, document=document, tree=tree, facts=facts), gone, come

    def unread(self, document: Document) -> File:
        """The file with a text that went wrong where it was parsed; the next edit tries again."""
        return replace(self, document=document, tree=None, facts=None, text_only="could not be parsed: text only")

    def replaced(self, document: Document) -> tuple[File, list[Facts] | None, list[Facts] | None]:
        """The file with another text altogether."""
        if self.language is None:
            return replace(self, document=document), None, None
        return File.open(self.path, document, self.version, self._language_id), None, None

    @property
    def _language_id(self) -> str | None:
        return self.language_id or (self.language.language_ids[0] if self.language is not None else None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Never changes and never waits."""

    files: Map[str, File] = field(default_factory=lambda: Map[str, File]())
    """The open ones. A file that is only on disk has facts in the graph and no text here."""
    graph: Graph = field(default_factory=Graph)
    roots: tuple[str, ...] = ()
    project: str = ""
    """What the project is, in one line; "" until somebody has looked."""
    private: frozenset[str] = frozenset()
    """Open files that the project leaves out: what they say of themselves is shown where they are asked about alone."""
    packages: Packages = field(default_factory=Packages)
    """What the installed packages that the project imports say of themselves."""
    texts: Map[str, bytes] = field(default_factory=lambda: Map[str, bytes]())
    """What the scan read from disk, as far as `World` keeps it; an open file may differ."""

    def root_of(self, path: str) -> str:
        """The innermost folder of the workspace around a file, without a slash at its end; "" where there is none."""
        around = (root.rstrip("/") for root in self.roots if path.startswith(f"{root.rstrip('/')}/"))
        return max(around, key=len, default="")

    def may_show(self, path: str, about: str, *, away: bool) -> bool:
        """Whether what a file says may stand in a prompt that is about another one.

        Not where the project leaves it out; and in one for a model on another machine (`away`) only where both lie in
        the same folder of the workspace, for that one alone was asked about its trust.
        """
        if path == about:
            return True
        return path not in self.private and (not away or self.root_of(path) == self.root_of(about) != "")

    def file(self, path: str) -> File | None:
        return self.files.get(path)

    def opened(self, path: str) -> Snapshot | None:
        """As if a file that is only on disk were open, as the scan read it; None where it is not like that any more."""
        if path in self.files:
            return self
        text = self.texts.get(path) or self._unkept(path)
        if text is None:
            return None
        facts = self.graph.files.get(path)
        known = facts if facts is not None and facts.digest == digest(text) else None
        return replace(self, files=self.files.set(path, File.open(path, Document(text), None, None, known)))

    def _unkept(self, path: str) -> bytes | None:
        """The text of a file on disk that is too much to keep, as long as it is the one that was read."""
        facts = self.graph.files.get(path)
        data = self.graph.read(path) if facts is not None else None
        return data if facts is not None and data is not None and digest(data) == facts.digest else None

    def under(self, change: Change) -> Snapshot:
        """With every file of a change open, as far as their text is kept; what the change creates is empty."""
        snapshot = self
        for path in change.edits:
            if path in change.creates and path not in snapshot.files:
                file = File.open(path, Document(b""), None, None)
                graph = snapshot.graph.with_file(path, file.facts) if file.facts is not None else snapshot.graph
                snapshot = replace(snapshot, files=snapshot.files.set(path, file), graph=graph)
            else:
                snapshot = snapshot.opened(path) or snapshot
        return snapshot

    def after(self, change: Change) -> Snapshot:
        """What if? The snapshot after a change; a file that is not open is left alone."""
        files, graph = self.files, self.graph
        for path, edits in change.edits.items():
            file = files.get(path)
            if file is None:
                continue
            for edit in reversed(edits):
                file, gone, come = file.edited(edit)
                if file.facts is not None:
                    graph = graph.with_file(path, file.facts, gone, come)
            files = files.set(path, file)
        return replace(self, files=files, graph=graph)


def _refusal(document: Document, edit: Edit | None = None) -> str:
    """Why a document is not parsed; "" where it is. With `edit`, only what that edit can have spoilt."""
    if len(document) > TOO_LARGE:
        return f"is larger than {TOO_LARGE >> 20} MB: text only"
    looked_at = document.data if edit is None else edit.new
    if b"\0" in looked_at:
        return "contains NUL bytes, so it is taken for binary: text only"
    if len(looked_at) > TOO_LONG_LINE or edit is None:
        longest = int((document.line_starts[1:] - document.line_starts[:-1]).max(initial=0))
        last = len(document) - int(document.line_starts[-1])
        if max(longest, last) > TOO_LONG_LINE:
            return f"has a line longer than {TOO_LONG_LINE >> 20} MB: text only"
    return ""
