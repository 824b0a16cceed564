"""A test that passed before passes after; one that failed before may fail."""

from __future__ import annotations

from collections.abc import Sequence

from dovetail.model.ask import Finding, Ran
from dovetail.verify.failing_case import TEST, failing_case, fails


def tests_no_worse(before: Sequence[Ran], after: Sequence[Ran]) -> list[Finding]:
    """The tests that passed before a change and do not any more, the first of them first."""
    now = {ran.name: ran for ran in after}
    found: list[Finding] = []
    for ran in before:
        if ran.outcome != "passed":
            continue
        then = now.get(ran.name)
        if then is None:
            found.append(Finding(TEST, f"{ran.name.rpartition('::')[2]} is not there any more"))
        elif then.outcome in ("failed", "timeout"):
            found.append(fails(ran.name, failing_case(then.message) or "took too long"))
    return found
