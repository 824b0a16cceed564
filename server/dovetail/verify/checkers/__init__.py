"""Programs that look at a text: one file each, with `async def check(run, roots) -> list[Finding] | Silence`.

`roots` are the folders that are open: no program of the user's is taken from them. `Run("ruff", …)` is
`checkers/ruff.py`; nothing else lists them. `Run("types", …)` is the type checker that the user names, if they do
(`verify/types`), and `Run("rules", …)` what a rule is about (`verify/rules`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module

from dovetail.model.ask import Finding, Run, Runner, Silence
from dovetail.verify.rules import rules
from dovetail.verify.types import OFF, types


@cache
def _names() -> frozenset[str]:
    return frozenset(found.name for found in pkgutil.iter_modules(__path__))


def runner(type_checker: str = "", python: str = "", roots: Sequence[str] = ()) -> Runner:
    """The `Runner` of this machine with what the user named: a type checker, and the interpreter it may ask."""

    async def run(asked: Run) -> list[Finding] | Silence:
        if asked.checker == "types":
            return await types(asked, type_checker, python, roots)
        return await run_checker(asked, roots)

    return run


async def run_checker(run: Run, roots: Sequence[str] = ()) -> list[Finding] | Silence:
    """The `Runner` without a type checker. Silence where a checker is unknown, missing, too slow or fails.

    Without roots only what comes with Dovetail is run.
    """
    if run.checker == "types":
        return OFF
    if run.checker == "rules":
        return await rules(run, roots)
    if run.checker not in _names():
        return Silence(f"there is no checker named {run.checker}", "none")
    return await import_module(f"{__name__}.{run.checker}").check(run, roots)
