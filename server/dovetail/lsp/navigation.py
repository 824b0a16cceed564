"""Symbols, definitions, references: for editors in which nobody else serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.lsp.convert import document_symbols, symbol_kind, to_path, to_uri
from dovetail.lsp.wire import Json
from dovetail.text import Span

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_MOST_SYMBOLS = 200


def register(server: Dovetail) -> None:
    server.feature(t.TEXT_DOCUMENT_DOCUMENT_SYMBOL)(_outline)
    server.feature(t.TEXT_DOCUMENT_DEFINITION)(_definition)
    server.feature(t.TEXT_DOCUMENT_REFERENCES)(_references)
    server.feature(t.WORKSPACE_SYMBOL)(_symbols)


def _outline(ls: Dovetail, params: t.DocumentSymbolParams) -> Json:
    file = ls.snapshot().file(to_path(params.text_document.uri))
    if file is None or file.facts is None:
        return Json("[]")
    return Json(document_symbols(file, file.facts, ls.encoding))


def _definition(ls: Dovetail, params: t.DefinitionParams) -> list[t.Location]:
    path = to_path(params.text_document.uri)
    file = ls.snapshot().file(path)
    if file is None:
        return []
    found = ls.snapshot().graph.at(path, ls.encoding.offset(file.document, params.position))
    places = [_location(ls, symbol.path, symbol.name_span) for symbol in found.symbols[:20]]
    return [place for place in places if place is not None]


def _references(ls: Dovetail, params: t.ReferenceParams) -> list[t.Location]:
    path = to_path(params.text_document.uri)
    file = ls.snapshot().file(path)
    if file is None:
        return []
    graph = ls.snapshot().graph
    found = graph.at(path, ls.encoding.offset(file.document, params.position))
    if not found:
        return []
    symbol = found.symbols[0]
    spans = [(symbol.path, symbol.name_span)] if params.context.include_declaration else []
    spans += [(r.path, r.span) for r in graph.references(symbol)]
    places = [_location(ls, *place) for place in spans]
    return [place for place in places if place is not None]


def _symbols(ls: Dovetail, params: t.WorkspaceSymbolParams) -> list[t.SymbolInformation]:
    """Names that hold the letters of the query in their order; the shortest first."""
    graph = ls.snapshot().graph
    query = params.query.lower()
    names = sorted((n for n in graph.definers if _holds(n.lower(), query)), key=lambda n: (len(n), n))
    found: list[t.SymbolInformation] = []
    for name in names:
        for symbol in graph.named(name):
            if (place := _location(ls, symbol.path, symbol.name_span)) is not None:
                found.append(
                    t.SymbolInformation(
                        location=place,
                        name=name,
                        kind=symbol_kind(symbol),
                        container_name=symbol.container or None,
                    )
                )
            if len(found) == _MOST_SYMBOLS:
                return found
    return found


def _holds(name: str, query: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in query)


def _location(ls: Dovetail, path: str, span: Span) -> t.Location | None:
    document = ls.document(path)
    if document is None or span.end > len(document):
        return None
    return t.Location(uri=to_uri(path), range=ls.encoding.range(document, span))
