"""Code actions: the menu without the model, the meal at `codeAction/resolve`.

Text that moves meanwhile costs nothing but the checks: what was chosen is found again in the text as it is, made anew
with what the model had said, and refused in words where what was typed is where it would change something.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t
from pydantic import BaseModel, ConfigDict, ValidationError
from pygls.exceptions import JsonRpcException

from dovetail.features.actions import (
    Action,
    Diagnostic,
    Edited,
    Offer,
    Refused,
    Request,
    Result,
    actions,
    offers,
)
from dovetail.features.actions.carried import Heard, carried, hearing, moved, untouched
from dovetail.features.follow_up import about
from dovetail.lsp.convert import diagnostics, to_path, workspace_edit
from dovetail.lsp.progress import cancellable
from dovetail.lsp.resting import rests
from dovetail.lsp.sync import whole
from dovetail.lsp.tests import tester
from dovetail.model.ask import no_tests
from dovetail.text import Document, Span
from dovetail.world import File, Selection, Snapshot

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_KINDS = [
    t.CodeActionKind.QuickFix,
    t.CodeActionKind.Refactor,
    t.CodeActionKind.RefactorExtract,
    t.CodeActionKind.RefactorRewrite,
]


_TESTS = 5
"""Times the patience where tests are run."""
_TRIES = 4
"""How often an action is made for text that goes on moving."""
_TEXTS = 32


Told = tuple[tuple[int, int, str, str, str, str, tuple[tuple[str, int, str], ...]], ...]
"""Diagnostics as plain data."""


class Row(BaseModel):
    """What a row of the menu needs to be cooked; travels through the editor as `data`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    uri: str
    version: int | None
    action: str
    title: str
    start: int
    end: int
    target_start: int
    target_end: int
    offer: tuple[tuple[str, str], ...] = ()
    diagnostics: Told = ()


Stages = list[tuple[str, float]]


@dataclass(slots=True)
class Meal:
    """What is made for one row of the menu, from one moment."""

    row: Row
    """At its places in that moment's text."""
    snapshot: Snapshot
    heard: Heard
    task: asyncio.Task[tuple[Result, Stages]]
    waiters: int = 0
    shown: str = ""
    """Its name, once it was handed out."""


Meals = OrderedDict[Row, Meal]


@dataclass(slots=True)
class Offered:
    """The texts that rows of the menu speak of, the newest few."""

    _texts: OrderedDict[tuple[str, int | None], Document] = field(
        default_factory=OrderedDict[tuple[str, int | None], Document]
    )

    def note(self, file: File) -> None:
        self._texts[file.path, file.version] = file.document
        self._texts.move_to_end((file.path, file.version))
        while len(self._texts) > _TEXTS:
            self._texts.popitem(last=False)

    def text(self, path: str, version: int | None) -> Document | None:
        return self._texts.get((path, version))


def register(server: Dovetail) -> None:
    meals: Meals = OrderedDict()
    options = t.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True)

    @server.feature(t.TEXT_DOCUMENT_CODE_ACTION, options)
    async def menu(ls: Dovetail, params: t.CodeActionParams) -> list[t.CodeAction]:
        path = to_path(params.text_document.uri)
        file = ls.snapshot().file(path)
        if file is None or not ls.settings.actions.enabled:
            return []
        told = diagnostics(file.document, ls.encoding, params.context.diagnostics)
        at = Selection(path, ls.encoding.span(file.document, params.range))
        if params.context.trigger_kind != t.CodeActionTriggerKind.Invoked:
            rests(ls, at)
        if params.context.trigger_kind != t.CodeActionTriggerKind.Automatic:
            told += await ls.lints.at(ls, file, at.span, told)
            now = ls.snapshot().file(path)
            if now is None or now.document is not file.document:
                return []  # typed in meanwhile: the rows would speak of another text
        request = request_at(ls, at, told)
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        return [
            _row(ls, file, params, request, action, offer)
            for action, offer in sorted(offers(ls.snapshot(), request, only), key=_place)
            if not offer.disabled or _shows_disabled(ls)
        ]

    @server.feature(t.CODE_ACTION_RESOLVE)
    async def resolve(ls: Dovetail, row: t.CodeAction) -> t.CodeAction:
        """Idempotent; a repeat is answered from what was made before."""
        if row.data is None:  # VS Code resolves rows that need nothing, too
            return row
        try:
            asked = Row.model_validate(plain(row.data))
        except ValidationError:
            raise ls.refuse("this row did not come from Dovetail", -32602) from None
        result, shown = await cook(ls, meals, asked)
        if isinstance(result, Edited):
            row.edit = workspace_edit(
                ls.snapshot(), result.change, ls.encoding, row.title, result.told, annotate=ls.annotates
            )
            row.command = t.Command(title="accepted", command="dovetail.accepted", arguments=[shown])
            if result.by_model and _shows_tags(ls):
                row.tags = [t.CodeActionTag.LlmGenerated]
            elif result.by_model and not ls.annotates:  # nothing else would tell
                row.command.arguments = [shown, f"{row.title}: {result.author}"]
        elif isinstance(result, Refused):
            row.disabled = t.CodeActionDisabled(reason=result.reason)
            row.command = t.Command(title="why not", command="dovetail.tell", arguments=[result.reason])
        return row

    async def make(ls: Dovetail, *arguments: Any) -> dict[str, Any]:
        """For clients that cannot resolve: make the edit and hand it over. What it is, and who wrote it."""
        try:
            asked = Row.model_validate(plain(arguments[0]) if arguments else None)
        except ValidationError:
            raise ls.refuse("dovetail.make takes a row of the menu", -32602) from None
        result, shown = await cook(ls, meals, asked)
        if isinstance(result, Edited):
            edit = workspace_edit(ls.snapshot(), result.change, ls.encoding, asked.title, result.told, annotate=False)
            label = f"{asked.title} ({result.author})" if result.author else asked.title
            told: dict[str, Any] = {"id": shown, "text": result.told, "byModel": result.by_model}
            try:
                done = await ls.workspace_apply_edit_async(t.ApplyWorkspaceEditParams(edit=edit, label=label))
            except JsonRpcException:
                return {**told, "applied": False}  # some clients answer a "no" with an error
            if done.applied:
                ls.counts[f"{asked.action} accepted"] += 1
                ls.kept.accepted(ls, shown)
                if result.author:
                    ls.say(label)
            return {**told, "applied": done.applied}
        if isinstance(result, Refused):
            ls.say(result.reason)
            return {"id": shown, "text": result.reason, "byModel": False, "applied": False}
        return {}

    server.serve_command("dovetail.make", make)


async def cook(ls: Dovetail, meals: Meals, asked: Row) -> tuple[Result, str]:
    """Make what a row promises, once; again where the text moved meanwhile. The result is one for the text as it is."""
    began: Snapshot | None = None
    if any(action.whole for action in actions() if action.name == asked.action):
        await whole(ls, asked.title)
    for _ in range(_TRIES):
        meal = meals.get(asked)
        if meal is None or not _holds(meal.task) or _has_moved(ls, meal, asked):
            heard: Heard = meal.heard if meal is not None and _has_moved(ls, meal, asked) else []
            row, snapshot = _now(ls, asked), ls.snapshot()
            meal = meals[asked] = Meal(row, snapshot, heard, ls.spawn(_made(ls, row, snapshot, heard), "action"))
            while len(meals) > 64:
                meals.popitem(last=False)
        began = began or meal.snapshot
        result, stages = await _eaten(ls, meal, asked)
        if _has_moved(ls, meal, asked):
            continue
        if isinstance(result, Edited):
            _check(ls, meal, began, result)
        if meal.snapshot is not began:
            note = "the text moved meanwhile: made again from what was said before, and verified again"
            result = replace(result, evidence=replace(result.evidence, notes=(*result.evidence.notes, note)))
        if not meal.shown:
            meal.shown = _kept(ls, meal.row, result, stages)
        return result, meal.shown
    raise ls.refuse("the text did not come to rest; ask again", t.LSPErrorCodes.ContentModified)


async def _eaten(ls: Dovetail, meal: Meal, asked: Row) -> tuple[Result, Stages]:
    meal.waiters += 1
    try:
        return await asyncio.shield(meal.task)
    except asyncio.CancelledError:
        if meal.task.cancelled():
            raise ls.refuse(f"{asked.title}: cancelled", t.LSPErrorCodes.RequestCancelled) from None
        if meal.waiters == 1:  # nobody else wants it
            meal.task.cancel()
        raise
    finally:
        meal.waiters -= 1


def _holds(task: asyncio.Task[tuple[Result, Stages]]) -> bool:
    """True where a repeat may have the same; a refusal is tried again, the model or the project may have changed."""
    if not task.done():
        return True
    return not task.cancelled() and task.exception() is None and not isinstance(task.result()[0], Refused)


def _has_moved(ls: Dovetail, meal: Meal, asked: Row) -> bool:
    """Whether a meal that is ready speaks of another text than there is now."""
    if not meal.task.done() or meal.task.cancelled() or meal.task.exception() is not None:
        return False
    result = meal.task.result()[0]
    paths = {to_path(asked.uri), *(result.change.edits if isinstance(result, Edited) else ())}
    then, now = meal.snapshot, ls.snapshot()
    files = [(then.file(path), now.file(path)) for path in paths if path in now.files or path in then.files]
    return any(one is None or two is None or one.document.data != two.document.data for one, two in files)


def _check(ls: Dovetail, meal: Meal, began: Snapshot, result: Edited) -> None:
    """Refuse to write over what was typed since it began, or what is not as it was read."""
    for path in result.change.edits:
        name = path.rsplit("/", 1)[-1]
        read, now = meal.snapshot.opened(path), ls.document(path)
        if path in result.change.creates and read is None and not os.path.exists(path):
            continue
        if read is None or now is None or read.files[path].document.data != now.data:
            raise ls.refuse(f"{name} has changed on disk; wait a moment and ask again")
        then = began.opened(path)
        if then is not None and not untouched(result.change, path, then.files[path].document, now):
            reason = f"{name} was changed meanwhile in the place where this would change it; ask again"
            raise ls.refuse(reason, t.LSPErrorCodes.ContentModified)


async def _made(ls: Dovetail, asked: Row, snapshot: Snapshot, heard: Heard) -> tuple[Result, Stages]:
    path = to_path(asked.uri)
    action = next((a for a in actions() if a.name == asked.action), None)
    if action is None:
        raise ls.refuse(f"there is no action called {asked.action}")
    request = _request(ls, asked)
    offer = Offer(asked.title, Span(asked.target_start, asked.target_end), asked.offer)
    async with cancellable(ls, asked.title) as tell:
        steps = hearing(action.result(snapshot, request, offer, ls.port.info), heard)
        try:
            async with (
                tester(ls, path, action, offer) as tests,
                # a run of tests takes its own time, with a progress that can be cancelled
                asyncio.timeout(ls.settings.actions.patience_ms / 1000 * (1 if tests is no_tests else _TESTS)),
            ):
                return await ls.do(steps, path, tell, memo=ls.kept.store(ls, path), tester=tests)
        except TimeoutError as error:
            seconds = ls.settings.actions.patience_ms // 1000
            raise ls.refuse(f"{asked.title}: nothing held within {seconds} s (actions.patience_ms)") from error


def _kept(ls: Dovetail, asked: Row, result: Result, stages: Stages) -> str:
    """Keep what a result rests on, and a line of it in the ledger; its name."""
    path = to_path(asked.uri)
    silence = result.reason if isinstance(result, Refused) else ""
    shown = ls.keep(asked.action, result.evidence.with_stages(stages), silence)
    did = (asked.action, about(ls.snapshot(), path, asked.target_start))
    ls.kept.answered(ls, path, asked.title, shown, result, sum(ms for _, ms in stages), did)
    return shown


def _request(ls: Dovetail, asked: Row) -> Request:
    path = to_path(asked.uri)
    told = tuple(
        Diagnostic(Span(start, max(start, end)), code, message, source, page, related)
        for start, end, code, message, source, page, related in asked.diagnostics
    )
    return request_at(ls, Selection(path, Span(asked.start, asked.end)), told)


def request_at(ls: Dovetail, at: Selection, told: tuple[Diagnostic, ...] = ()) -> Request:
    """A request for a place, with what the user allows there."""
    return Request(at, told, ls.trusts(at.path), ls.off, ls.chosen.type_checker or "")


def _now(ls: Dovetail, asked: Row) -> Row:
    """What was asked for, at its places in the text as it is."""
    path = to_path(asked.uri)
    file = ls.snapshot().file(path)
    if file is None:
        raise ls.refuse("the file is not open any more; open it and ask again", t.LSPErrorCodes.ContentModified)
    offered = ls.offered.text(path, asked.version)
    if offered is None and file.version == asked.version:
        offered = file.document
    if offered is None or max(asked.end, asked.target_end) > len(offered):
        raise ls.refuse("the text has changed since this was offered; ask again", t.LSPErrorCodes.ContentModified)
    request = moved(_request(ls, asked), offered, file.document)
    target = carried(Span(asked.target_start, asked.target_end), offered, file.document)
    if request is None or target is None:
        raise ls.refuse(
            "what this is about has changed since it was offered; ask again", t.LSPErrorCodes.ContentModified
        )
    return asked.model_copy(
        update={
            "version": file.version,
            "start": request.at.span.start,
            "end": request.at.span.end,
            "target_start": target.start,
            "target_end": target.end,
            "diagnostics": _told(request),
        }
    )


def _told(request: Request) -> Told:
    return tuple(
        (d.span.start, d.span.end, d.code, d.message, d.source, d.page, d.related) for d in request.diagnostics
    )


def _row(
    ls: Dovetail, file: File, params: t.CodeActionParams, request: Request, action: Action, offer: Offer
) -> t.CodeAction:
    asked = row_of(ls, params.text_document.uri, file, request, action, offer).model_dump(mode="json")
    row = t.CodeAction(title=offer.title, kind=action.kind)
    if offer.disabled:
        row.disabled = t.CodeActionDisabled(reason=offer.disabled)
    elif not action.edits:
        row.command = t.Command(title=offer.title, command=f"dovetail.{action.name}", arguments=[asked])
    elif _resolves(ls):
        row.data = asked
    else:
        row.command = t.Command(title=offer.title, command="dovetail.make", arguments=[asked])
    return row


def row_of(ls: Dovetail, uri: str, file: File, request: Request, action: Action, offer: Offer) -> Row:
    """What the editor gives back when the row is chosen."""
    ls.offered.note(file)
    return Row(
        uri=uri,
        version=file.version,
        action=action.name,
        title=offer.title,
        start=request.at.span.start,
        end=request.at.span.end,
        target_start=offer.target.start,
        target_end=offer.target.end,
        offer=offer.data,
        diagnostics=_told(request),
    )


def _place(row: tuple[Action, Offer]) -> int:
    """Many editors show rows as they come: what mends first, what only tells last."""
    action, _ = row
    return 0 if action.kind.startswith(t.CodeActionKind.QuickFix.value) else 1 if action.edits else 2


def _capabilities(ls: Dovetail) -> t.CodeActionClientCapabilities | None:
    document = ls.client_capabilities.text_document
    return document.code_action if document else None


def _resolves(ls: Dovetail) -> bool:
    known = _capabilities(ls)
    return bool(known and known.data_support and known.resolve_support and "edit" in known.resolve_support.properties)


def _shows_disabled(ls: Dovetail) -> bool:
    known = _capabilities(ls)
    return bool(known and known.disabled_support)


def _shows_tags(ls: Dovetail) -> bool:
    known = _capabilities(ls)
    return bool(known and known.tag_support and t.CodeActionTag.LlmGenerated in known.tag_support.value_set)


def plain(data: Any) -> Any:
    """pygls may hand free-form JSON over as named tuples."""
    if hasattr(data, "_asdict"):
        return {key: plain(value) for key, value in data._asdict().items()}
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]  # pyright: ignore[reportUnknownVariableType]
    return data
