"""`$/progress` for anything that may take more than a moment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lsprotocol import types as t

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_SOON = 0.2
"""Seconds after which a person wants to know that something is going on."""


class Report:
    """Tells how far a job is; shows nothing for one that is over at once."""

    def __init__(self, ls: Dovetail, title: str, token: str | int | None) -> None:
        self._ls, self._title, self._token = ls, title, token
        self._given = token is not None
        self._message, self._percent = "", 0
        self._begun = False
        self._waiting: asyncio.Task[None] | None = None

    @property
    def cancelled(self) -> bool:
        if self._token is None:
            return False
        future = self._ls.work_done_progress.tokens.get(self._token)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return future is not None and future.cancelled()

    def __call__(self, message: str, done: int = 0, of: int = 0) -> None:
        self._message, self._percent = message, 100 * done // of if of else 0
        if self._begun and self._token is not None:
            value = t.WorkDoneProgressReport(message=message, percentage=self._percent if of else None)
            self._ls.work_done_progress.report(self._token, value)

    def start(self) -> None:
        window = self._ls.client_capabilities.window
        if self._given or (window and window.work_done_progress):
            self._waiting = asyncio.ensure_future(self._begin())

    async def _begin(self) -> None:
        await asyncio.sleep(_SOON)
        if not self._given:
            self._token = uuid.uuid4().hex
            await self._ls.work_done_progress.create_async(self._token)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        assert self._token is not None
        begin = t.WorkDoneProgressBegin(
            title=self._title, message=self._message, percentage=self._percent, cancellable=True
        )
        self._ls.work_done_progress.begin(self._token, begin)
        self._begun = True

    def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        if self._begun and self._token is not None:
            self._ls.work_done_progress.end(self._token, t.WorkDoneProgressEnd())
            self._ls.work_done_progress.tokens.pop(self._token, None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@asynccontextmanager
async def progress(ls: Dovetail, title: str, token: str | int | None = None) -> AsyncGenerator[Report]:
    """Progress in the editor while the block runs, from 0.2 seconds on, where the client shows it."""
    report = Report(ls, title, token)
    report.start()
    try:
        yield report
    finally:
        report.stop()
