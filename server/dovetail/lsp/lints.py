"""What the linter says where the menu is asked for, in editors in which nobody else says it.

Asked only where a person opens the menu, and waited for only a moment: what comes later is there the next time.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from dovetail.features.actions import Diagnostic
from dovetail.features.findings import Found, findings
from dovetail.text import Document, Span
from dovetail.world import File, Snapshot

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_PATIENCE = 0.4
"""Seconds that a menu waits; ruff takes some 20 ms, eslint a second."""


class Lints:
    """What is known of one text, the last that was asked about."""

    def __init__(self) -> None:
        self._of: tuple[str, Document, bool] | None = None
        self._task: asyncio.Task[Found] | None = None
        self._others: set[str] = set()
        """Whose findings the editor shows by itself."""

    async def at(self, ls: Dovetail, file: File, span: Span, told: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """What the linter says of the lines of a span, unless another server of the editor tells it."""
        checker = str(file.language.settings.get("checker", "")) if file.language else ""
        self._others |= {each.source.lower() for each in told}
        if not checker or any(checker in source for source in self._others):
            return ()
        key = (file.path, file.document, ls.trusts(file.path))
        if self._task is None or self._of is None or not _same(self._of, key):
            if self._task is not None:
                self._task.cancel()
            self._of, self._task = key, ls.spawn(_look(ls, ls.snapshot(), file), "lints")
        task = self._task  # another menu may put its own there meanwhile
        await asyncio.wait([task], timeout=_PATIENCE)
        if not task.done() or task.cancelled() or task.exception() is not None:
            return ()
        document = file.document
        lines = range(document.line_at(span.start), document.line_at(span.end) + 1)
        found = [each for each in task.result().told if document.line_at(each.span.start) in lines]
        # what tree and graph see by themselves needs nobody to say it
        return tuple(found) if any(not _seen(file, each) for each in found) else ()


async def _look(ls: Dovetail, snapshot: Snapshot, file: File) -> Found:
    whole = Span(0, len(file.document))
    found, _ = await ls.do(findings(snapshot, file.path, whole, ls.trusts(file.path)), file.path)
    return found


def _seen(file: File, told: Diagnostic) -> bool:
    rules = file.language.table("fix") if file.language else None
    return told.code == "SYNTAX" or bool(rules and re.search(rules["undefined"], told.message))


def _same(one: tuple[str, Document, bool], two: tuple[str, Document, bool]) -> bool:
    return one[0] == two[0] and one[1] is two[1] and one[2] == two[2]
