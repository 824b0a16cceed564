"""Where a session may run a project's tests: in a trusted folder, on a copy, when a row that says so is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dovetail.model.ask import Silence, Tested, Tester, no_tests
from dovetail.model.ask import Test as Asked
from dovetail.verify.tests import Tests, command, copied

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_RUN = ("fix_test", "implement")
"""Actions that run tests, each under a title that says so."""


@asynccontextmanager
async def tester(ls: Dovetail, path: str, action: str) -> AsyncGenerator[Tester]:
    """Runs tests for this action, where it is one that does and the folder is trusted; else refuses."""
    root = next((root.rstrip("/") for root in ls.snapshot().roots if path.startswith(f"{root.rstrip('/')}/")), "")
    if action not in _RUN or not root or not ls.trusts(path):
        yield no_tests
        return
    asked = command("python3 -m pytest", ls.settings.python or "")
    copy = copied(root)
    scratch = await asyncio.to_thread(copy.__enter__)
    try:
        if isinstance(asked, str):
            yield _silent(Silence(asked, "none"))
        elif isinstance(scratch, Silence):
            yield _silent(scratch)
        else:
            yield Tests(root, scratch, asked.python)
    finally:
        await asyncio.to_thread(copy.__exit__, None, None, None)


def _silent(reason: Silence) -> Tester:
    async def tests(test: Asked) -> Tested | Silence:
        return reason

    return tests
