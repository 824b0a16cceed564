"""`textDocument/hover`: the graph's facts at once, the model's sentence within a small patience."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.features.hover import Hover, facts, hover, markdown
from dovetail.graph import Symbol
from dovetail.lsp.convert import to_path, to_uri
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


def register(server: Dovetail) -> None:
    sentences: OrderedDict[tuple[str, str, str], asyncio.Task[str]] = OrderedDict()

    @server.feature(t.TEXT_DOCUMENT_HOVER)
    async def hovered(ls: Dovetail, params: t.HoverParams) -> t.Hover | None:
        path = to_path(params.text_document.uri)
        snapshot = ls.snapshot()
        file = snapshot.file(path)
        if file is None or not ls.settings.hover.enabled:
            return None
        offset = ls.encoding.offset(file.document, params.position)
        at = Selection(path, Span(offset, offset))
        known = facts(snapshot, at)
        if known is None:
            return None
        if (said := await _sentence(ls, sentences, snapshot, at, known)) and ls.port.info:
            known = known.saying(said, ls.port.info.name)
        text = markdown(known, lambda symbol: _place(ls, symbol))
        contents = t.MarkupContent(kind=t.MarkupKind.Markdown, value=text)
        return t.Hover(contents=contents, range=ls.encoding.range(file.document, known.span))


async def _sentence(
    ls: Dovetail,
    sentences: OrderedDict[tuple[str, str, str], asyncio.Task[str]],
    snapshot: Snapshot,
    at: Selection,
    known: Hover,
) -> str:
    """The model's sentence if it comes in time; else it is there at the next hover."""
    info = ls.port.info
    symbol = known.symbol
    if info is None or symbol.doc or symbol.kind not in ("function", "method", "class"):
        return ""
    file = snapshot.file(symbol.path)
    if file is None:
        return ""  # its body is not at hand
    key = (symbol.path, symbol.qualified, file.document.text(symbol.span))
    if key not in sentences:

        async def ask() -> str:
            answer, _ = await ls.do(hover(snapshot, at, info))
            return answer.said if answer else ""

        sentences[key] = task = ls.spawn(ask())
        # a silence may have been chance (a busy or loading model): the next hover asks again
        task.add_done_callback(lambda done: None if _said(done) else sentences.pop(key, None))
        while len(sentences) > 200:
            sentences.popitem(last=False)
    task = sentences[key]
    await asyncio.wait([task], timeout=ls.settings.hover.patience_ms / 1000)
    return _said(task)


def _said(task: asyncio.Task[str]) -> str:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return ""
    return task.result()


def _place(ls: Dovetail, symbol: Symbol) -> tuple[str, str]:
    """Address and `file:line`, with the line where the text is at hand."""
    document = ls.document(symbol.path)
    line = document.line_at(symbol.name_span.start) + 1 if document else 1
    return f"{to_uri(symbol.path)}#L{line}", f"{symbol.path.rsplit('/', 1)[-1]}:{line}"
