"""UTF-16 positions, URIs and LSP's shapes; the only place that knows them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from lsprotocol import types as t
from pygls import uris

from dovetail.features.actions import Diagnostic
from dovetail.graph import CLASSES, FileFacts, Placed, Symbol
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
        units = text.encode("utf-16-le", "surrogatepass")
        cut = min(2 * character, len(units))
        if _inside_pair(units, cut):
            cut -= 2
        return line.start + len(units[:cut].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass"))

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


def _inside_pair(units: bytes, cut: int) -> bool:
    """True where a cut falls between the two halves of a surrogate pair."""
    return 2 <= cut < len(units) and 0xD8 <= units[cut - 1] <= 0xDB and 0xDC <= units[cut + 1] <= 0xDF


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
    """`DocumentSymbol[]` as JSON text: a template per definition, positions in one vector step.

    Through lsprotocol's classes the same costs fifty times as much on a large file.
    """
    shown = [p for p in facts.placed if _outlined(p)]
    if not shown:
        return "[]"
    document = file.document
    starts = document.line_starts
    offsets = np.array(
        [(p.base + p.definition.start, p.base + p.definition.end, p.base + p.definition.name_start,
          p.base + p.definition.name_end) for p in shown], dtype=np.int64,
    )  # fmt: skip
    lines = starts.searchsorted(offsets, "right") - 1
    columns = offsets - starts[lines]
    if encoding.kind != t.PositionEncodingKind.Utf8 and not document.data.isascii():
        for row, col in np.argwhere(columns > 0).tolist():
            offset, start = int(offsets[row, col]), int(starts[lines[row, col]])
            columns[row, col] = encoding.column(document.data[start:offset])
    out: list[str] = []
    open_ends: list[int] = []
    members: dict[int, bool] = {}
    for p, (start, end, _, _), at, column in zip(
        shown, offsets.tolist(), lines.tolist(), columns.tolist(), strict=True
    ):
        closing = 0
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
            closing += 1
        if out:
            out.append("]}" * closing + "," if closing else ("," if out[-1] != '"children":[' else ""))
        d = p.definition
        if d.parent >= 0:
            in_class = p.item.definitions[d.parent].kind in CLASSES
        elif (in_class := members.get(p.container)) is None:
            in_class = members[p.container] = facts.in_class(p.container)
        kind = _IN_CLASS.get(d.kind) if in_class else None
        kind = _OUTLINE[d.kind] if kind is None else kind
        places = (kind, at[0], column[0], at[1], column[1], at[2], column[2], at[3], column[3])
        out.append(_named(d.name, d.signature, d.kind) + _PLACES % places)
        out.append('"children":[')
        open_ends.append(end)
    out.append("]}" * len(open_ends))
    return "[" + "".join(out) + "]"


_quoted = json.dumps
_POSITION = '{"line":%d,"character":%d}'
_RANGE = f'{{"start":{_POSITION},"end":{_POSITION}}}'
_PLACES = f'"kind":%d,"range":{_RANGE},"selectionRange":{_RANGE},'


@lru_cache(maxsize=16384)
def _named(name: str, signature: str, kind: str) -> str:
    """The part of a symbol that a key elsewhere leaves alone."""
    return f'{{"name":{_quoted(name or "?")},"detail":{_detail(signature, kind)},'


def _outlined(placed: Placed) -> bool:
    """Fields that methods assign and variables inside functions are no part of the outline."""
    d = placed.definition
    if d.kind not in ("field", "variable", "constant") or d.parent < 0:
        return True
    return placed.item.definitions[d.parent].kind in CLASSES


def _detail(signature: str, kind: str) -> str:
    if kind != "function":
        return '""'
    opens = signature.find("(")
    return _quoted(signature[opens : opens + 200] if opens >= 0 else "")


# ---- requests -----------------------------------------------------------------------------------


def diagnostics(document: Document, encoding: Encoding, told: Sequence[t.Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(encoding.span(document, d.range), str(d.code or ""), str(d.message), d.source or "") for d in told
    )


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
