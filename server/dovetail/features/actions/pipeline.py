"""From a wish to an edit that holds: GENERATE, VERIFY, repair up to three times, COMPLETE.

Written once for every action. The action says what may change, what must hold and how to propose; the
order of the steps, the gates and the giving up are here, and no model has a say in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dovetail.context.evidence import Ledger, Trial
from dovetail.model.ask import Finding, Run, Silence, Stage, Steps
from dovetail.text import Change, Span
from dovetail.verify import (
    Promise,
    clean_text,
    lints_no_worse,
    names_open,
    no_new_names,
    no_secrets,
    outline_kept,
    still_parses,
    touches_only,
)
from dovetail.world import File, Snapshot

REPAIRS = 3
TEMPERATURES = (0.6, 0.45, 0.75, 0.6)
"""By round: the base, a little less, a little more, the base again."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to grant the wish."""

    source: Literal["rule", "model", "linter"]
    change: Change
    text: str
    """What is shown of it in the evidence."""


Propose = Callable[[int, Sequence[Finding]], Steps[list[Candidate]]]
"""(round from 0, what was wrong with the best candidate of the round before) → candidates, best first."""

Goal = Callable[[Snapshot, "list[Finding] | None"], list[Finding]]
"""(the snapshot after, lint findings after, None where unknown) → what of the wish is not granted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made, and within which limits."""

    path: str
    span: Span
    """The chosen range: nothing outside changes."""
    propose: Propose
    goal: tuple[str, Goal] | None = None
    """(its name as a gate, the test)."""
    trusted: bool = False
    promises: tuple[tuple[str, Promise], ...] = ()
    """More promises than every edit keeps."""


@dataclass(frozen=True, slots=True)
class Held:
    """A candidate that passed, and the snapshot after it."""

    candidate: Candidate
    after: Snapshot


def grant(snapshot: Snapshot, wish: Wish, ledger: Ledger) -> Steps[Held | str]:
    """The first candidate that clears every gate, or the reason why there is none, for a person."""
    file = snapshot.file(wish.path)
    if file is None:
        return "the file is not open"
    gates: tuple[tuple[str, Promise], ...] = (
        ("changes only its range", touches_only(wish.path, wish.span)),
        ("parses no worse", still_parses),
        ("clean text", clean_text),
        ("no secrets", no_secrets),
        ("keeps every definition", outline_kept),
        ("names exist", no_new_names),
        *wish.promises,
    )
    yield Stage("PLAN")
    lint = _Lint(file, wish.trusted)
    findings: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    tried: set[Change | str] = set()
    reason = "nothing could be proposed"
    for number in range(1 + REPAIRS):
        yield Stage("GENERATE" if not number else "REPAIR", number, REPAIRS)
        candidates = yield from wish.propose(number, findings)
        fresh = [c for c in candidates if _key(c.change) not in tried]
        tried.update(_key(c.change) for c in fresh)
        if not fresh:
            return reason
        yield Stage("VERIFY", number, REPAIRS)
        standing: list[tuple[Candidate, Snapshot]] = []
        failures: list[Finding] = []
        for candidate in fresh:
            after = snapshot.after(candidate.change)
            gate, found = _first_failure(snapshot, after, candidate, wish.path, gates)
            if gate:
                ledger.trials.append(Trial(candidate.source, candidate.text, gate, line_of(found[0])))
                failures.append(found[0])
                continue
            standing.append((candidate, after))
        # Rules before models; among equals the smallest change.
        standing.sort(key=lambda pair: (pair[0].source == "model", _size(pair[0].change)))
        for candidate, after in standing:
            gate, found = yield from _judged(snapshot, after, wish, lint)
            if not gate:
                ledger.trials.append(Trial(candidate.source, candidate.text))
                ledger.passed = [name for name, _ in gates]
                if lint.known:
                    ledger.passed.append("lints no worse")
                if wish.goal is not None:
                    ledger.passed.append(wish.goal[0])
                _note_unknown(snapshot, wish.path, lint, ledger)
                yield Stage("COMPLETE")
                return Held(candidate, after)
            ledger.trials.append(Trial(candidate.source, candidate.text, gate, line_of(found[0])))
            failures.insert(0, found[0])
        if failures:
            findings = failures
            reason = f"no candidate held: {plain_of(failures[0])}"
            again = {(f.code, f.message) for f in failures}
            if again <= seen:
                return f"{reason} (the same as before, so no more was tried)"
            seen |= again
    return reason


def line_of(finding: Finding) -> str:
    """One line for a model and for the evidence: `LINT F841 line 3: …`."""
    kind = "" if finding.code.isalpha() else "LINT "
    return f"{kind}{finding.code} line {finding.line + 1}: {finding.message}"


def plain_of(finding: Finding) -> str:
    """The same for a person."""
    return f"line {finding.line + 1}: {finding.message}" if "line" not in finding.message else finding.message


class _Lint:
    """The linter's word on the text before, asked once, and on each text after."""

    def __init__(self, file: File, trusted: bool) -> None:
        self.checker: str = file.language.settings.get("checker", "") if file.language else ""
        self.file, self.trusted = file, trusted
        self.before: list[Finding] | Silence | None = None

    @property
    def known(self) -> bool:
        return isinstance(self.before, list)

    def of(self, file: File) -> Steps[list[Finding] | Silence]:
        if not self.checker:
            return Silence(f"no linter is known for {file.language.name if file.language else 'this file'}")
        return (yield Run(self.checker, file.path, file.document.text(), self.trusted))

    def of_before(self) -> Steps[list[Finding] | Silence]:
        if self.before is None:
            self.before = yield from self.of(self.file)
        return self.before


def _judged(snapshot: Snapshot, after: Snapshot, wish: Wish, lint: _Lint) -> Steps[tuple[str, list[Finding]]]:
    """(gate, findings) of the checks that cost a process; ("", []) where they hold or cannot be asked."""
    file = after.file(wish.path)
    assert file is not None
    now: list[Finding] | Silence = yield from lint.of(file)
    before = yield from lint.of_before()
    if isinstance(now, list) and isinstance(before, list):
        worse = lints_no_worse(before, now)
        if worse:
            return "lints no worse", worse
    elif isinstance(before, list) and isinstance(now, Silence):
        lint.before = now
    if wish.goal is not None:
        name, goal = wish.goal
        missed = goal(after, now if isinstance(now, list) else None)
        if missed:
            return name, missed
    return "", []


def _first_failure(
    before: Snapshot, after: Snapshot, candidate: Candidate, path: str, gates: Sequence[tuple[str, Promise]]
) -> tuple[str, list[Finding]]:
    for gate, promise in gates:
        if found := promise(before, after, candidate.change, path):
            return gate, found
    return "", []


def _note_unknown(snapshot: Snapshot, path: str, lint: _Lint, ledger: Ledger) -> None:
    """What could not be asked is said, and not counted as held."""
    if open_names := names_open(snapshot, path):
        ledger.passed.remove("names exist")
        ledger.unknown.append(f"names exist: {open_names}")
    if isinstance(lint.before, Silence):
        ledger.unknown.append(f"lints no worse: {lint.before.reason}")


def _key(change: Change) -> str:
    return repr(sorted(change.edits.items()))


def _size(change: Change) -> int:
    return sum(len(e.span) + len(e.new) for edits in change.edits.values() for e in edits)
