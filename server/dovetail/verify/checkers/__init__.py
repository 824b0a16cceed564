"""Programs that look at a text: one file each, with `async def check(run) -> list[Finding] | Silence`.

`Run("ruff", …)` is `checkers/ruff.py`; nothing else lists them.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from dovetail.model.ask import Finding, Run, Silence


@cache
def _names() -> frozenset[str]:
    return frozenset(found.name for found in pkgutil.iter_modules(__path__))


async def run_checker(run: Run) -> list[Finding] | Silence:
    """The `Runner` of this machine. Silence where a checker is unknown, missing, too slow or fails."""
    if run.checker not in _names():
        return Silence(f"there is no checker named {run.checker}", "none")
    return await import_module(f"{__name__}.{run.checker}").check(run)
