"""A test that passed before passes after; one that failed before may fail."""

from __future__ import annotations

from collections.abc import Sequence

from dovetail.model.ask import Finding, Ran
from dovetail.verify.failing_case import failing_case


def tests_no_worse(before: Sequence[Ran], after: Sequence[Ran]) -> list[Finding]:
    """The tests that passed before a change and do not any more, the first of them first."""
    now = {ran.name: ran for ran in after}
    found: list[Finding] = []
    for ran in before:
        if ran.outcome != "passed":
            continue
        then = now.get(ran.name)
        if then is None:
            found.append(Finding("TEST", f"{_short(ran.name)} is not there any more"))
        elif then.outcome in ("failed", "timeout"):
            said = failing_case(then.message) or "took too long"
            found.append(Finding("TEST", f"{_short(ran.name)} fails: {said}"))
    return found


def _short(name: str) -> str:
    return name.rpartition("::")[2]
