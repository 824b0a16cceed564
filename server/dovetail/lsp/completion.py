"""`textDocument/inlineCompletion` (LSP 3.18): answered from what is known at once, else by the model between two keys.

A newer request supersedes the older one, which is answered `null`. While what is typed agrees with what was
shown, the rest is served; what was answered at a place before answers there again; and while a suggestion is on
the screen the one behind it is made ready.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t

from dovetail.context.evidence import Evidence
from dovetail.features.inline_completion import (
    Answers,
    Knobs,
    Quiet,
    Suggestion,
    inline_completion,
    is_deletion,
    next_line,
    rest_of,
    still_holds,
)
from dovetail.features.inline_completion.acceptance import Acceptance
from dovetail.features.inline_completion.rhythm import Rhythm
from dovetail.lsp.convert import to_path
from dovetail.model.ask import Answer, Ask, ModelInfo, Port, Silence, Stats, Status
from dovetail.model.two import for_typing
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import Selection, Snapshot

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_IDLE = 0.12
"""Seconds that a suggestion is on the screen before the next one is made ready."""
_LOOK_AGAIN = 30.0
"""Seconds after which it is looked whether what was accepted is still there."""


@dataclass(slots=True)
class _Typing:
    """What goes on in one file."""

    task: asyncio.Task[t.InlineCompletionList | None] | None = None
    ahead: asyncio.Task[None] | None = None
    shown: Suggestion | None = None
    document: Document | None = None
    """The text that `shown` was made for."""
    id: str = ""
    seen: Document | None = None
    """The text when it was asked last."""


class Completion:
    """What a session keeps for its suggestions."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.rhythm = Rhythm()
        self.acceptance = Acceptance()
        self.typing: dict[str, _Typing] = {}
        self._made_for: tuple[object, ...] = ()

    def current(self, *made_for: object) -> None:
        """Forget what was answered under other settings or by another model."""
        if made_for != self._made_for:
            self._made_for = made_for
            self.answers.clear()
            for now in self.typing.values():
                now.shown = None

    def close(self, path: str) -> None:
        now = self.typing.pop(path, None)
        if now is not None and now.ahead is not None:
            now.ahead.cancel()


def register(server: Dovetail) -> None:
    kept = server.completion
    server.on_close(kept.close)
    server.on_close(server.library.forget)

    @server.feature(t.TEXT_DOCUMENT_INLINE_COMPLETION, t.InlineCompletionOptions())
    async def inline(ls: Dovetail, params: t.InlineCompletionParams) -> t.InlineCompletionList | None:
        path = to_path(params.text_document.uri)
        ls.resting.leave()
        now = kept.typing.setdefault(path, _Typing())
        for older in (now.task, now.ahead):
            if older is not None and not older.done():
                older.cancel()  # a newer key: the older question is answered `null`, which keeps the ghost text
        task = asyncio.ensure_future(_answer(ls, now, path, params))
        now.task = task
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and now.task is not task:
                ls.statistics.answered["nobody: a newer key came"] += 1
                return None
            task.cancel()
            raise

    def shown(ls: Dovetail, params: Any) -> None:
        ls.counts["completion seen"] += 1

    def partly(ls: Dovetail, params: Any) -> None:
        ls.statistics.partly += 1

    def focus(ls: Dovetail, params: Any) -> None:
        """Somebody turns to a file: what `recall` needs of it is made ready."""
        document = getattr(params, "text_document", None) or getattr(params, "textDocument", None)
        uri = getattr(document, "uri", None)
        file = ls.snapshot().file(to_path(uri)) if isinstance(uri, str) else None
        if file is not None and file.tree is not None:
            ls.library.newest(file.path, file.document.data)

    def ignored(ls: Dovetail, params: Any) -> None:
        """Said by other servers to their clients; one that echoes it does no harm."""

    server.feature("textDocument/didShowCompletion")(shown)
    server.feature("textDocument/didPartiallyAcceptCompletion")(partly)
    server.feature("textDocument/didFocus")(focus)
    server.feature("didChangeStatus")(ignored)


def register_list(server: Dovetail) -> None:
    """The same suggestion as an item of the ordinary list, for clients that know no ghost text."""

    @server.feature(t.TEXT_DOCUMENT_COMPLETION, t.CompletionOptions())
    async def listed(ls: Dovetail, params: t.CompletionParams) -> t.CompletionList:
        asked = t.InlineCompletionParams(
            context=t.InlineCompletionContext(trigger_kind=t.InlineCompletionTriggerKind.Automatic),
            text_document=params.text_document,
            position=params.position,
        )
        path = to_path(params.text_document.uri)
        now = server.completion.typing.setdefault(path, _Typing())
        if now.ahead is not None:
            now.ahead.cancel()
        found = await _answer(ls, now, path, asked)
        file = ls.snapshot().file(path)
        items: list[t.CompletionItem] = []
        for item in found.items if found and file else ():
            assert file is not None
            assert item.range is not None
            text = str(item.insert_text)
            at = ls.encoding.span(file.document, item.range)
            line = file.document.text(Span(file.document.start_of(file.document.line_at(at.start)), at.start))
            word = line[len(line.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")) :]
            start = t.Position(item.range.start.line, item.range.start.character - len(word))
            items.append(
                t.CompletionItem(
                    label=(word + text).split("\n", 1)[0][:80],
                    kind=t.CompletionItemKind.Text,
                    detail="Dovetail",
                    filter_text=word + text,
                    text_edit=t.TextEdit(t.Range(start, item.range.end), word + text),
                    command=item.command,
                )
            )
        return t.CompletionList(is_incomplete=True, items=items)


def accepted(ls: Dovetail, name: str) -> None:
    """The editor took a suggestion; after a while it is looked whether it stayed."""
    ls.statistics.accept(name)
    ls.completion.acceptance.taken(name)
    for path, now in ls.completion.typing.items():
        if now.id == name and now.shown is not None:
            text = now.shown.text.strip().encode()

            def look(path: str = path, text: bytes = text) -> None:
                if file := ls.snapshot().file(path):
                    ls.statistics.looked += 1
                    ls.statistics.kept += text in file.document.data

            asyncio.get_running_loop().call_later(_LOOK_AGAIN, look)


async def _answer(
    ls: Dovetail, now: _Typing, path: str, params: t.InlineCompletionParams
) -> t.InlineCompletionList | None:
    began = time.perf_counter()
    kept, statistics, settings = ls.completion, ls.statistics, ls.settings.completion
    invoked = params.context.trigger_kind == t.InlineCompletionTriggerKind.Invoked
    statistics.asked += 1
    kept.rhythm.key(began)
    document = ls.world.text(path)
    if document is None:
        return _quiet(ls, "the file is not open")
    if not settings.enabled:
        return _quiet(ls, "suggestions are switched off")
    offset = ls.encoding.offset(document, params.position)
    at = Span(offset, offset)
    popup = params.context.selected_completion_info
    before, now.seen = now.seen, document
    if not invoked and popup is None and before is not None and is_deletion(before, document, offset):
        return _quiet(ls, "something was just taken back")
    model = for_typing(ls.port)
    info = model.info
    kept.current(settings, info)
    automatic = popup is None and not invoked
    if automatic and (ready := _typed_ahead(ls, now, document, at)):
        statistics.took("known", 1000 * (time.perf_counter() - began))
        return ready
    file = ls.snapshot().file(path)  # from here on the tree counts as well
    if file is not None and file.is_one_of(settings.off_in):
        return _quiet(ls, "suggestions are switched off")
    if automatic and (ready := _answered_before(ls, now, path, document, at)):
        statistics.took("known", 1000 * (time.perf_counter() - began))
        return ready
    snapshot, chosen = ls.snapshot(), at
    if popup is not None:  # what the editor's own list would insert counts as written: ghost text goes on from there
        chosen = ls.encoding.span(document, popup.range)
        snapshot = snapshot.after(Change.one(path, [Edit(chosen, popup.text.encode("utf-8", "surrogatepass"))]))
        end = chosen.start + len(popup.text.encode("utf-8", "surrogatepass"))
        at = Span(end, end)

    def still() -> bool:
        return ls.world.text(path) is document

    last = document.data[max(0, at.start - 1) : at.start]
    in_word = last.isalnum() or last == b"_" or last >= b"\x80"
    wait = 0.0 if invoked else kept.rhythm.wait(settings.debounce_ms / 1000, in_word=in_word)
    port = _Paced(model, wait, still)
    knobs = knobs_of(ls, invoked=invoked)
    if not invoked and popup is None and kept.answers.silent(path, document, at):
        knobs = replace(knobs, ask=False)
    try:
        said, stages = await ls.do(
            inline_completion(snapshot, Selection(path, at), info, knobs, ls.library), path, port=port
        )
    finally:
        statistics.with_model += port.asked
    if port.asked:
        kept.rhythm.answered(port.seconds)
    for phase, milliseconds in stages:
        statistics.took(phase, milliseconds)
    whole = 1000 * (time.perf_counter() - began)
    statistics.took("all but pause and model", whole - 1000 * (port.seconds + port.paused))
    statistics.took("with the model" if port.asked else "without the model", whole - 1000 * port.paused)
    if not still():
        statistics.answered["nobody: the text moved on"] += 1
        return None
    if isinstance(said, Quiet):
        if popup is None and not invoked:
            kept.answers.keep(path, document, at, said)
        statistics.answered["the model" if port.asked else "silence, without the model"] += 1
        return _quiet(
            ls, said.reason if info else model.status.reason or said.reason, said.evidence.with_stages(stages)
        )
    statistics.answered["the model" if port.asked else "the project"] += 1
    said = replace(said, evidence=said.evidence.with_stages(stages))
    if popup is not None:
        name = _shown(ls, said)
        text, others = popup.text + said.text, tuple(popup.text + other for other in said.others)
        return _list(ls, document, replace(said, span=chosen, text=text, others=others), name)
    kept.answers.keep(path, document, at, said)
    return _show(ls, now, path, document, said)


def _typed_ahead(ls: Dovetail, now: _Typing, document: Document, at: Span) -> t.InlineCompletionList | None:
    """The rest of what is on the screen. Texts are compared, nothing else."""
    if now.shown is None or now.document is None or not (rest := rest_of(now.shown, now.document, document, at)):
        return None
    ls.counts["completion without the model"] += 1
    ls.statistics.answered["typed ahead"] += 1
    return _list(ls, document, rest, now.id)


def _answered_before(
    ls: Dovetail, now: _Typing, path: str, document: Document, at: Span
) -> t.InlineCompletionList | None:
    """What was answered here before, if it still holds. No model, no search."""
    said = ls.completion.answers.find(path, document, at)
    if said is None or (isinstance(said, Suggestion) and not still_holds(ls.snapshot(), said)):
        return None
    ls.counts["completion without the model"] += 1
    ls.statistics.answered["answered before"] += 1
    return _quiet(ls, said.reason, said.evidence) if isinstance(said, Quiet) else _show(ls, now, path, document, said)


def _show(ls: Dovetail, now: _Typing, path: str, document: Document, said: Suggestion) -> t.InlineCompletionList:
    now.shown, now.document = said, document
    now.id = _shown(ls, said)
    info = for_typing(ls.port).info
    if ls.settings.completion.ahead and info is not None and info.fim is not None and not info.away:
        now.ahead = ls.spawn(_ahead(ls, path, ls.snapshot(), said))
    return _list(ls, document, said, now.id)


async def _ahead(ls: Dovetail, path: str, snapshot: Snapshot, said: Suggestion) -> None:
    """Make ready what follows once this suggestion is taken and a new line begun; a newer key cancels it."""
    await asyncio.sleep(_IDLE)
    model = for_typing(ls.port)
    if model.status.state != "ready":
        return
    after = snapshot.after(Change.one(path, [Edit(said.span, said.text.encode("utf-8", "surrogatepass"))]))
    file = after.file(path)
    if file is None or file.language is None:
        return
    end = said.span.start + len(said.text.encode("utf-8", "surrogatepass"))
    if file.document.slice(Span(end, file.document.line(file.document.line_at(end)).end)).strip():
        return  # the line goes on behind it
    new = next_line(file.document, file, end).encode()
    after = after.after(Change.one(path, [Edit(Span(end, end), new)]))
    file = after.file(path)
    assert file is not None
    at = Span(end + len(new), end + len(new))
    if ls.completion.answers.find(path, file.document, at) is not None:
        return
    port = _Paced(model, 0.0, lambda: True, prefetch=True)
    steps = inline_completion(after, Selection(path, at), model.info, knobs_of(ls, invoked=False), ls.library)
    next_said, stages = await ls.do(steps, path, port=port)
    ls.statistics.ahead += 1
    ls.completion.answers.keep(
        path, file.document, at, replace(next_said, evidence=next_said.evidence.with_stages(stages))
    )


def knobs_of(ls: Dovetail, *, invoked: bool) -> Knobs:
    settings = ls.settings.completion
    return Knobs(
        prompt_tokens=settings.prompt_tokens,
        patience=settings.patience_ms / 1000,
        confidence=settings.confidence,
        sure=ls.completion.acceptance.threshold(settings.chance),
        invoked=invoked,
        strings=settings.in_strings,
        comments=settings.in_comments,
    )


def _quiet(ls: Dovetail, reason: str, evidence: Evidence | None = None) -> t.InlineCompletionList:
    ls.keep("completion", evidence or Evidence("completion"), reason)
    ls.statistics.silent(reason)
    ls.send_status()
    return t.InlineCompletionList(items=[])


def _shown(ls: Dovetail, said: Suggestion) -> str:
    name = ls.keep("completion", said.evidence)
    ls.statistics.show(name, said.source)
    ls.completion.acceptance.shown(name, said.chance)
    return name


def _list(ls: Dovetail, document: Document, said: Suggestion, name: str) -> t.InlineCompletionList:
    accepted = t.Command(title="accepted", command="dovetail.accepted", arguments=[name])
    range = ls.encoding.range(document, said.span)
    return t.InlineCompletionList(
        items=[
            t.InlineCompletionItem(insert_text=text, range=range, command=accepted)
            for text in (said.text, *said.others)
        ]
    )


class _Paced:
    """The port, asked only once the person pauses, and not at all if the text moved on meanwhile."""

    def __init__(self, port: Port, wait: float, still: Callable[[], bool], *, prefetch: bool = False) -> None:
        self._port, self._wait, self._still, self._prefetch = port, wait, still, prefetch
        self.asked = False
        self.paused = 0.0
        self.seconds = 0.0
        """Spent waiting for the model, counting of tokens included."""

    @property
    def info(self) -> ModelInfo | None:
        return self._port.info

    @property
    def status(self) -> Status:
        return self._port.status

    @property
    def stats(self) -> Stats:
        return self._port.stats

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        began = time.perf_counter()
        if not self.asked and self._wait:
            await asyncio.sleep(self._wait)
            self.paused = time.perf_counter() - began
            began += self.paused
        if not self._still():
            return Silence("the text moved on", "cancelled")
        self.asked = True
        try:
            return await self._port.answer(replace(ask, purpose="prefetch") if self._prefetch else ask)
        finally:
            self.seconds += time.perf_counter() - began

    async def count(self, texts: Sequence[str]) -> list[int]:
        began = time.perf_counter()
        try:
            return await self._port.count(texts)
        finally:
            self.seconds += time.perf_counter() - began

    async def close(self) -> None:
        """The port is the server's."""
