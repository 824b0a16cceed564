"""Code actions: the menu without the model, the meal at `codeAction/resolve`."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from dataclasses import dataclass
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
from dovetail.features.follow_up import about
from dovetail.lsp.convert import diagnostics, to_path, workspace_edit
from dovetail.lsp.progress import progress
from dovetail.lsp.tests import tester
from dovetail.model.ask import Stage, no_tests
from dovetail.text import Change, Document, Span
from dovetail.world import File, Selection

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
    diagnostics: tuple[tuple[int, int, str, str, str], ...] = ()


@dataclass(slots=True)
class Meal:
    """What is made for one row of the menu, for one version of one text."""

    document: Document
    task: asyncio.Task[tuple[Result, str]]
    waiters: int = 0


Meals = OrderedDict[Row, Meal]


def register(server: Dovetail) -> None:
    meals: Meals = OrderedDict()
    options = t.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True)

    @server.feature(t.TEXT_DOCUMENT_CODE_ACTION, options)
    def menu(ls: Dovetail, params: t.CodeActionParams) -> list[t.CodeAction]:
        path = to_path(params.text_document.uri)
        file = ls.snapshot().file(path)
        if file is None or not ls.settings.actions.enabled:
            return []
        told = diagnostics(file.document, ls.encoding, params.context.diagnostics)
        request = Request(Selection(path, ls.encoding.span(file.document, params.range)), told, ls.trusts(path))
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
                ls.snapshot(), result.change, ls.encoding, row.title, result.summary, annotate=_annotates(ls)
            )
            row.command = t.Command(title="accepted", command="dovetail.accepted", arguments=[shown])
            if result.by_model and _shows_tags(ls):
                row.tags = [t.CodeActionTag.LlmGenerated]
        elif isinstance(result, Refused):
            row.disabled = t.CodeActionDisabled(reason=result.reason)
            row.command = t.Command(title="why not", command="dovetail.tell", arguments=[result.reason])
        return row

    async def make(ls: Dovetail, *arguments: Any) -> None:
        """For clients that cannot resolve: make the edit and hand it over."""
        try:
            asked = Row.model_validate(plain(arguments[0]) if arguments else None)
        except ValidationError:
            raise ls.refuse("dovetail.make takes a row of the menu", -32602) from None
        result, _ = await cook(ls, meals, asked)
        if isinstance(result, Edited):
            edit = workspace_edit(
                ls.snapshot(), result.change, ls.encoding, asked.title, result.summary, annotate=False
            )
            try:
                done = await ls.workspace_apply_edit_async(t.ApplyWorkspaceEditParams(edit=edit, label=asked.title))
            except JsonRpcException:
                return  # some clients answer a "no" with an error
            if done.applied:
                ls.counts[f"{asked.action} accepted"] += 1
        elif isinstance(result, Refused):
            ls.say(result.reason)

    server.serve_command("dovetail.make", make)


async def cook(ls: Dovetail, meals: Meals, asked: Row) -> tuple[Result, str]:
    """Make what a row promises, once. Refuses when the text has moved, before and after the model."""
    document = _fresh(ls, asked).document
    meal = meals.get(asked)
    if meal is None or meal.document is not document or not _holds(meal.task):
        meal = meals[asked] = Meal(document, ls.spawn(_made(ls, asked), "action"))
        while len(meals) > 64:
            meals.popitem(last=False)
    meal.waiters += 1
    try:
        result = await asyncio.shield(meal.task)
    except asyncio.CancelledError:
        if meal.task.cancelled():
            raise ls.refuse(f"{asked.title}: cancelled", t.LSPErrorCodes.RequestCancelled) from None
        if meal.waiters == 1:  # nobody else wants it
            meal.task.cancel()
        raise
    finally:
        meal.waiters -= 1
    if _fresh(ls, asked).document is not document:
        raise ls.refuse("the text has changed meanwhile; ask again", t.LSPErrorCodes.ContentModified)
    change = result[0].change if isinstance(result[0], Edited) else Change()
    for path in change.edits:
        read, now = ls.snapshot().opened(path), ls.document(path)
        if path in change.creates and read is None and not os.path.exists(path):
            continue
        if read is None or now is None or read.files[path].document.data != now.data:
            raise ls.refuse(f"{path.rsplit('/', 1)[-1]} has changed on disk; wait a moment and ask again")
    return result


def _holds(task: asyncio.Task[tuple[Result, str]]) -> bool:
    """True where a repeat may have the same; a refusal is tried again, the model or the project may have changed."""
    if not task.done():
        return True
    return not task.cancelled() and task.exception() is None and not isinstance(task.result()[0], Refused)


async def _made(ls: Dovetail, asked: Row) -> tuple[Result, str]:
    path = to_path(asked.uri)
    action = next((a for a in actions() if a.name == asked.action), None)
    if action is None:
        raise ls.refuse(f"there is no action called {asked.action}")
    told = tuple(
        Diagnostic(Span(start, max(start, end)), code, message, source)
        for start, end, code, message, source in asked.diagnostics
    )
    request = Request(Selection(path, Span(asked.start, asked.end)), told, ls.trusts(path))
    offer = Offer(asked.title, Span(asked.target_start, asked.target_end), asked.offer)
    async with progress(ls, asked.title) as report:
        if (mine := asyncio.current_task()) is not None:
            report.on_cancel(mine.cancel)

        def tell(stage: Stage) -> None:
            report(stage.title.capitalize().replace("_", " "), stage.done, stage.of)

        steps = action.make(ls.snapshot(), request, offer, ls.port.info)
        try:
            async with (
                tester(ls, path, action) as tests,
                # a run of tests takes its own time, with a progress that can be cancelled
                asyncio.timeout(ls.settings.actions.patience_ms / 1000 * (1 if tests is no_tests else _TESTS)),
            ):
                result, stages = await ls.do(steps, tell, memo=ls.kept.store(ls, path), tester=tests)
        except TimeoutError as error:
            seconds = ls.settings.actions.patience_ms // 1000
            raise ls.refuse(f"{asked.title}: nothing held within {seconds} s (actions.patience_ms)") from error
    silence = result.reason if isinstance(result, Refused) else ""
    shown = ls.keep(asked.action, result.evidence.with_stages(stages), silence)
    did = (action.name, about(ls.snapshot(), path, asked.target_start))
    ls.kept.answered(ls, path, asked.title, shown, result, sum(ms for _, ms in stages), did)
    return result, shown


def _fresh(ls: Dovetail, asked: Row) -> File:
    file = ls.snapshot().file(to_path(asked.uri))
    if file is None:
        raise ls.refuse("the file is not open any more; open it and ask again", t.LSPErrorCodes.ContentModified)
    if file.version != asked.version or asked.end > len(file.document):
        raise ls.refuse("the text has changed since this was offered; ask again", t.LSPErrorCodes.ContentModified)
    return file


def _row(
    ls: Dovetail, file: File, params: t.CodeActionParams, request: Request, action: Action, offer: Offer
) -> t.CodeAction:
    asked = row_of(params.text_document.uri, file, request, action, offer).model_dump(mode="json")
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


def row_of(uri: str, file: File, request: Request, action: Action, offer: Offer) -> Row:
    """What the editor gives back when the row is chosen."""
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
        diagnostics=tuple((d.span.start, d.span.end, d.code, d.message, d.source) for d in request.diagnostics),
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


def _annotates(ls: Dovetail) -> bool:
    """VS Code previews an annotated edit; others apply it unseen or trip over it."""
    workspace = ls.client_capabilities.workspace
    edit = workspace.workspace_edit if workspace else None
    return bool(edit and edit.change_annotation_support) and ls.options.get("preview") == "annotations"


def plain(data: Any) -> Any:
    """pygls may hand free-form JSON over as named tuples."""
    if hasattr(data, "_asdict"):
        return {key: plain(value) for key, value in data._asdict().items()}
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]  # pyright: ignore[reportUnknownVariableType]
    return data
