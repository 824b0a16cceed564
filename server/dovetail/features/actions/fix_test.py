"""*Fix a failing test*, on a test or on a function that tests call; only in a folder that the user trusts.

The row names the test and says that it is run. `fix/failing_test.py` does the work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dovetail.features.actions import Action, Offer, Request, Result
from dovetail.features.actions.fix.failing_test import FailingTest, fix_failing_test
from dovetail.graph import Symbol
from dovetail.model.ask import ModelInfo, Steps
from dovetail.world import Snapshot

_ROWS = 2
"""Tests of one function that are offered."""
_SECONDS = 60.0


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    file = snapshot.file(request.at.path)
    if not request.trusted or file is None or file.language is None:
        return []
    rules = file.language.table("repair")
    here = snapshot.graph.enclosing(request.at.path, request.at.offset, ("function", "method")) if rules else None
    if rules is None or here is None or not here.name_span.meets(request.at.span):
        return []
    if _is_test(here, rules):
        tests = [here]
    else:
        tests = [caller for caller, _ in snapshot.graph.callers(here) if _is_test(caller, rules)][:_ROWS]
    names = [(test, _named(snapshot, test)) for test in tests]
    return [
        Offer(f"Fix what makes {test.name} fail (runs pytest {name})", here.name_span, (("test", name),))
        for test, name in names
        if name
    ]


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    return fix_failing_test(snapshot, wanted(request, dict(offer.data)["test"]), model)


def wanted(request: Request, test: str) -> FailingTest:
    return FailingTest((test,), seconds=_SECONDS, without=request.off)


def _is_test(symbol: Symbol, rules: Mapping[str, Any]) -> bool:
    return bool(re.search(rules["test-file"], symbol.path) and re.match(rules["test-name"], symbol.name))


def _named(snapshot: Snapshot, test: Symbol) -> str:
    """The test as the runner is told it, from the project's folder; "" where it lies in none."""
    root = snapshot.root_of(test.path)
    return f"{test.path[len(root) + 1 :]}::{test.qualified.replace('.', '::')}" if root else ""


ACTION = Action("fix_test", "quickfix.dovetail.test", offer, make, runs="always", needs="repair")
