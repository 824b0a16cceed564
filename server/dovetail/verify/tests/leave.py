"""The `Tester` of a project whose user gave leave: on a copy, with the interpreter that the user named or has."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

from dovetail.model.ask import Silence, Test, Tested, Tester
from dovetail.verify.process import inside
from dovetail.verify.tests.copy import copied
from dovetail.verify.tests.runner import Tests, command


@contextmanager
def tester_of(root: str, python: str = "", roots: Sequence[str] = ()) -> Generator[Tester]:
    """Runs tests of the project at `root` while the block lasts; where that cannot be, says why when it is asked.

    python: the interpreter of the user's own settings; else the first on the path that lies in none of the `roots`.
    """
    asked = command("python3 -m pytest", python)
    if isinstance(asked, str):
        yield _silent(Silence(asked, "none"))
        return
    if not python and inside(asked.python, (root, *roots)):
        reason = "the first python3 on the path lies in the project: name it in your own settings, `python`"
        yield _silent(Silence(reason, "none"))
        return
    with ExitStack() as stack:
        made: list[Tester] = []

        async def tests(test: Test) -> Tested | Silence:
            if not made:  # many actions that may run tests never do
                scratch = await asyncio.to_thread(stack.enter_context, copied(root))
                made.append(_silent(scratch) if isinstance(scratch, Silence) else Tests(root, scratch, asked.python))
            return await made[0](test)

        yield tests


def _silent(reason: Silence) -> Tester:
    async def tests(test: Test) -> Tested | Silence:
        return reason

    return tests
