"""A test that passed before passes after; one that failed before may fail."""

from __future__ import annotations

from collections.abc import Sequence

from dovetail.model.ask import Finding, Ran
from dovetail.verify.failing_case import TEST, failing_case, fails

_BAD = ("failed", "timeout")


def tests_no_worse(before: Sequence[Ran], after: Sequence[Ran]) -> list[Finding]:
    """The tests that passed before a change and do not any more, the first of them first.

    Several of one name cannot be told apart: then no more of them may fail, and no fewer run.
    """
    were, are = _by_name(before), _by_name(after)
    found: list[Finding] = []
    for name, old in were.items():
        new = are.get(name, [])
        if not any(ran.outcome == "passed" for ran in old):
            continue
        bad = [ran for ran in new if ran.outcome in _BAD]
        if len(new) < len(old):
            found.append(Finding(TEST, f"{name.rpartition('::')[2]} is not there any more"))
        elif len(bad) > sum(ran.outcome in _BAD for ran in old):
            found.append(fails(name, failing_case(bad[-1].message) or "took too long"))
    return found


def _by_name(tests: Sequence[Ran]) -> dict[str, list[Ran]]:
    found: dict[str, list[Ran]] = {}
    for ran in tests:
        found.setdefault(ran.name, []).append(ran)
    return found
