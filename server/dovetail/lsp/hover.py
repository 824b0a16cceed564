"""`textDocument/hover`: the graph's facts at once, the model's sentence within a small patience."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.features.hover import facts, markdown
from dovetail.features.sentence import sentence
from dovetail.graph import Symbol
from dovetail.lsp.convert import to_path, to_uri
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_SPOKEN_OF = ("function", "method", "class")


class Sentences:
    """What the model said of symbols that say nothing of themselves, by their text; the newest of them."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[tuple[str, str, str], asyncio.Task[str]] = OrderedDict()
        self._wanted: set[asyncio.Task[str]] = set()
        """Those that a hover asked for."""

    def asked(self, ls: Dovetail, snapshot: Snapshot, symbol: Symbol) -> asyncio.Task[str] | None:
        """The sentence that is written of it, or was; None where there is nothing to write."""
        task = self._begun(ls, snapshot, symbol)
        for other in self._wanted - {task}:  # nobody looks there any more, and actions wait behind it
            self._forget(other)
            other.cancel()
        if task is not None and not task.done():
            self._wanted.add(task)
        return task

    async def ahead(self, ls: Dovetail, snapshot: Snapshot, at: Selection) -> None:
        """Have it written before anybody asks. Cancelling this gives it up, unless a hover waits for it by then."""
        found = snapshot.graph.at(at.path, at.offset)  # and not all that a hover tells: somebody may type by now
        if not found:
            return
        task = self._begun(ls, snapshot, found.symbols[0])
        if task is None:
            return
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            if task not in self._wanted:
                self._forget(task)
                task.cancel()
            raise

    def _begun(self, ls: Dovetail, snapshot: Snapshot, symbol: Symbol) -> asyncio.Task[str] | None:
        info = ls.port.info
        if info is None or symbol.doc or symbol.kind not in _SPOKEN_OF or symbol.path in snapshot.private:
            return None
        file = snapshot.file(symbol.path)
        if file is None:
            return None  # its body is not at hand
        key = (symbol.path, symbol.qualified, file.document.text(symbol.span))
        if key not in self._tasks:

            async def ask() -> str:
                store = None if "attempts" in ls.settings.actions.off else ls.kept.store(ls, symbol.path)
                said, _ = await ls.do(sentence(snapshot, symbol, info), symbol.path, memo=store)
                return said or ""

            self._tasks[key] = task = ls.spawn(ask())
            task.add_done_callback(self._done)
            while len(self._tasks) > 200:
                self._tasks.popitem(last=False)
        return self._tasks[key]

    def _done(self, task: asyncio.Task[str]) -> None:
        self._wanted.discard(task)
        if not _said(task):  # which may have been chance (a busy or loading model): the next hover asks again
            self._forget(task)

    def _forget(self, task: asyncio.Task[str]) -> None:
        for key in [key for key, known in self._tasks.items() if known is task]:
            del self._tasks[key]


def register(server: Dovetail) -> None:
    @server.feature(t.TEXT_DOCUMENT_HOVER)
    async def hovered(ls: Dovetail, params: t.HoverParams) -> t.Hover | None:
        path = to_path(params.text_document.uri)
        snapshot = ls.snapshot()
        file = snapshot.file(path)
        if file is None or not ls.settings.hover.enabled:
            return None
        offset = ls.encoding.offset(file.document, params.position)
        at = Selection(path, Span(offset, offset))
        known, _ = await ls.do(facts(snapshot, at), path)
        if known is None:
            return None
        if (said := await _sentence(ls, snapshot, known.symbol)) and ls.port.info:
            known = known.saying(said, ls.port.info.name)
        text = markdown(known, lambda symbol: _place(ls, symbol))
        contents = t.MarkupContent(kind=t.MarkupKind.Markdown, value=text)
        return t.Hover(contents=contents, range=ls.encoding.range(file.document, known.span))


async def _sentence(ls: Dovetail, snapshot: Snapshot, symbol: Symbol) -> str:
    """The model's sentence if it comes in time; else it is there at the next hover."""
    task = ls.sentences.asked(ls, snapshot, symbol)
    if task is None:
        return ""
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
