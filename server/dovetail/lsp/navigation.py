"""Symbols, definitions, references, hierarchies, folding: for editors in which nobody else serves them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t

from dovetail.features.references import places
from dovetail.graph import CLASSES, Graph, Reference, Symbol, by_caller, file_symbol, surest
from dovetail.graph.kept import keepers, promises_of
from dovetail.lsp import rename
from dovetail.lsp.convert import document_symbols, symbol_kind, to_path, to_uri
from dovetail.lsp.folding import folds
from dovetail.lsp.progress import cancellable
from dovetail.lsp.wire import Json
from dovetail.settings import Intelligence
from dovetail.text import Document, Span

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_MOST_SYMBOLS = 200
_TURN = 100
"""Places after which others may go first."""


def register(server: Dovetail, off: Collection[Intelligence] = ()) -> None:
    """off: what another server serves."""
    served: dict[Intelligence, list[tuple[str, Callable[..., Any]]]] = {
        "outline": [(t.TEXT_DOCUMENT_DOCUMENT_SYMBOL, _outline)],
        "symbols": [(t.WORKSPACE_SYMBOL, _symbols)],
        "definition": [(t.TEXT_DOCUMENT_DEFINITION, _definition)],
        "references": [(t.TEXT_DOCUMENT_REFERENCES, _references)],
        "highlight": [(t.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, _highlights)],
        "folding": [(t.TEXT_DOCUMENT_FOLDING_RANGE, folds)],
        "calls": [
            (t.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, _call_hierarchy),
            (t.CALL_HIERARCHY_INCOMING_CALLS, _incoming),
            (t.CALL_HIERARCHY_OUTGOING_CALLS, _outgoing),
        ],
        "types": [
            (t.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY, _type_hierarchy),
            (t.TYPE_HIERARCHY_SUPERTYPES, _supertypes),
            (t.TYPE_HIERARCHY_SUBTYPES, _subtypes),
        ],
    }
    for name, handlers in served.items():
        for method, handler in handlers if name not in off else ():
            server.feature(method)(handler)
    if "rename" not in off:
        rename.register(server)


def _outline(ls: Dovetail, params: t.DocumentSymbolParams) -> Json:
    file = ls.snapshot().file(to_path(params.text_document.uri))
    if file is None or file.facts is None:
        return Json("[]")
    return Json(document_symbols(file, file.facts, ls.encoding))


class _Moment:
    """What is known when a request comes, whatever is typed while it is answered: places are those of these texts."""

    def __init__(self, ls: Dovetail) -> None:
        self._ls, self._snapshot = ls, ls.snapshot()
        self.graph = self._snapshot.graph

    def document(self, path: str) -> Document | None:
        """The text of a file: that of the moment where it was open, else the disk's."""
        file = self._snapshot.file(path)
        return file.document if file is not None else self._ls.document(path)

    def symbols_at(self, document: t.TextDocumentIdentifier, position: t.Position) -> list[Symbol]:
        """What the name at a place means, local names included, by rule; else by its name alone."""
        path = to_path(document.uri)
        file = self._snapshot.file(path)
        if file is None or file.facts is None:
            return []
        offset = self._ls.encoding.offset(file.document, position)
        graph = self.graph
        found = graph.defined(path, offset) or graph.at(path, offset) or graph.perhaps(path, offset)
        return list(found.symbols[:20])

    def bound_at(self, document: t.TextDocumentIdentifier, position: t.Position) -> list[Symbol]:
        """The same; where an import brings what nobody knows, the name that it binds."""
        if symbols := self.symbols_at(document, position):
            return symbols
        path = to_path(document.uri)
        file = self._snapshot.file(path)
        if file is None:
            return []
        return list(self.graph.imported_at(path, self._ls.encoding.offset(file.document, position)).symbols)

    def leads(self, document: t.TextDocumentIdentifier, position: t.Position) -> tuple[Symbol, ...]:
        path = to_path(document.uri)
        file = self._snapshot.file(path)
        if file is None or file.facts is None:
            return ()
        return self.graph.leads(path, self._ls.encoding.offset(file.document, position)).symbols

    def selected(self, uri: str, selection: t.Range) -> Symbol | None:
        """The definition whose name an item of a hierarchy selects, the file where that is none; None where the text
        has moved since."""
        path = to_path(uri)
        document = self.document(path)
        if document is None:
            return None
        start = self._ls.encoding.span(document, selection).start
        if selection.start == selection.end and path in self.graph.files:
            return file_symbol(path)
        return next((s for s in self.graph.symbols(path) if s.name_span.start == start), None)

    def location(self, path: str, span: Span) -> t.Location | None:
        range_ = self.range(path, span)
        return t.Location(uri=to_uri(path), range=range_) if range_ is not None else None

    def range(self, path: str, span: Span) -> t.Range | None:
        document = self.document(path)
        if document is None or span.end > len(document):
            return None
        return self._ls.encoding.range(document, span)

    def ranges(self, symbol: Symbol) -> tuple[t.Range, t.Range] | None:
        document = self.document(symbol.path)
        if document is None:
            return None
        span = Span(0, len(document)) if symbol.is_file else symbol.span
        whole, name = self.range(symbol.path, span), self.range(symbol.path, symbol.name_span)
        return (whole, name) if whole is not None and name is not None else None

    def call_item(self, symbol: Symbol) -> t.CallHierarchyItem | None:
        if (ranges := self.ranges(symbol)) is None:
            return None
        detail = symbol.container or None
        return t.CallHierarchyItem(symbol.name, symbol_kind(symbol), to_uri(symbol.path), *ranges, detail=detail)

    def type_items(self, symbols: list[Symbol]) -> list[t.TypeHierarchyItem]:
        return [
            t.TypeHierarchyItem(symbol.name, symbol_kind(symbol), to_uri(symbol.path), *ranges)
            for symbol in symbols
            if (ranges := self.ranges(symbol)) is not None
        ]


# ---- definitions and references -----------------------------------------------------------------


def _definition(ls: Dovetail, params: t.DefinitionParams) -> list[t.Location]:
    now = _Moment(ls)
    where = params.text_document, params.position
    places = [now.location(one.path, one.name_span) for one in now.leads(*where) or now.symbols_at(*where)]
    return [place for place in places if place is not None]


async def _references(ls: Dovetail, params: t.ReferenceParams) -> list[t.Location]:
    now = _Moment(ls)
    symbols = now.bound_at(params.text_document, params.position)
    if not symbols:
        return []
    symbol, graph = symbols[0], now.graph
    found = [(one.path, one.name_span) for one in graph.alike(symbol)] if params.context.include_declaration else []
    if graph.placed(symbol) is None and symbol.kind in ("variable", "parameter"):
        found += [(symbol.path, span) for span in graph.local_references(symbol)]
    else:
        found += [(one.path, one.span) for one in surest(await _named(ls, graph, symbol, guessed=True))]
    locations: list[t.Location] = []
    for done, place in enumerate(found):
        if done % _TURN == _TURN - 1:
            await asyncio.sleep(0)  # the text of each file may come from disk
        if (location := now.location(*place)) is not None:
            locations.append(location)
    return locations


async def _named(ls: Dovetail, graph: Graph, symbol: Symbol, *, guessed: bool) -> list[Reference]:
    """The places that name a symbol, its definition left out; what was left out is said."""
    async with cancellable(ls, f"Looking for {symbol.name}") as tell:
        found, _ = await ls.do(places(graph, symbol, guessed=guessed), symbol.path, tell)
    if found.left_out:
        ls.say(found.left_out)
    return found.references


def _highlights(ls: Dovetail, params: t.DocumentHighlightParams) -> list[t.DocumentHighlight]:
    now, path = _Moment(ls), to_path(params.text_document.uri)
    symbols, graph = now.bound_at(params.text_document, params.position), now.graph
    if not symbols:
        return []
    symbol = symbols[0]
    spans = [one.name_span for one in graph.alike(symbol) if one.path == path]
    if graph.placed(symbol) is None and symbol.kind in ("variable", "parameter"):
        spans += graph.local_references(symbol)
    else:
        spans += [one.span for one in surest(graph.references_in(path, symbol))]
    ranges = [now.range(path, span) for span in dict.fromkeys(spans)]
    return [t.DocumentHighlight(one, t.DocumentHighlightKind.Text) for one in ranges if one is not None]


def _symbols(ls: Dovetail, params: t.WorkspaceSymbolParams) -> list[t.SymbolInformation]:
    now = _Moment(ls)
    found: list[t.SymbolInformation] = []
    for symbol in now.graph.search(params.query, _MOST_SYMBOLS):
        if (place := now.location(symbol.path, symbol.name_span)) is not None:
            container = symbol.container or None
            found.append(t.SymbolInformation(place, symbol.name, symbol_kind(symbol), container_name=container))
    return found


# ---- hierarchies --------------------------------------------------------------------------------


def _call_hierarchy(ls: Dovetail, params: t.CallHierarchyPrepareParams) -> list[t.CallHierarchyItem]:
    now, kinds = _Moment(ls), ("function", "method", *CLASSES)
    symbols = now.symbols_at(params.text_document, params.position)
    items = [now.call_item(symbol) for symbol in symbols if symbol.kind in kinds]
    return [item for item in items if item is not None]


async def _incoming(ls: Dovetail, params: t.CallHierarchyIncomingCallsParams) -> list[t.CallHierarchyIncomingCall]:
    now = _Moment(ls)
    symbol = now.selected(params.item.uri, params.item.selection_range)
    found: list[t.CallHierarchyIncomingCall] = []
    named = await _named(ls, now.graph, symbol, guessed=False) if symbol else []
    for done, (caller, calls) in enumerate(by_caller(named, files=True)):
        if done % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        if (item := now.call_item(caller)) is not None:
            ranges = [now.range(caller.path, call.span) for call in calls]
            found.append(t.CallHierarchyIncomingCall(item, [one for one in ranges if one is not None]))
    return found


def _outgoing(ls: Dovetail, params: t.CallHierarchyOutgoingCallsParams) -> list[t.CallHierarchyOutgoingCall]:
    now = _Moment(ls)
    symbol = now.selected(params.item.uri, params.item.selection_range)
    found: list[t.CallHierarchyOutgoingCall] = []
    for callee, spans in now.graph.calls_of(symbol) if symbol is not None else ():
        if symbol is not None and (item := now.call_item(callee)) is not None:
            ranges = [now.range(symbol.path, span) for span in spans]
            found.append(t.CallHierarchyOutgoingCall(item, [one for one in ranges if one is not None]))
    return found


def _type_hierarchy(ls: Dovetail, params: t.TypeHierarchyPrepareParams) -> list[t.TypeHierarchyItem]:
    now = _Moment(ls)
    symbols = now.symbols_at(params.text_document, params.position)
    return now.type_items([symbol for symbol in symbols if symbol.kind in CLASSES])


def _supertypes(ls: Dovetail, params: t.TypeHierarchySupertypesParams) -> list[t.TypeHierarchyItem]:
    now = _Moment(ls)
    symbol = now.selected(params.item.uri, params.item.selection_range)
    if symbol is None:
        return []
    bases = [base for _, base in now.graph.bases(symbol) if base is not None]
    return now.type_items([*bases, *(one for one in promises_of(now.graph, symbol) if one not in bases)])


def _subtypes(ls: Dovetail, params: t.TypeHierarchySubtypesParams) -> list[t.TypeHierarchyItem]:
    now = _Moment(ls)
    symbol = now.selected(params.item.uri, params.item.selection_range)
    if symbol is None:
        return []
    below = now.graph.derived(symbol)
    return now.type_items([*below, *(one for one in keepers(now.graph, symbol) if one not in below)])
