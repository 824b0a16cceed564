"""`textDocument/inlineCompletion` (LSP 3.18): debounced, superseded here, typed-ahead without the model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.context.evidence import Evidence
from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion, rest_of
from dovetail.lsp.convert import to_path
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import Selection

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


@dataclass(slots=True)
class _Typing:
    """What goes on in one file."""

    task: asyncio.Task[t.InlineCompletionList | None] | None = None
    shown: Suggestion | None = None
    document: Document | None = None
    """The text that `shown` was made for."""
    id: str = ""


def register(server: Dovetail) -> None:
    typing: dict[str, _Typing] = {}
    server.on_close(lambda path: typing.pop(path, None))

    @server.feature(t.TEXT_DOCUMENT_INLINE_COMPLETION, t.InlineCompletionOptions())
    async def inline(ls: Dovetail, params: t.InlineCompletionParams) -> t.InlineCompletionList | None:
        path = to_path(params.text_document.uri)
        now = typing.setdefault(path, _Typing())
        if now.task is not None and not now.task.done():
            now.task.cancel()  # a newer key: the older question is answered `null`, which keeps the ghost text
        task = asyncio.ensure_future(_answer(ls, now, path, params))
        now.task = task
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and now.task is not task:
                return None
            task.cancel()
            raise


async def _answer(
    ls: Dovetail, now: _Typing, path: str, params: t.InlineCompletionParams
) -> t.InlineCompletionList | None:
    nothing = t.InlineCompletionList(items=[])
    invoked = params.context.trigger_kind == t.InlineCompletionTriggerKind.Invoked
    file = ls.snapshot().file(path)
    settings = ls.settings.completion
    if file is None:
        return _quiet(ls, "the file is not open")
    language_id = file.language.language_ids[0] if file.language else ""
    if not settings.enabled or language_id in settings.off_in:
        return _quiet(ls, "suggestions are switched off")
    offset = ls.encoding.offset(file.document, params.position)
    at = Span(offset, offset)
    if now.shown is not None and now.document is not None and params.context.selected_completion_info is None:
        if rest := rest_of(now.shown, now.document, file.document, at):
            ls.counts["completion without the model"] += 1
            return _list(ls, file.document, rest, now.id)
    document = file.document
    if not invoked and settings.debounce_ms:
        await asyncio.sleep(settings.debounce_ms / 1000)
        if not _still(ls, path, document):
            return None
    knobs = Knobs(
        prompt_tokens=settings.prompt_tokens,
        patience=settings.patience_ms / 1000,
        confidence=settings.confidence,
        invoked=invoked,
    )
    info = ls.port.info
    chosen = at
    snapshot, popup = ls.snapshot(), params.context.selected_completion_info
    if popup is not None:  # what the editor's own list would insert counts as written: ghost text goes on from there
        chosen = ls.encoding.span(document, popup.range)
        snapshot = snapshot.after(Change.one(path, [Edit(chosen, popup.text.encode("utf-8", "surrogatepass"))]))
        end = chosen.start + len(popup.text.encode("utf-8", "surrogatepass"))
        at = Span(end, end)
    said, stages = await ls.do(inline_completion(snapshot, Selection(path, at), info, knobs))
    evidence = said.evidence.with_stages(stages)
    if not _still(ls, path, document):
        return None
    if not isinstance(said, Suggestion):
        ls.keep("completion", evidence, said.reason if info else ls.port.status.reason or said.reason)
        ls.send_status()
        return nothing
    if popup is not None:
        name = ls.keep("completion", evidence)
        return _list(ls, document, replace(said, span=chosen, text=popup.text + said.text), name)
    now.shown, now.document = said, document
    now.id = ls.keep("completion", evidence)
    return _list(ls, document, said, now.id)


def _still(ls: Dovetail, path: str, document: Document) -> bool:
    """False where the text has moved since it was looked at."""
    file = ls.snapshot().file(path)
    return file is not None and file.document is document


def _quiet(ls: Dovetail, reason: str) -> t.InlineCompletionList:
    ls.keep("completion", Evidence("completion"), reason)
    ls.send_status()
    return t.InlineCompletionList(items=[])


def _list(ls: Dovetail, document: Document, said: Suggestion, name: str) -> t.InlineCompletionList:
    accepted = t.Command(title="accepted", command="dovetail.accepted", arguments=[name])
    item = t.InlineCompletionItem(insert_text=said.text, range=ls.encoding.range(document, said.span), command=accepted)
    return t.InlineCompletionList(items=[item])
