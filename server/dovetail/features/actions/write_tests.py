"""*Write tests*: what a function does today, kept by a test that its mutants do not pass.

The arguments come from what is written about the function and from its calls, what it answers from running it in the
sandbox; a model may propose arguments and nothing else. Only in a folder that the user trusts, under a row that says
that the function is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.asking import CANDIDATES, Asking, answers_to, digest
from dovetail.features.actions.documentation.target import Target, target
from dovetail.features.actions.fix.mutations import Mutation, mutations
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant
from dovetail.features.actions.testing.inputs import Input, inputs, written_calls
from dovetail.features.actions.testing.place import Place, place
from dovetail.features.actions.testing.probe import PATIENCE, SECONDS, Probe, reaches_out, rules_of, unfit
from dovetail.features.actions.testing.writing import Case, case, edits, needed, tests
from dovetail.model.ask import Answer, Ask, Fim, Finding, ModelInfo, Silence, Stage, Steps, Test, Tested
from dovetail.text import Change, Edit, Overlap, Span
from dovetail.verify import TEST, failing_case, fails
from dovetail.world import Snapshot

_MUTANTS = 80
_OF_A_LINE = 10
_CASES = 6
_ERRORS = 3
_LONGEST = 100
"""Characters of a line of the test."""
_ENOUGH = 0.6
"""Where the arguments by rule tell apart fewer of the mutants, a model is asked for more."""
_LIMIT = 96
_PROMPT = 1200
"""Bytes of the function that a model is shown."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row on the head of a function, in a folder that is trusted."""
    if not request.trusted:
        return []
    found = target(snapshot, request.at.path, request.at.offset, glance=True)
    if isinstance(found, str) or (len(request.at.span) and request.at.span.end > found.symbol.body):
        return []
    if found.language.table("write_tests") is None or unfit(snapshot, found):
        return []
    return [Offer(f"Write tests for {found.symbol.name} (runs it in a sandbox)", found.symbol.name_span)]


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """Tests that pass on the code as it is, and fail where it is changed a little."""
    ledger = Ledger("tests", model)
    yield Stage("UNDERSTAND")
    found = target(snapshot, request.at.path, offer.target.start)
    if isinstance(found, str):
        return Refused(found or "there is no function here that could be tested", ledger.evidence())
    if why := unfit(snapshot, found) or reaches_out(found, snapshot):
        return Refused(why, ledger.evidence())
    name = found.symbol.name
    rules = rules_of(found.language)
    assert rules is not None
    yield Stage("LOCATE")
    at = place(snapshot, found.symbol, found.language, rules)
    if isinstance(at, str):
        return Refused(at, ledger.evidence())
    ledger.notes.append(
        f"{'a new file' if at.new else 'the tests of the module'}: {at.path.rsplit('/', 1)[-1]}, {at.style}"
    )
    yield Stage("PLAN")
    bench = _Bench(snapshot, found, at, rules, ledger)
    cases = yield from bench.seen(inputs(snapshot, found, rules))
    if isinstance(cases, Silence):
        return Refused(f"{name} could not be run: {cases.reason}", ledger.evidence())
    chosen = bench.chosen()
    if len(bench.caught(chosen)) < _ENOUGH * len(bench.wrong) and model is not None:
        asking = Asking(ledger, found.symbol.path, f"calls of {found.symbol.qualified}", found.document.data)
        proposed = yield from _proposed(found, bench.probe.callee, rules, model, asking)
        more = yield from bench.seen(proposed)
        if not isinstance(more, Silence) and more:
            chosen = bench.chosen()
        for one in proposed:
            if not any(one is case.input for case in chosen):
                yield from asking.failed(digest(one.tuple), f"NOT SO: {one.tuple} tells no more wrong versions apart")
    if not chosen:
        why = "no wrong version of it would be told apart by them" if bench.cases else bench.nothing
        return Refused(f"no tests for {name}: {why}", ledger.evidence())

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """All cases; where they do not hold, as the linter would have them, or those with results that are literals."""
        yield from ()
        mended = [one for one in map(bench.mended, failed) if one is not None]
        if mended:
            return mended
        kept = chosen if not number else [one for one in chosen if not re.search(r"[^\W\d]\w*\(", one.said)]
        return [bench.candidate(kept)] if kept and number < 2 else []

    wish = Wish(
        at.path, propose, trusted=request.trusted, asked=f"write tests for {found.symbol.qualified}",
        vetted="the tests were run, on the code as it is and on wrong versions of it",
        promises=(("tests what it should", bench.reaches()),),
        judge=("passes as the code is, fails on wrong versions of it", bench.judge),
    )  # fmt: skip
    held = yield from grant(bench.snapshot, wish, ledger)
    if not isinstance(held, Held):
        return Refused(f"no tests for {name}: {held}", ledger.evidence())
    if not bench.isolated:
        ledger.unknown.append("ran in a sandbox: this platform offers none, it ran as you would run it")
    ledger.notes.append(f"the tests fail on {bench.caught_by_tests} of {len(bench.wrong)} wrong versions of {name}")
    what = f"tests for {name}, which fail on {bench.caught_by_tests} of {len(bench.wrong)} wrong versions of it"
    return Edited(held.candidate.change, what, ledger.evidence(), held.candidate.source == "model")


class _Bench:
    """One function in the sandbox: what it answers, and what wrong versions of it answer."""

    def __init__(self, snapshot: Snapshot, found: Target, at: Place, rules: Any, ledger: Ledger) -> None:
        self.found, self.at, self.rules, self.ledger = found, at, rules, ledger
        created = frozenset([at.path]) if at.new else frozenset[str]()
        self.snapshot = snapshot.under(Change({at.path: ()}, created))
        self.probe = Probe(self.snapshot, found, at.path.rsplit("/", 1)[0], rules)
        self.path, self.text = self.probe.path, self.probe.text
        self.isolated = ""
        self.wrong = self._mutants()
        self.cases: list[Case] = []
        self.nothing = "nothing written about it says what it could be called with"
        self.caught_by_tests = 0
        self._fails: dict[tuple[str, ...], frozenset[int]] = {}
        """Arguments → the mutants that answer otherwise."""

    def seen(self, given: Sequence[Input]) -> Steps[list[Case] | Silence]:
        """What the function answers, and again after other calls in another process; and what mutants answer."""
        if not given:
            return []
        texts = (self.text, *(self._after(one) for one in self.wrong))
        told = yield from self.probe.asked(texts, given)
        mixed = [*given, *reversed(given)]
        again = (yield from self.probe.asked((self.text,), mixed)) if not isinstance(told, Silence) else told
        if isinstance(told, Silence) or isinstance(again, Silence):
            return told if isinstance(told, Silence) else Silence("it did not run a second time")
        self.isolated = told.isolated
        answers, others = ((one.verdicts[0].said if one.verdicts[0] else ()) for one in (told, again))
        others = others[len(given) :][::-1]
        for at, one in enumerate(given):
            self._fails[one.arguments] = frozenset(
                number
                for number, verdict in enumerate(told.verdicts[1:])
                if verdict is not None and at < min(len(verdict.said), len(answers)) and verdict.said[at] != answers[at]
            )
        found: list[Case] = []
        for one, answered, other in zip(given, answers, others, strict=False):
            seen = case(self.found, self.snapshot, one, answered, self.rules) if answered == other else None
            if seen is not None and len(one.tuple) + len(seen.said) + len(self.probe.callee) < _LONGEST - 16:
                found.append(seen)
        same = sum(one == two for one, two in zip(answers, others, strict=False))
        self.ledger.notes.append(f"{len(given)} calls: {same} answered alike twice, {len(found)} can be written down")
        self.nothing = "it answers nothing that could be written down, or each time something else"
        self.cases += found
        return found

    def chosen(self) -> list[Case]:
        """The few cases that tell the most mutants apart from the function, in the order of their derivation."""
        cases = self.cases
        # the first is what a person wrote, or the plain one: it is what a reader looks for
        best = [one for one in cases[:1] if not one.raised and self._fails.get(one.input.arguments)]
        caught = self.caught(best)
        while len(best) < _CASES + _ERRORS:
            free = [
                one for one in cases
                if one not in best and sum(b.raised == one.raised for b in best) < (_ERRORS if one.raised else _CASES)
            ]  # fmt: skip
            gain = {id(one): len(self._fails.get(one.input.arguments, frozenset()) - caught) for one in free}
            # of equals the one that a person wrote, which comes first
            most = max(free, key=lambda one: gain[id(one)], default=None)
            if most is None or not gain[id(most)]:
                break
            best.append(most)
            caught |= self._fails[most.input.arguments]
        return [one for one in cases if one in best]

    def caught(self, cases: Sequence[Case]) -> set[int]:
        """The mutants that some of the cases tell apart."""
        return set[int]().union(*(self._fails.get(one.input.arguments, frozenset()) for one in cases))

    def candidate(self, cases: Sequence[Case]) -> Candidate:
        file = self.snapshot.files[self.at.path]
        taken = file.facts.bound if file.facts is not None else frozenset[str]()
        text, self.named = tests(self.found, self.probe.callee, self.at, cases, taken, self.rules)
        wanted = needed(self.found, cases, self.snapshot)
        style = self.rules["styles"][self.at.style]
        made = edits(file, self.found.language, self.probe.module, wanted, text, style, self.rules)
        created = frozenset([self.at.path]) if self.at.new else frozenset[str]()
        change = Change(Change.one(self.at.path, made).edits, created)
        span = Span(min(e.span.start for e in made), max(e.span.end for e in made))
        by_model = any(one.input.by_model for one in cases)
        return Candidate("model" if by_model else "rule", change, span, text)

    def mended(self, failed: Failed) -> Candidate | None:
        """The same with the safe fixes of the linter that refused it: the order of its imports."""
        file, before = failed.after.files[self.at.path], self.snapshot.files[self.at.path].document
        fixes = {fix for one in failed.findings for fix in one.fix}
        if not fixes or failed.gate != "lints no worse":
            return None
        try:
            fixed = Change.one(self.at.path, [Edit(Span(start, end), new.encode()) for start, end, new in fixes])
        except Overlap:
            return None
        old, new = before.data, file.document.with_edits(fixed.edits[self.at.path]).data
        head = _alike(old, new)
        tail = _alike(old[head:][::-1], new[head:][::-1])
        span = Span(head, len(old) - tail)
        change = Change({self.at.path: (Edit(span, new[head : len(new) - tail]),)}, failed.candidate.change.creates)
        return Candidate(failed.candidate.source, change, span, failed.candidate.text)

    def reaches(self) -> Any:
        """The name that is called is the function, and no other of its name."""
        called = self.found.symbol.qualified.split(".")[0]

        def promise(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
            data = after.files[path].document.data
            used = [one.start() for one in re.finditer(rb"\b%s\b(?=[.(])" % re.escape(called.encode()), data)]
            meant = after.graph.at(path, used[-1] if used else 0)
            if meant.symbols and all(one.path != self.path for one in meant.symbols):
                return [Finding("NAME", f"{called} is something else in {path.rsplit('/', 1)[-1]}")]
            return []

        return promise

    def judge(self, candidate: Candidate, after: Snapshot) -> Steps[list[Finding]]:
        """The tests in the sandbox: on the code as it is, then on each mutant."""
        text = after.files[self.at.path].document.text()
        name = self.probe.told(self.at.path)
        files = ((self.at.path, text), (self.path, self.text))
        own = tuple(f"{name}::{each}" for each in self.named)
        texts = (self.text, *(self._after(one) for one in self.wrong))
        told: Tested | Silence = yield Test(
            (name,), self.path, texts, own, files=files, limit=SECONDS, patience=PATIENCE
        )
        if isinstance(told, Silence):
            return [Finding(TEST, f"the tests could not be run: {told.reason}")]
        right, *wrong = told.verdicts
        if right is None or not right.passed:
            return [fails(right.test, failing_case(right.message)) if right else Finding(TEST, "they took too long")]
        self.caught_by_tests = sum(v is not None and not v.passed and v.test in own for v in wrong)
        return [] if self.caught_by_tests else [Finding(TEST, "they pass whatever is changed in the function")]

    # ---- how --------------------------------------------------------------------------------

    def _mutants(self) -> list[Mutation]:
        """Wrong versions, the likeliest mistakes first and not all of one line."""
        rules = self.found.language.table("repair")
        assert rules is not None
        document = self.found.document
        body = self.found.symbol.body
        lines: dict[int, int] = {}
        chosen: list[Mutation] = []
        for one in mutations(self.found.tree, document, self.found.symbol.span, lambda line: 0.5, rules):
            line = document.line_at(one.edit.span.start)
            lines[line] = lines.get(line, 0) + 1
            if one.edit.span.start >= body and lines[line] <= _OF_A_LINE and len(chosen) < _MUTANTS:
                chosen.append(one)
        return chosen

    def _after(self, mutation: Mutation) -> str:
        return self.found.document.with_edits([Edit(mutation.edit.span, mutation.edit.new)]).text()


def _alike(one: bytes, two: bytes) -> int:
    """How many bytes two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _proposed(found: Target, name: str, rules: Any, model: ModelInfo, asking: Asking) -> Steps[list[Input]]:
    """Arguments that a model would try and did not try in vain. What it says of results is not read."""
    if model.fim is None:
        return []
    source = found.document.text(found.symbol.span).replace("\r\n", "\n")[:_PROMPT]
    style = rules["styles"]["pytest"]
    opens = style["opens"].format(test=style["test"].format(name=found.symbol.name), arrow="")
    begins = style["equal"].split("{call}")[0]
    prompt = f"{source.rstrip()}\n\n\n{opens}\n{style['indent']}{begins}{name}("
    ask = Ask(Fim(prompt), _LIMIT, candidates=CANDIDATES, stop=("\n\n",), purpose="action")
    said: dict[tuple[str, ...], Input] = {}

    def judged(answer: Answer) -> Steps[tuple[str, str]]:
        yield from ()
        lines = f"{begins}{name}({answer.text}".split("\n")
        calls = {arguments: None for line in lines for arguments in written_calls(found, line.strip())}
        inputs = [Input(arguments, "a model", by_model=True) for arguments in calls]
        fresh = [one for one in inputs if digest(one.tuple) not in asking.tried]
        said.update((one.arguments, one) for one in fresh)
        return answer.text, "" if fresh else "nothing new in it could be called"

    yield from asking.heard(partial(answers_to, ask), judged, "is a call of it", what="calls")
    asking.ledger.notes.append(f"a model proposed {len(said)} call{'s' * (len(said) != 1)}")
    return list(said.values())


ACTION = Action("write_tests", "refactor.rewrite.dovetail.tests", offer, make, runs="always", needs="write_tests")
