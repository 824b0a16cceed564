"""Where a session may run a project's tests: in a trusted folder, on a copy, when a row that says so is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
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
    if not isinstance(asked, str) and not ls.settings.python and _inside(asked.python, ls.snapshot().roots):
        asked = "the first python3 on the path lies in the project: name it in your own settings, `python`"
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


def _inside(program: str, roots: Sequence[str]) -> bool:
    """Whether a program lies in a folder that is opened, or is reached through one."""
    places = (Path(program), Path(program).resolve())
    return any(
        place.is_relative_to(each) for place in places for root in roots for each in (root, Path(root).resolve())
    )


def _silent(reason: Silence) -> Tester:
    async def tests(test: Asked) -> Tested | Silence:
        return reason

    return tests
