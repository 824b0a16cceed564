"""`$/progress` for anything that may take more than a moment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.model.ask import Stage

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_SOON = 0.2
"""Seconds after which a person wants to know that something is going on."""


class Report:
    """Tells how far a job is; shows nothing for one that is over at once."""

    def __init__(self, ls: Dovetail, title: str) -> None:
        self._ls, self._title = ls, title
        self._token: str | None = None
        self._message, self._percent = "", 0
        self._waiting: asyncio.Task[None] | None = None
        self._over = False
        self._cancelling: Callable[[], object] | None = None
        self.cancelled = False

    def __call__(self, message: str, done: int = 0, of: int = 0) -> None:
        self._message, self._percent = message, 100 * done // of if of else 0
        if self._token is not None:
            value = t.WorkDoneProgressReport(message=message, percentage=self._percent if of else None)
            self._ls.work_done_progress.report(self._token, value)

    def on_cancel(self, then: Callable[[], object]) -> None:
        """What to do when the person cancels; a job that looks at `cancelled` itself needs none."""
        self._cancelling = then

    def start(self) -> None:
        window = self._ls.client_capabilities.window
        if window and window.work_done_progress:
            self._waiting = self._ls.spawn(self._begin())

    async def _begin(self) -> None:
        await asyncio.sleep(_SOON)
        if self._over:
            return
        token = uuid.uuid4().hex
        progress = self._ls.work_done_progress
        created = asyncio.wrap_future(progress.create(token))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
        await asyncio.shield(created)  # pyright: ignore[reportUnknownArgumentType]  the client answers anyway
        if self._over:
            progress.tokens.pop(token, None)  # pyright: ignore[reportUnknownMemberType]
            return
        begin = t.WorkDoneProgressBegin(
            title=self._title, message=self._message, percentage=self._percent, cancellable=True
        )
        progress.begin(token, begin)
        self._token = token
        progress.tokens[token].add_done_callback(self._told)  # pyright: ignore[reportUnknownMemberType]

    def _told(self, future: Future[object]) -> None:
        if future.cancelled() and not self._over:
            self.cancelled = True
            if self._cancelling is not None:
                self._cancelling()

    def stop(self) -> None:
        self._over = True
        if self._token is not None:
            self._ls.work_done_progress.end(self._token, t.WorkDoneProgressEnd())
            self._ls.work_done_progress.tokens.pop(self._token, None)  # pyright: ignore[reportUnknownMemberType]


@asynccontextmanager
async def progress(ls: Dovetail, title: str) -> AsyncGenerator[Report]:
    """Progress in the editor while the block runs, from 0.2 seconds on, where the client shows it."""
    report = Report(ls, title)
    report.start()
    try:
        yield report
    finally:
        report.stop()


@asynccontextmanager
async def cancellable(ls: Dovetail, title: str) -> AsyncGenerator[Callable[[Stage], None]]:
    """The same for a feature, whose stages it is told; who cancels it ends the task that runs the block."""
    async with progress(ls, title) as report:
        if (mine := asyncio.current_task()) is not None:
            report.on_cancel(mine.cancel)

        def tell(stage: Stage) -> None:
            report(stage.title.capitalize().replace("_", " "), stage.done, stage.of)

        yield tell
