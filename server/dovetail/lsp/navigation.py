"""Symbols, definitions, references, hierarchies, folding: for editors in which nobody else serves them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t

from dovetail.features.references import places
from dovetail.graph import CLASSES, Reference, Symbol, by_caller, file_symbol, surest
from dovetail.graph.kept import keepers, promises_of
from dovetail.lsp import rename
from dovetail.lsp.convert import document_symbols, symbol_kind, to_path, to_uri
from dovetail.lsp.folding import folds
from dovetail.lsp.progress import cancellable
from dovetail.lsp.wire import Json
from dovetail.settings import Intelligence
from dovetail.text import Span

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


# ---- definitions and references -----------------------------------------------------------------


def _at(ls: Dovetail, document: t.TextDocumentIdentifier, position: t.Position) -> list[Symbol]:
    """What the name at a place means, local names included, by rule; else by its name alone."""
    path = to_path(document.uri)
    file = ls.snapshot().file(path)
    if file is None or file.facts is None:
        return []
    graph = ls.snapshot().graph
    offset = ls.encoding.offset(file.document, position)
    return list((graph.defined(path, offset) or graph.at(path, offset)).symbols[:20])


def _bound_at(ls: Dovetail, document: t.TextDocumentIdentifier, position: t.Position) -> list[Symbol]:
    """The same; where an import brings what nobody knows, the name that it binds."""
    if symbols := _at(ls, document, position):
        return symbols
    path = to_path(document.uri)
    snapshot = ls.snapshot()
    file = snapshot.file(path)
    if file is None:
        return []
    return list(snapshot.graph.imported_at(path, ls.encoding.offset(file.document, position)).symbols)


def _definition(ls: Dovetail, params: t.DefinitionParams) -> list[t.Location]:
    path = to_path(params.text_document.uri)
    file = ls.snapshot().file(path)
    led: tuple[Symbol, ...] = ()
    if file is not None and file.facts is not None:
        led = ls.snapshot().graph.leads(path, ls.encoding.offset(file.document, params.position)).symbols
    symbols = led or _at(ls, params.text_document, params.position)
    places = [_location(ls, symbol.path, symbol.name_span) for symbol in symbols]
    return [place for place in places if place is not None]


async def _references(ls: Dovetail, params: t.ReferenceParams) -> list[t.Location]:
    symbols = _bound_at(ls, params.text_document, params.position)
    if not symbols:
        return []
    symbol, graph = symbols[0], ls.snapshot().graph
    found = [(one.path, one.name_span) for one in graph.alike(symbol)] if params.context.include_declaration else []
    if graph.placed(symbol) is None and symbol.kind in ("variable", "parameter"):
        found += [(symbol.path, span) for span in graph.local_references(symbol)]
    else:
        found += [(one.path, one.span) for one in surest(await _named(ls, symbol, guessed=True))]
    locations: list[t.Location] = []
    for done, place in enumerate(found):
        if done % _TURN == _TURN - 1:
            await asyncio.sleep(0)  # the text of each file may come from disk
        if (location := _location(ls, *place)) is not None:
            locations.append(location)
    return locations


async def _named(ls: Dovetail, symbol: Symbol, *, guessed: bool) -> list[Reference]:
    """The places that name a symbol, its definition left out; what was left out is said."""
    async with cancellable(ls, f"Looking for {symbol.name}") as tell:
        found, _ = await ls.do(places(ls.snapshot().graph, symbol, guessed=guessed), symbol.path, tell)
    if found.left_out:
        ls.say(found.left_out)
    return found.references


def _highlights(ls: Dovetail, params: t.DocumentHighlightParams) -> list[t.DocumentHighlight]:
    symbols = _bound_at(ls, params.text_document, params.position)
    path = to_path(params.text_document.uri)
    document, graph = ls.document(path), ls.snapshot().graph
    if not symbols or document is None:
        return []
    symbol = symbols[0]
    spans = [one.name_span for one in graph.alike(symbol) if one.path == path]
    if graph.placed(symbol) is None and symbol.kind in ("variable", "parameter"):
        spans += graph.local_references(symbol)
    else:
        spans += [one.span for one in surest(graph.references_in(path, symbol))]
    return [
        t.DocumentHighlight(ls.encoding.range(document, span), t.DocumentHighlightKind.Text)
        for span in dict.fromkeys(spans)
    ]


def _symbols(ls: Dovetail, params: t.WorkspaceSymbolParams) -> list[t.SymbolInformation]:
    found: list[t.SymbolInformation] = []
    for symbol in ls.snapshot().graph.search(params.query, _MOST_SYMBOLS):
        if (place := _location(ls, symbol.path, symbol.name_span)) is not None:
            container = symbol.container or None
            found.append(t.SymbolInformation(place, symbol.name, symbol_kind(symbol), container_name=container))
    return found


# ---- hierarchies --------------------------------------------------------------------------------


def _call_hierarchy(ls: Dovetail, params: t.CallHierarchyPrepareParams) -> list[t.CallHierarchyItem]:
    kinds = ("function", "method", *CLASSES)
    items = [
        _call_item(ls, symbol) for symbol in _at(ls, params.text_document, params.position) if symbol.kind in kinds
    ]
    return [item for item in items if item is not None]


async def _incoming(ls: Dovetail, params: t.CallHierarchyIncomingCallsParams) -> list[t.CallHierarchyIncomingCall]:
    symbol = _symbol_of(ls, params.item.uri, params.item.selection_range)
    found: list[t.CallHierarchyIncomingCall] = []
    named = await _named(ls, symbol, guessed=False) if symbol else []
    for done, (caller, calls) in enumerate(by_caller(named, files=True)):
        if done % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        item, document = _call_item(ls, caller), ls.document(caller.path)
        if item is not None and document is not None:
            ranges = [ls.encoding.range(document, call.span) for call in calls]
            found.append(t.CallHierarchyIncomingCall(item, ranges))
    return found


def _outgoing(ls: Dovetail, params: t.CallHierarchyOutgoingCallsParams) -> list[t.CallHierarchyOutgoingCall]:
    symbol = _symbol_of(ls, params.item.uri, params.item.selection_range)
    document = ls.document(symbol.path) if symbol else None
    if symbol is None or document is None:
        return []
    found: list[t.CallHierarchyOutgoingCall] = []
    for callee, spans in ls.snapshot().graph.calls_of(symbol):
        if (item := _call_item(ls, callee)) is not None:
            found.append(t.CallHierarchyOutgoingCall(item, [ls.encoding.range(document, span) for span in spans]))
    return found


def _type_hierarchy(ls: Dovetail, params: t.TypeHierarchyPrepareParams) -> list[t.TypeHierarchyItem]:
    return _type_items(
        ls, [symbol for symbol in _at(ls, params.text_document, params.position) if symbol.kind in CLASSES]
    )


def _supertypes(ls: Dovetail, params: t.TypeHierarchySupertypesParams) -> list[t.TypeHierarchyItem]:
    symbol = _symbol_of(ls, params.item.uri, params.item.selection_range)
    if symbol is None:
        return []
    graph = ls.snapshot().graph
    bases = [base for _, base in graph.bases(symbol) if base is not None]
    return _type_items(ls, [*bases, *(one for one in promises_of(graph, symbol) if one not in bases)])


def _subtypes(ls: Dovetail, params: t.TypeHierarchySubtypesParams) -> list[t.TypeHierarchyItem]:
    symbol = _symbol_of(ls, params.item.uri, params.item.selection_range)
    if symbol is None:
        return []
    graph = ls.snapshot().graph
    below = graph.derived(symbol)
    return _type_items(ls, [*below, *(one for one in keepers(graph, symbol) if one not in below)])


def _symbol_of(ls: Dovetail, uri: str, selection: t.Range) -> Symbol | None:
    """The definition whose name an item of a hierarchy selects, the file where that is none; None where the text has
    moved since."""
    path, document = to_path(uri), ls.document(to_path(uri))
    if document is None:
        return None
    start = ls.encoding.span(document, selection).start
    if selection.start == selection.end and path in ls.snapshot().graph.files:
        return file_symbol(path)
    return next((s for s in ls.snapshot().graph.symbols(path) if s.name_span.start == start), None)


def _ranges(ls: Dovetail, symbol: Symbol) -> tuple[t.Range, t.Range] | None:
    document = ls.document(symbol.path)
    if document is None or symbol.span.end > len(document):
        return None
    if not len(symbol.name_span):  # a file as a whole
        return ls.encoding.range(document, Span(0, len(document))), ls.encoding.range(document, symbol.name_span)
    return ls.encoding.range(document, symbol.span), ls.encoding.range(document, symbol.name_span)


def _call_item(ls: Dovetail, symbol: Symbol) -> t.CallHierarchyItem | None:
    if (ranges := _ranges(ls, symbol)) is None:
        return None
    detail = symbol.container or None
    return t.CallHierarchyItem(symbol.name, symbol_kind(symbol), to_uri(symbol.path), *ranges, detail=detail)


def _type_items(ls: Dovetail, symbols: list[Symbol]) -> list[t.TypeHierarchyItem]:
    return [
        t.TypeHierarchyItem(symbol.name, symbol_kind(symbol), to_uri(symbol.path), *ranges)
        for symbol in symbols
        if (ranges := _ranges(ls, symbol)) is not None
    ]


def _location(ls: Dovetail, path: str, span: Span) -> t.Location | None:
    document = ls.document(path)
    if document is None or span.end > len(document):
        return None
    return t.Location(uri=to_uri(path), range=ls.encoding.range(document, span))
