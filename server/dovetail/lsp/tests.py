"""Where a session may run a project's tests: in a trusted folder, on a copy, when a row that says so is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dovetail.features.actions import Action, Offer
from dovetail.model.ask import Tester, no_tests
from dovetail.verify.tests import tester_of

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


@asynccontextmanager
async def tester(ls: Dovetail, path: str, action: Action, row: Offer) -> AsyncGenerator[Tester]:
    """Runs tests for this row, where it is one that says so and the folder is trusted; else refuses."""
    root = ls.snapshot().root_of(path)
    if not action.leave(row) or not root or not ls.trusts(path):
        yield no_tests
        return
    tests = tester_of(root, ls.settings.python or "", ls.snapshot().roots)
    found = await asyncio.to_thread(tests.__enter__)
    try:
        yield found
    finally:
        await asyncio.to_thread(tests.__exit__, None, None, None)
