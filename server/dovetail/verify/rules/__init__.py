"""What a rule means, in the words of the tool that has it: one file a tool, named like it, with `SOURCES`, `CODES` and
`async def told(code, roots) -> str | Silence`.

Told offline, from what is installed on this machine; nothing of a folder that is open is run.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

from dovetail.model.ask import Finding, Run, Silence

UNTOLD = Silence("nothing on this machine tells what this rule is about", "none")


@cache
def _tools() -> tuple[Any, ...]:
    return tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))


async def rules(run: Run, roots: Sequence[str]) -> list[Finding] | Silence:
    """One finding with the Markdown of the rule that `run.select` names: whose it is, and its code."""
    source, code = run.select
    for tool in _tools():
        if re.fullmatch(tool.SOURCES, source, re.IGNORECASE) and re.fullmatch(tool.CODES, code):
            said: str | Silence = await tool.told(code, roots)
            return said if isinstance(said, Silence) else [Finding(code, said)]
    return UNTOLD
