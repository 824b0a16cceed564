"""The `Tester` of a project whose user gave leave: on a copy, with the programs that the user named or has."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

from dovetail.model.ask import Silence, Test, Tested, Tester
from dovetail.verify.tests.copy import copied
from dovetail.verify.tests.programs import Programs, grouped
from dovetail.verify.tests.runners import Command, runner, runners_of


@contextmanager
def tester_of(root: str, python: str = "", roots: Sequence[str] = ()) -> Generator[Tester]:
    """Runs tests of the project at `root` while the block lasts; where that cannot be, says why when it is asked.

    python: the interpreter of the user's own settings; else the first on the path that lies in none of the `roots`.
    """
    with ExitStack() as stack:
        made: dict[str, Tester | Silence] = {}
        scratch: list[str | Silence] = []

        async def tests(test: Test) -> Tested | Silence:
            names = runners_of(test.path or next(iter(test.arguments), ""))
            own = next((name for name in names if hasattr(runner(name), "tester")), "")
            if not scratch:  # many actions that may run tests never do
                scratch.append(await asyncio.to_thread(stack.enter_context, copied(root)))
            copy = scratch[0]
            if isinstance(copy, Silence):
                return copy
            if own not in made:
                made[own] = runner(own).tester(root, copy, python, roots) if own else Programs(root, copy, roots)
            tester = made[own]
            return tester if isinstance(tester, Silence) else await tester(test)

        yield tests


def line(root: str, tests: Sequence[str], python: str = "") -> str | Silence:
    """What is run for some tests, as a person would type it; or why nothing can be."""
    names = runners_of(next(iter(tests), ""))
    if any(hasattr(runner(name), "tester") for name in names):
        return shlex.join((python or "python3", "-m", *names, *tests))
    groups = grouped(root, (root,), Test(tuple(tests)))
    if isinstance(groups, Silence):
        return groups
    told: list[str] = []
    for module, asked in groups:
        commands: list[Command] | Silence = module.commands(asked)
        if isinstance(commands, Silence):
            return commands
        told += [each.line for each in commands]
    return "; ".join(told)
