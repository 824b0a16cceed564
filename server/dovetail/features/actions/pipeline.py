"""From a wish to an edit that holds: GENERATE, VERIFY, repair up to three times, COMPLETE.

Written once for every action. The action says what may change, what must hold and how to propose; the
order of the steps, the gates and the giving up are here, and no model has a say in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from dovetail.context.evidence import Ledger, Trial
from dovetail.features.actions.asking import REPAIRS, Asking, digest
from dovetail.features.actions.off import NOT_ASKED
from dovetail.features.actions.review import SURE, margin, unasked
from dovetail.features.actions.testing.related import related
from dovetail.model.ask import Checked, Effect, Finding, Off, Run, Silence, Stage, Steps, Test, Tested, answered
from dovetail.text import Change, Document, Span
from dovetail.verify import (
    FAILS,
    TEST,
    Promise,
    calls_fit,
    calls_open,
    clean_text,
    imports_exist,
    lints_no_worse,
    names_open,
    no_new_members,
    no_new_names,
    no_secrets,
    outline_kept,
    still_parses,
    tests_no_worse,
    touches_only,
)
from dovetail.world import File, Snapshot
from dovetail.world.unread import is_secret

T = TypeVar("T")

NEXT: Mapping[str, tuple[str, ...]] = {
    "": ("UNDERSTAND", "LOCATE"),
    "UNDERSTAND": ("LOCATE",),
    "LOCATE": ("PLAN", "GENERATE", "VERIFY"),
    "PLAN": ("GENERATE",),
    "GENERATE": ("VERIFY", "REPAIR", "GIVE UP"),
    "VERIFY": ("COMPLETE", "REPAIR", "GIVE UP"),
    "REPAIR": ("VERIFY", "REPAIR", "GIVE UP"),
    "COMPLETE": (),
    "GIVE UP": ("LOCATE", "UNDERSTAND"),
}
"""Which state may follow which. Each is told as a `Stage`; who runs the steps keeps them with their times. An
action may refuse in the states before GENERATE; after GIVE UP it may go on in another file, or begin anew with a second
model. Where a person has said what is to be written, as in a rename, nothing is generated."""

PROMISES: tuple[tuple[str, Promise], ...] = (
    ("parses no worse", still_parses),
    ("clean text", clean_text),
    ("no secrets", no_secrets),
    ("keeps every definition", outline_kept),
    ("names exist", no_new_names),
    ("names exist", no_new_members),
    ("names exist", imports_exist),
    ("calls fit", calls_fit),
)
"""What every edit keeps, the cheapest first."""
_GATES: Mapping[str, str] = {"names exist": "names", "calls fit": "calls"}
"""Promises that can be switched off. Those that keep the text whole cannot."""
_SWITCHES: Mapping[str, str] = {
    "rule": "rules", "linter": "rules", "project": "project", "cache": "cache", "model": "model",
}  # fmt: skip
REVIEWED = 3
"""Candidates of a model that cleared every gate and are compared by what it thinks of them."""

BUDGET = 250.0
"""Milliseconds for a promise: cheap ones come first, and between two of them a key is heard."""
PROCESS = 10_000.0
"""… and for a gate that starts a program."""
TYPES = 60_000.0
"""… and for a type checker, which reads the project: the text before and the text after."""
TESTS = 60_000.0
"""… and for the related tests, which are run on the text before and the text after."""
ROUND = 10_000.0
"""Milliseconds of promises after which a round looks at no further candidate."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to grant the wish."""

    source: Literal["rule", "model", "linter", "project", "cache"]
    change: Change
    span: Span
    """The chosen range: nothing outside changes."""
    text: str
    """What is shown of it in the evidence."""
    taken: bool = False
    """Of the cache: the user took such an edit before."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A candidate that did not pass, and what was wrong with it."""

    candidate: Candidate
    gate: str
    findings: tuple[Finding, ...]
    after: Snapshot


Propose = Callable[[int, Sequence[Failed]], Steps[list[Candidate]]]
"""(round from 0, what failed in the round before) → candidates, best first; [] where nothing is left."""

Goal = Callable[["list[Finding] | None"], list[Finding]]
"""Lint findings after, None where unknown → what of the wish is not granted."""


Judge = Callable[[Candidate, Snapshot], Steps[list[Finding]]]
"""(candidate, the snapshot after it) → what is wrong; may run something."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made, and within which limits."""

    path: str
    propose: Propose
    goal: tuple[str, Goal] | None = None
    """(its name as a gate, the test)."""
    trusted: bool = False
    promises: tuple[tuple[str, Promise], ...] = ()
    """More promises than every edit keeps."""
    judge: tuple[str, Judge] | None = None
    """(its name as a gate, the test): the last and dearest."""
    patience: float = 60_000.0
    """Milliseconds for the judge."""
    tests: tuple[str, ...] | None = None
    """Files of tests that the user gave leave to run, told from the project's folder; () where they gave none. None
    where what is wished for changes no behaviour, or is judged by tests of its own."""
    asked: str = ""
    """What was asked for, in words: a reviewer is told them, and what a model said of it in vain is kept under them.
    The name of the action where empty."""
    asking: Asking | None = None
    """Where something is asked before the first round, or told as tried in vain by `propose` itself."""
    prefer: Callable[[Snapshot, Span], tuple[float, ...]] | None = None
    """What speaks against a text and the place that was changed, the least first: of rules, those go first."""
    vetted: str = ""
    """What says more of a model's part than its own review would: its tests, or who looked up what it chose."""
    smaller: Propose | None = None
    """Asked instead of `propose` once the same failure came twice: less of the range. Without it that is the end."""


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
    off: frozenset[str] = yield Off()
    promises = tuple(one for one in (*PROMISES, *wish.promises) if _GATES.get(one[0]) not in off)
    smaller = None if "decompose" in off else wish.smaller
    linter = file.language.settings.get("checker", "") if file.language else ""
    checkers = (
        _Checker(file, linter, "lints no worse", wish.trusted, PROCESS, "lints" in off),
        _Checker(file, "types", TYPED, wish.trusted, TYPES, "types" in off),
    )
    tests = _Tests(snapshot, wish, "tests" in off)
    ledger.unknown += [f"{gate}: {NOT_ASKED}" for gate, switch in _GATES.items() if switch in off]
    failed: list[Failed] = []
    seen: set[tuple[str, str]] = set()
    reason = "nothing could be proposed"
    propose = wish.propose
    task = wish.asked or ledger.feature
    asking = wish.asking or begun(snapshot, wish.path, task, ledger, trusted=wish.trusted, tests=wish.tests or ())
    yield from asking.recall()
    vain, tried = asking.vain or (), asking.tried
    if vain:
        reason = f"nothing new was proposed, and what was tried before does not hold ({vain[0].why})"
    for number in range(1 + REPAIRS):
        yield Stage("GENERATE" if not number else "REPAIR", number, REPAIRS)
        proposed = yield from asking.put(propose(number, failed))
        candidates = [one for one in proposed if _SWITCHES[one.source] not in off]
        fresh = list({key_of(c.change): c for c in reversed(candidates) if key_of(c.change) not in tried}.values())
        fresh.reverse()
        tried.update(key_of(c.change) for c in fresh)
        if not fresh and number and candidates and not vain:
            reason += "; nothing new was proposed"
            if smaller is None or propose is smaller:
                yield Stage("GIVE UP")
                return reason
            propose = smaller
            ledger.notes.append("nothing new was proposed: less of the text is asked for")
        if not fresh:
            continue
        yield Stage("VERIFY", number, REPAIRS)
        standing: list[tuple[Candidate, Snapshot]] = []
        failed = []
        shapes: set[str] = set()
        began = yield Checked("")
        for index, candidate in enumerate(fresh):
            now = yield Checked("")
            if now - began > ROUND:
                ledger.notes.append(f"{len(fresh) - index} candidates were not looked at: the others took too long")
                break
            gates = (("changes only its range", touches_only(wish.path, candidate.span)), *promises)
            after = snapshot.after(candidate.change)
            if candidate.source == "model":
                if (shape := shape_of(after, candidate, wish.path, len(file.document))) in shapes:
                    continue  # the same code, spaced otherwise
                shapes.add(shape)
            gate, found = yield from _first_failure(snapshot, after, candidate, wish.path, gates, ledger)
            if gate:
                failed.append(Failed(candidate, gate, tuple(found), after))
            else:
                standing.append((candidate, after))
        # Rules before models; of a model's candidates the smallest change first.
        standing.sort(key=lambda pair: (pair[0].source == "model", _size(pair[0])))
        if (prefer := wish.prefer) is not None:  # what helped before stays the first of all
            rank: dict[int, tuple[float, ...]] = {}
            for one, after in standing:
                rank[id(one)] = prefer(after, _now(after, one, wish.path, len(file.document)))
                yield Checked("")
            standing.sort(key=lambda pair: (_order(pair[0]), rank[id(pair[0])]))
        best: list[tuple[float, Candidate, Snapshot]] = []
        for candidate, after in standing:
            gate, found = yield from _judged(after, wish, checkers, ledger)
            if not gate and (found := (yield from tests.worse(candidate, after, ledger))):
                gate = TESTED
            if not gate and wish.judge is not None:
                then: float = yield Checked("")
                gate, found = wish.judge[0], (yield from wish.judge[1](candidate, after))
                ledger.spend(wish.judge[0], (yield Checked(gate)) - then, wish.patience)
                gate = gate if found else ""
            if gate:
                failed.append(Failed(candidate, gate, tuple(found), after))
                continue
            if unasked(ledger.model, candidate.source, off, wish.vetted):
                best = best or [(0.0, candidate, after)]
                break
            sure = (yield from margin(task, wish.path, file.document, _text(after, wish.path), ledger)) or 0.0
            if sure <= -SURE:
                doubt = Finding("REVIEW", f"the model itself says that it is wrong ({-sure:.0%} sure)")
                failed.append(Failed(candidate, "review", (doubt,), after))
                continue
            best.append((sure, candidate, after))
            if len(best) >= REVIEWED or wish.judge is not None:
                break
        if best:
            sure, candidate, after = max(best, key=lambda one: one[0])
            if ledger.asked:
                why = unasked(ledger.model, candidate.source, off, wish.vetted)
                said = f"not asked, {why}" if why else f"{'right' if sure > 0 else 'not sure'} ({abs(sure):.0%})"
                ledger.notes.append(f"the model's own review: {said}")
            ledger.trials += [_trial(each) for each in failed]
            yield from _remembered(asking, failed)
            ledger.trials.append(Trial(candidate.source, candidate.text))
            ledger.passed = list(dict.fromkeys(["changes only its range", *(name for name, _ in promises)]))
            ledger.passed += [checker.gate for checker in checkers if checker.known]
            if wish.goal is not None and wish.goal[0] not in ledger.passed:
                ledger.passed.append(wish.goal[0])
            if tests.passing:
                ledger.passed.append(TESTED)
            if wish.judge is not None:
                ledger.passed.append(wish.judge[0])
            _note_unknown(snapshot, after, candidate.change, wish.path, checkers, ledger)
            tests.note(candidate, ledger)
            yield Stage("COMPLETE")
            return Held(candidate, after)
        if not failed:
            continue
        failed.reverse()  # who came furthest first
        ledger.trials += [_trial(each) for each in failed]
        yield from _remembered(asking, failed)
        reason = f"nothing that was tried holds ({plain_of(failed[0].findings[0])})"
        if "retry" in off and any(each.candidate.source == "model" for each in failed):
            yield Stage("GIVE UP")
            return reason
        again = {(each.gate, f.code + f.message) for each in failed for f in each.findings}
        if again <= seen:
            if smaller is None or propose is smaller:
                yield Stage("GIVE UP")
                return f"{reason}; the second try failed alike"
            propose = smaller
            ledger.notes.append("the second try failed alike: less of the text is asked for")
        seen |= again
    yield Stage("GIVE UP")
    return reason


def begun(
    snapshot: Snapshot, path: str, about: str, ledger: Ledger, *, trusted: bool, tests: Sequence[str] = ()
) -> Asking:
    """Something that a model is asked for. What failed is no reason any more once the file, or a test, says otherwise.

    tests: files of them that judge, told from the project's folder.
    """
    root = snapshot.root_of(path)
    texts = b"\0".join(snapshot.texts.get(f"{root}/{one}", b"") for one in tests)
    return Asking(ledger, path, f"{about}\0{trusted}\0{tests}", snapshot.files[path].document.data + b"\0" + texts)


def without_stages(steps: Steps[T]) -> Steps[T]:
    """The same steps inside of others, which have stages of their own."""

    def answer(effect: Effect) -> Steps[Any]:
        return None if isinstance(effect, Stage) else (yield effect)

    return answered(steps, answer)


def line_of(finding: Finding, gate: str = "") -> str:
    """One line for a model and for the evidence: `SYNTAX ERROR at line 12: …`, `LINT: F841 at line 3: …`,
    `TEST FAIL: test_share — expected 2, got 3, for share(6, 3)`. gate: the one that told it."""
    code, where = finding.code, f" at line {finding.line + 1}" if finding.line or finding.end else ""
    if code == TEST:
        return f"TEST FAIL: {finding.message.replace(FAILS, ' — ', 1)}"
    if gate == TYPED:
        return f"TYPE: {code}{where}: {finding.message}"
    kind = "SYNTAX ERROR" if code == "SYNTAX" else code if code.isalpha() else f"LINT: {code}"
    return f"{kind}{where}: {finding.message}"


def plain_of(finding: Finding) -> str:
    """The same for a person."""
    placed = finding.code != TEST and (finding.line or finding.end) and "line" not in finding.message
    return f"line {finding.line + 1}: {finding.message}" if placed else finding.message


class _Checker:
    """A program's word on the text before, asked once, and on each text after."""

    def __init__(self, file: File, checker: str, gate: str, trusted: bool, budget: float, off: bool) -> None:
        self.file, self.checker, self.gate, self.trusted, self.budget = file, checker, gate, trusted, budget
        self.off = off
        self.before: list[Finding] | Silence | None = None

    @property
    def known(self) -> bool:
        return isinstance(self.before, list)

    @property
    def absent(self) -> bool:
        """There is no such program, or nobody wants to know."""
        return isinstance(self.before, Silence) and self.before.kind == "none"

    def of(self, file: File) -> Steps[list[Finding] | Silence]:
        if not self.checker:
            return Silence(f"no linter is known for {file.language.name if file.language else 'this file'}")
        return (yield Run(self.checker, file.path, file.document.text(), self.trusted))

    def worse(self, file: File, ledger: Ledger) -> Steps[tuple[list[Finding], list[Finding] | None]]:
        """(what it says of a text that it did not say before, all that it says; None where that is unknown)."""
        if self.off and self.checker != "types":  # whether the wish is granted is another question
            said: list[Finding] | Silence = yield from self.of(file)
            return [], said if isinstance(said, list) else None
        if self.off or self.absent:
            return [], None
        began: float = yield Checked("")
        now: list[Finding] | Silence = yield from self.of(file)
        if self.before is None:
            self.before = now if isinstance(now, Silence) else (yield from self.of(self.file))
        if self.checker and not self.absent:
            ledger.spend(self.gate, (yield Checked(self.gate)) - began, self.budget)
        if isinstance(now, Silence):
            self.before = now
            return [], None
        if not isinstance(self.before, list):
            return [], now
        # a type is what its message says; of a linter that quotes code the rule counts
        texts = None if self.checker == "types" else (self.file.document, file.document)
        return lints_no_worse(self.before, now, texts), now


TYPED = "types no worse"
TESTED = "related tests pass as before"
_BEFORE, _AFTER = 20.0, 40.0
"""Seconds for the tests on the text before, and after: what passed in time has twice as long."""


class _Tests:
    """The related tests, run once on the text before and on each text after; only with the user's leave."""

    def __init__(self, snapshot: Snapshot, wish: Wish, off: bool) -> None:
        self.snapshot, self.wish = snapshot, wish
        self.before: Tested | Silence | None = Silence(NOT_ASKED) if off else None

    @property
    def passing(self) -> tuple[str, ...]:
        """The tests that passed before, and so must pass."""
        told = self.before.tests if isinstance(self.before, Tested) else ()
        return tuple(ran.name for ran in told if ran.outcome == "passed")

    def worse(self, candidate: Candidate, after: Snapshot, ledger: Ledger) -> Steps[list[Finding]]:
        """The tests that a text makes fail; [] where that is unknown."""
        if not self.wish.tests or isinstance(self.before, Silence):
            return []
        began: float = yield Checked("")
        if self.before is None:
            self.before = yield from self._ran(self.snapshot, (), _BEFORE)
            if not isinstance(self.before, Silence) and not self.passing:
                self.before = Silence("none of them passes as the code is", "failed")
        if isinstance(self.before, Silence):
            return []
        now = yield from self._ran(after, self.passing, _AFTER)
        ledger.spend(TESTED, (yield Checked(TESTED)) - began, TESTS)
        at = candidate.span.start
        line = after.files[self.wish.path].document.line_at(at)
        if isinstance(now, Tested):
            return [replace(one, start=at, end=at, line=line) for one in tests_no_worse(self.before.tests, now.tests)]
        if now.kind in ("failed", "patience"):  # they ran before: with this text they cannot, or not in twice the time
            return [Finding(TEST, now.reason, at, at, line=line)]
        self.before = now
        return []

    def _ran(self, snapshot: Snapshot, must: tuple[str, ...], patience: float) -> Steps[Tested | Silence]:
        root, path = snapshot.root_of(self.wish.path), self.wish.path
        others = tuple(
            (name, file.document.text())
            for name, file in snapshot.files.items()
            if name != path and name.startswith(f"{root}/") and not is_secret(name)
        )
        text = snapshot.files[path].document.text()
        wanted = self.wish.tests or ()
        return (yield Test(wanted, path, (text,), must, whole=True, files=others, patience=patience))

    def note(self, candidate: Candidate, ledger: Ledger) -> None:
        """How many ran; or why that is unknown."""
        if self.wish.tests is None:
            return
        if isinstance(self.before, Tested):
            other = len(self.before.tests) - len(self.passing)
            left = f"; {other} did not pass before and {'is' if other == 1 else 'are'} not counted" if other else ""
            many = f"{len(self.passing)} related test{'s' * (len(self.passing) != 1)}"
            where = ", ".join(self.wish.tests)
            ledger.notes.append(
                f"{many} passed before and after ({where}); sandbox: {self.before.isolated or 'none'}{left}"
            )
            if not self.before.isolated:
                ledger.unknown.append("tests in a sandbox: this platform offers none, they ran as you would run them")
        elif isinstance(self.before, Silence):
            ledger.unknown.append(f"{TESTED}: {self.before.reason}")
        elif found := related(self.snapshot, self.wish.path, candidate.span.start):
            why = "another row of the menu does" if self.wish.trusted else "that takes a project that you trust"
            ledger.unknown.append(f"{TESTED}: {', '.join(found)} not run; {why}")


_OFF = Silence("", "none")
"""Nobody wants to know."""


def _judged(
    after: Snapshot, wish: Wish, checkers: Sequence[_Checker], ledger: Ledger
) -> Steps[tuple[str, list[Finding]]]:
    """(gate, findings) of the checks that cost a process; ("", []) where they hold or cannot be asked."""
    file = after.file(wish.path)
    assert file is not None
    for number, checker in enumerate(checkers):
        worse, now = yield from checker.worse(file, ledger)
        if worse:
            return checker.gate, worse
        if not number and wish.goal is not None:
            name, goal = wish.goal
            if missed := goal(now):
                return name, missed
    return "", []


def _first_failure(
    before: Snapshot, after: Snapshot, candidate: Candidate, path: str, gates: Sequence[tuple[str, Promise]],
    ledger: Ledger,
) -> Steps[tuple[str, list[Finding]]]:  # fmt: skip
    now: float = yield Checked("")
    for gate, promise in gates:
        found = promise(before, after, candidate.change, path)
        then, now = now, (yield Checked(gate))
        ledger.spend(gate, now - then, BUDGET)
        if found:
            return gate, found
    return "", []


def _note_unknown(
    snapshot: Snapshot, after: Snapshot, change: Change, path: str, checkers: Sequence[_Checker], ledger: Ledger
) -> None:
    """What could not be asked is said, and not counted as held."""
    uncounted = calls_open(snapshot, path) or calls_open(after, path, change)
    for gate, reason in (("names exist", names_open(snapshot, path)), ("calls fit", uncounted)):
        if reason and gate in ledger.passed:
            ledger.passed.remove(gate)
            ledger.unknown.append(f"{gate}: {reason}")
    for checker in checkers:
        if checker.off:
            ledger.unknown.append(f"{checker.gate}: {NOT_ASKED}")
        elif isinstance(checker.before, Silence) and checker.before != _OFF:
            ledger.unknown.append(f"{checker.gate}: {checker.before.reason}")


def shape_of(after: Snapshot, candidate: Candidate, path: str, before: int) -> str:
    """The syntax tree around what a candidate wrote, with its words; its bytes where they do not parse."""
    file = after.files[path]
    data, start = file.document.data, candidate.span.start
    end = candidate.span.end + len(data) - before
    written = data[start:end].rstrip()
    if file.tree is None or not written:
        return key_of(candidate.change)
    node = file.tree.named_at(Span(start + len(written) - len(written.lstrip()), start + len(written)))
    if node.has_error or node.parent is None:
        return key_of(candidate.change)
    words: list[str] = []
    todo = [node]
    while todo:
        one = todo.pop()
        todo += reversed(one.children)
        if not one.children:
            words.append((one.text or b"").decode("utf-8", "replace"))
    rest = len(b"".join(data[node.end_byte :].split()))
    return digest(f"{node.start_byte} {rest} {node} {words}")


def _order(candidate: Candidate) -> int:
    """What was taken before, then rules, then a model."""
    return 0 if candidate.taken else 2 if candidate.source == "model" else 1


def _now(after: Snapshot, candidate: Candidate, path: str, before: int) -> Span:
    """Where what a candidate wrote stands in the text after it."""
    end = candidate.span.end + len(after.files[path].document) - before
    return Span(candidate.span.start, max(candidate.span.start, end))


def _text(snapshot: Snapshot, path: str) -> Document:
    return snapshot.files[path].document


def _line(failed: Failed) -> str:
    return line_of(failed.findings[0], failed.gate)


def _trial(failed: Failed) -> Trial:
    return Trial(failed.candidate.source, failed.candidate.text, failed.gate, _line(failed))


def _remembered(asking: Asking, failed: Sequence[Failed]) -> Steps[None]:
    """What a model said in vain; a rule costs nothing to try again."""
    lines = [(each, _line(each)) for each in failed if each.candidate.source == "model"]
    for each, line in lines:
        yield from asking.failed(key_of(each.candidate.change), line)
    asking.why = next((line for _, line in lines), asking.why)


def key_of(change: Change) -> str:
    """A digest of a change, by which it is known again."""
    return digest(repr(sorted(change.edits.items())))


def _size(candidate: Candidate) -> int:
    """Bytes that go and come; the order of rules is their own."""
    if candidate.source != "model":
        return 0
    return sum(len(e.span) + len(e.new) for edits in candidate.change.edits.values() for e in edits)
