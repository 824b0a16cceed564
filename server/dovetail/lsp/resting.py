"""Where the cursor rests: what may be asked for there is made ready while nobody asks for anything.

Editors ask for the menu of a place as soon as the cursor has moved there, which is how we hear of it. What a
suggestion's prompt needs is read by the model at its lowest priority, so that the first key finds it read; the
sentence of a hover is written; and the linter is asked what a menu would tell. The next key or move ends it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dovetail.features.inline_completion import made_ready
from dovetail.lsp.completion import knobs_of
from dovetail.model.ask import ModelInfo, Port
from dovetail.model.two import for_typing
from dovetail.text import Document
from dovetail.world import Selection

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_IDLE = 0.5
"""Seconds without a key or a move after which a cursor rests."""


@dataclass(slots=True)
class Resting:
    """The one place where the cursor is, and what is being made ready there."""

    path: str = ""
    offset: int = -1
    document: Document | None = None
    task: asyncio.Task[None] | None = None

    def leave(self) -> None:
        """A key, or another place."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
        self.document = None


def rests(ls: Dovetail, at: Selection) -> None:
    """The cursor is here now, for all we know."""
    now, document = ls.resting, ls.world.text(at.path)
    if not ls.settings.completion.ahead or len(at.span) or document is None:
        now.leave()
        return
    if (now.path, now.offset, now.document) == (at.path, at.offset, document):
        return  # editors ask for the menu of a place again and again
    now.leave()
    now.path, now.offset, now.document = at.path, at.offset, document
    now.task = ls.spawn(_make_ready(ls, at, document), "what is likely next")


async def _make_ready(ls: Dovetail, at: Selection, document: Document) -> None:
    await asyncio.sleep(_IDLE)
    snapshot, model = ls.snapshot(), for_typing(ls.port)
    file = snapshot.file(at.path)
    if file is None or file.document is not document or file.language is None:
        return
    if at.path in snapshot.private:
        return  # of what the project leaves out nothing is shown to a model unasked
    settings = ls.settings.completion
    wanted = settings.enabled and not file.is_one_of(settings.off_in)
    if wanted and (info := _unasked(model)):
        steps = made_ready(snapshot, at, info, knobs_of(ls, invoked=False), ls.library)
        await ls.do(steps, at.path, port=model)
    if ls.settings.hover.enabled and _unasked(ls.port):
        await ls.sentences.ahead(ls, snapshot, at)
    if ls.settings.actions.enabled:
        await ls.lints.at(ls, file, at.span, ())


def _unasked(port: Port) -> ModelInfo | None:
    """The model, if it has nothing else to do and is on this machine: elsewhere nothing is sent for a rest."""
    return port.info if port.info and not port.info.away and port.status.state == "ready" else None
