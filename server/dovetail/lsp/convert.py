"""UTF-16 positions, URIs and LSP's shapes; the only place that knows them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from lsprotocol import types as t
from pygls import uris

from dovetail.features.actions import Diagnostic
from dovetail.graph import CLASSES, FileFacts, Symbol
from dovetail.graph.facts import Facts
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import File, Snapshot

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: C: is a drive

# ---- places -------------------------------------------------------------------------------------


def to_path(uri: str) -> str:
    """The file of a URI; a document without a file (`untitled:1`) is known by its URI."""
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path).as_posix() if path else uri


def to_uri(path: str) -> str:
    """The URI of a path of ours."""
    return uris.from_fs_path(path) or path if is_file(path) else path


def is_file(path: str) -> bool:
    """False where a path of ours is the URI of something that is no file on disk."""
    return not _SCHEME.match(path)


class Encoding:
    """Positions in the encoding that client and server agreed on (LSP 3.17, PositionEncodingKind)."""

    def __init__(self, kind: t.PositionEncodingKind | str = t.PositionEncodingKind.Utf16) -> None:
        self.kind = kind

    def offset(self, document: Document, position: t.Position) -> int:
        """The byte of a position. Past the end of a line is its end, past the last line the text's end."""
        if position.line >= document.lines:
            return len(document)
        line = document.line(position.line)
        data = document.slice(line)
        character = max(0, position.character)
        if self.kind == t.PositionEncodingKind.Utf8 or data.isascii():
            return line.start + min(character, len(data))
        text = _decoded(data)
        if self.kind == t.PositionEncodingKind.Utf32:
            return line.start + len(text[:character].encode("utf-8", "surrogatepass"))
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)  # halves that came apart stay so
        whole = int(np.cumsum(1 + (codes > 0xFFFF)).searchsorted(character, "right"))
        return line.start + len(text[:whole].encode("utf-8", "surrogatepass"))

    def position(self, document: Document, offset: int) -> t.Position:
        """The position of a byte."""
        line = document.line_at(offset)
        return t.Position(line, self.column(document.data[document.start_of(line) : offset]))

    def column(self, before: bytes) -> int:
        """The column after the bytes before it on its line."""
        if self.kind == t.PositionEncodingKind.Utf8 or before.isascii():
            return len(before)
        text = _decoded(before)
        if self.kind == t.PositionEncodingKind.Utf32:
            return len(text)
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def span(self, document: Document, range_: t.Range) -> Span:
        start, end = self.offset(document, range_.start), self.offset(document, range_.end)
        return Span(min(start, end), max(start, end))

    def range(self, document: Document, span: Span) -> t.Range:
        return t.Range(self.position(document, span.start), self.position(document, span.end))

    def edit(self, document: Document, change: t.TextDocumentContentChangeEvent) -> Edit | str:
        """One change of `didChange`; a `str` replaces the whole text."""
        if isinstance(change, t.TextDocumentContentChangeWholeDocument):
            return change.text
        return Edit(self.span(document, change.range), change.text.encode("utf-8", "surrogatepass"))


def _decoded(data: bytes) -> str:
    """Lone surrogates stay what they are; a file on disk may hold what is not UTF-8 at all."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


# ---- symbols ------------------------------------------------------------------------------------

_KINDS = {
    "function": t.SymbolKind.Function,
    "method": t.SymbolKind.Method,
    "class": t.SymbolKind.Class,
    "variable": t.SymbolKind.Variable,
    "field": t.SymbolKind.Field,
    "module": t.SymbolKind.Module,
    "interface": t.SymbolKind.Interface,
    "enum": t.SymbolKind.Enum,
    "type": t.SymbolKind.Struct,
    "constant": t.SymbolKind.Constant,
    "parameter": t.SymbolKind.Variable,
}
_OUTLINE = {kind: int(shown) for kind, shown in _KINDS.items()}
_IN_CLASS = {"function": int(t.SymbolKind.Method), "variable": int(t.SymbolKind.Field)}


def symbol_kind(symbol: Symbol) -> t.SymbolKind:
    return _KINDS[symbol.kind]


def document_symbols(file: File, facts: FileFacts, encoding: Encoding) -> str:
    """`DocumentSymbol[]` as JSON text: a template per item, positions in one vector step.

    Through lsprotocol's classes the same costs fifty times as much on a large file.
    """
    inside = [*(facts.in_class(index) for index in range(len(facts.shells))), False]  # the last is that of -1
    out: list[str] = []
    open_ends: list[int] = []
    bases: list[int] = []
    counts: list[int] = []
    places: list[bytes] = []
    for base, item, container in facts.ordered:
        if not item.definitions:
            continue
        drawn = _drawn(item, inside[container])
        if not drawn.shown:
            continue
        start, closing = base + drawn.start, 0
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
            closing += 1
        if closing:
            out.append("]}" * closing + ",")
        out.append(drawn.text)
        open_ends += [base + end for end in drawn.open_ends]
        bases.append(base)
        counts.append(drawn.shown)
        places.append(drawn.places)
    if not out:
        return "[]"
    out.append("]}" * len(open_ends))
    offsets = np.frombuffer(b"".join(places), np.int64).reshape(-1, 4) + np.repeat(bases, counts)[:, None]
    document = file.document
    starts = document.line_starts
    lines = starts.searchsorted(offsets, "right") - 1
    columns = offsets - starts[lines]
    if encoding.kind != t.PositionEncodingKind.Utf8 and not document.data.isascii():
        for row, col in np.argwhere(columns > 0).tolist():
            offset, start = int(offsets[row, col]), int(starts[lines[row, col]])
            columns[row, col] = encoding.column(document.data[start:offset])
    return f"[{''.join(out)}]" % tuple(np.stack((lines, columns), 2).ravel().tolist())


_quoted = json.dumps
_POSITION = '{"line":%d,"character":%d}'
_RANGE = f'{{"start":{_POSITION},"end":{_POSITION}}}'


class _Drawn(NamedTuple):
    """What an outline shows of an item, as far as a key elsewhere leaves it alone. Offsets from the item's start."""

    item: Facts
    text: str
    """With room for positions; what may hold what follows is left open."""
    start: int
    """Of the first that is shown."""
    open_ends: tuple[int, ...]
    """Where what is left open ends, the outermost first."""
    shown: int
    """How many are."""
    places: bytes
    """Start and end of each, then of its name."""


_MOST_DRAWN = 16384
_known: dict[tuple[int, bool], _Drawn] = {}
"""By the identity of the facts, which they keep alive, and whether they are of a class."""


def _drawn(item: Facts, in_class: bool) -> _Drawn:
    known = _known.get((id(item), in_class))
    if known is None:
        if len(_known) >= _MOST_DRAWN:
            _known.clear()
        known = _known[id(item), in_class] = _draw(item, in_class)
    return known


def _draw(item: Facts, in_class: bool) -> _Drawn:
    """Fields that methods assign and variables inside functions are no part of the outline."""
    out: list[str] = []
    open_ends: list[int] = []
    places: list[int] = []
    for d in item.definitions:
        held = item.definitions[d.parent].kind in CLASSES if d.parent >= 0 else in_class
        if d.parent >= 0 and not held and d.kind in ("field", "variable", "constant"):
            continue
        closing = 0
        while open_ends and open_ends[-1] <= d.start:
            open_ends.pop()
            closing += 1
        kind = _IN_CLASS.get(d.kind) if held else None
        kind = _OUTLINE[d.kind] if kind is None else kind
        said = f'{{"name":{_quoted(d.name or "?")},"detail":{_detail(d.signature, d.kind)},'.replace("%", "%%")
        between = "]}" * closing + "," if closing else ""
        out.append(f'{between}{said}"kind":{kind},"range":{_RANGE},"selectionRange":{_RANGE},"children":[')
        open_ends.append(d.end)
        places += (d.start, d.end, d.name_start, d.name_end)
    return _Drawn(
        item, "".join(out), places[0] if places else 0, tuple(open_ends), len(places) // 4,
        np.array(places, np.int64).tobytes(),
    )  # fmt: skip


def _detail(signature: str, kind: str) -> str:
    if kind != "function":
        return '""'
    opens = signature.find("(")
    return _quoted(signature[opens : opens + 200] if opens >= 0 else "")


# ---- requests -----------------------------------------------------------------------------------


def diagnostics(document: Document, encoding: Encoding, told: Sequence[t.Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(
            encoding.span(document, d.range), str(d.code or ""), str(d.message), d.source or "",
            d.code_description.href if d.code_description else "",
            tuple(
                (to_path(each.location.uri), each.location.range.start.line, each.message)
                for each in d.related_information or ()
            ),
        )
        for d in told
    )  # fmt: skip


# ---- edits --------------------------------------------------------------------------------------


def workspace_edit(
    snapshot: Snapshot, change: Change, encoding: Encoding, label: str, detail: str, *, annotate: bool
) -> t.WorkspaceEdit:
    """A versioned edit. `annotate`: ask the editor to show it before it applies (VS Code's preview)."""
    documents: list[Any] = []
    opened = snapshot.under(change)
    for path, edits in change.edits.items():
        file = opened.files[path]
        if path in change.creates:
            note = {"annotation_id": "dovetail"} if annotate else {}
            documents.append(t.CreateFile(to_uri(path), options=t.CreateFileOptions(ignore_if_exists=True), **note))
        changed: list[Any] = []
        for edit in edits:
            range_ = encoding.range(file.document, edit.span)
            text = edit.new.decode("utf-8", "replace")
            changed.append(
                t.AnnotatedTextEdit(annotation_id="dovetail", range=range_, new_text=text)
                if annotate
                else t.TextEdit(range=range_, new_text=text)
            )
        identifier = t.OptionalVersionedTextDocumentIdentifier(uri=to_uri(path), version=file.version)
        documents.append(t.TextDocumentEdit(text_document=identifier, edits=changed))
    annotations = {"dovetail": t.ChangeAnnotation(label=label, needs_confirmation=True, description=detail)}
    return t.WorkspaceEdit(document_changes=documents, change_annotations=annotations if annotate else None)
