"""*Fix a failing test*: where the run points to, small edits first, then the project's words, then the model's.

The tests are the judge: of each candidate in a fork, of what is to be shown once more in a fresh process. Where
several edits pass that do different things, nobody can know which is meant; then none is shown, and an input that
tells them apart is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.window import window
from dovetail.features.actions import Edited, Refused, Result
from dovetail.features.actions.answers import code_of, first_line, watching, whole
from dovetail.features.actions.asking import JUDGED, TEMPERATURES, Asking
from dovetail.features.actions.fix.asserted import Asserted
from dovetail.features.actions.fix.inputs import documented, variants
from dovetail.features.actions.fix.locate import Suspicion, suspicion
from dovetail.features.actions.fix.mutations import mutations
from dovetail.features.actions.fix.recipes import made, signatures
from dovetail.features.actions.fix.recipes import told as told_as_recipe
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant, key_of, line_of, shape_of
from dovetail.model.ask import (
    Answer,
    Ask,
    Fim,
    Finding,
    Lesson,
    ModelInfo,
    Past,
    Ran,
    Recipe,
    Silence,
    Stage,
    Steps,
    Test,
    Tested,
)
from dovetail.recall import Source, Tokens, recall
from dovetail.recall.library import Shelf
from dovetail.syntax import language_for
from dovetail.text import Change, Document, Edit, Span
from dovetail.verify import TEST, all_reached, failing_case, fails
from dovetail.world import File, Snapshot

_FUNCTIONS = 3
"""Functions that are looked at, the most suspicious first."""
_FILES, _NEAR = 3, 0.7
"""Files that are searched, and the share of the first one's suspicion that another must have."""
_MOST = 4500
"""Mutations that are tried at most."""
_BATCH = 250
_WITHIN = (0.05, 0.1, 0.25)
"""Once something passes, whatever is at least so likely in comparison is tried as well. By the number of failing
tests, one, two, more: the fewer there are, the less it says that they pass."""
_RIVAL = (0.1, 0.3, 0.5)
"""An edit that does something else and is so likely in comparison is reason enough to show none. By the same number."""
_FAILS = 0.1
"""What is left of the likelihood of an edit with which the function fails where with another it answers."""
_GROWN = 0.3
"""How likely a line more is beside one in place of another."""
_SHORT = 0.05
"""Processor seconds that a test has at least."""
_LONG = 2.0
_PLACES = 6
"""Lines that the model is asked about."""
_READ = 2 * 1024 * 1024
"""Bytes of the project in which its own words are looked for."""
_LINE = 48
"""New tokens for one line."""
_KEPT = 40
"""Lines that failed and are kept, so that they are not tried again."""
_PROMPT = 448


@dataclass(frozen=True, slots=True)
class FailingTest:
    """What is asked for."""

    arguments: tuple[str, ...]
    """What pytest is given."""
    path: str = ""
    """The file to be changed, where the user says so."""
    seconds: float = 120.0
    """For all runs of tests together."""
    without: frozenset[str] = frozenset()
    """Mechanisms that are switched off: `rules`, `project`, `model`, `retry`, `locate`, `doubt`, `cache`."""


def fix_failing_test(snapshot: Snapshot, wanted: FailingTest, model: ModelInfo | None) -> Steps[Result]:
    """A verified change after which the failing tests pass and no other fails."""
    ledger = Ledger("fix", model)
    yield Stage("UNDERSTAND")
    whole_files = tuple(dict.fromkeys(_file_of(one) for one in wanted.arguments))
    told: Tested | Silence = yield Test(whole_files, traced=True, limit=_LONG, patience=wanted.seconds)
    if isinstance(told, Silence):
        return Refused(f"the tests could not be run: {told.reason}", ledger.evidence())
    failing = [ran for ran in told.tests if ran.outcome in ("failed", "timeout") and _asked(ran.name, wanted.arguments)]
    passing = [ran for ran in told.tests if ran.outcome == "passed"]
    if not failing:
        known = any(_asked(ran.name, wanted.arguments) for ran in told.tests)
        why = "passes already; there is nothing to fix" if known else "was not found among the tests that ran"
        return Refused(f"{' '.join(wanted.arguments)} {why}", ledger.evidence())
    ledger.notes.append(f"{len(failing)} failing and {len(passing)} passing tests; sandbox: {told.isolated or 'none'}")
    if not told.isolated:
        ledger.unknown.append("tests in a sandbox: this platform offers none, they ran as you would run them")
    yield Stage("LOCATE")
    suspected = suspicion(failing, passing, raised="locate" not in wanted.without)
    snapshot, files = _opened(snapshot, suspected, wanted)
    if not files:
        where = f"{wanted.path} is none" if wanted.path else f"none of {', '.join(snapshot.roots)}"
        why = f"the failing test goes through no file that could be changed: {where}"
        return Refused(f"{why}. The project's folder must hold the code as well as the test", ledger.evidence())
    spent = _Spent(told.seconds)
    asserted = Asserted(snapshot, files, suspected, failing)
    found = [
        _Search(snapshot, f, suspected, asserted, failing, passing, wanted, whole_files, model, ledger, spent)
        for f in files
    ]
    searches = [search for search in found if search.functions]
    if not searches:
        return Refused("the failing test goes through no function that could be changed", ledger.evidence())
    places = [(score, PurePosixPath(each.file.path).name, line) for each in searches for line, score in each.lines()]
    places.sort(key=lambda place: -place[0])
    several = len(searches) > 1
    ledger.notes.append(
        "suspicious: "
        + ", ".join(f"{f'{name} ' * several}line {at + 1} ({score:.2f})" for score, name, at in places[:5])
    )
    yield Stage("PLAN")
    language = searches[0].file.language
    assert language is not None
    first = failing[0]
    finding = Finding(first.name.rpartition("::")[2].split("[")[0], first.message)
    names = signatures(language, "TEST", finding)
    past: tuple[Recipe, ...] = yield Past(names)
    for each in searches:
        each.past = past
    doubt = (yield from _ranked(searches)) if several else ""
    search, held = searches[0], ""
    for number, search in enumerate(() if doubt else searches):
        if number:
            yield Stage("LOCATE")
        wish = Wish(
            search.file.path, search.propose, trusted=True, promises=(("everything is reached", all_reached),),
            judge=("tests pass", search.confirm), asked=f"make {finding.code} pass", asking=search.asking,
            vetted="the tests have judged it",
        )  # fmt: skip
        held = yield from grant(snapshot, wish, ledger)
        doubt = search.doubt
        if isinstance(held, Held) or doubt:
            break
    file = search.file
    ledger.notes.append(f"{spent.tried} candidates were tried in {spent.seconds:.1f} s of test runs")
    # what was not tried has not failed, nor what passes in one of the files
    helped = {recipe for each in searches for recipe in each.helped}
    for recipe in dict.fromkeys(recipe for each in searches for recipe in each.vain if recipe not in helped):
        yield Lesson(recipe, False)
    if not isinstance(held, Held):
        return Refused(f"no fix was found: {doubt or held}", ledger.evidence())
    recipe = search.remembered.get(held.candidate.text) if held.candidate.source == "cache" else None
    by_model = recipe.by_model if recipe else held.candidate.source == "model"
    after = held.after.file(file.path)
    assert after is not None
    recipe = recipe or told_as_recipe(
        file.document, after.document, held.candidate.change, file.path, language, names, by_model
    )
    if recipe is not None:
        yield Lesson(recipe, True)
    what = f"make {first.name.rpartition('::')[2]} pass ({held.candidate.text.strip()})"
    return Edited(held.candidate.change, what, ledger.evidence(), by_model, recipe)


def _file_of(argument: str) -> str:
    return argument.split("::")[0]


def _asked(name: str, arguments: Iterable[str]) -> bool:
    """Whether a test was asked for by name, by its file, or because all were."""
    for argument in arguments:
        if argument.startswith("-"):
            continue
        asked = argument.replace("\\", "/").removeprefix("./")
        if name == asked or name.startswith((f"{asked}::", f"{asked}[", f"{asked.rstrip('/')}/")) or asked in ("", "."):
            return True
        if name.endswith(f"/{asked}") or asked.endswith(f"/{name}"):
            return True
    return not any(not argument.startswith("-") for argument in arguments)


def _opened(snapshot: Snapshot, suspected: Suspicion, wanted: FailingTest) -> tuple[Snapshot, list[File]]:
    """The files that may be changed and are about as suspicious as the first, opened if they are not."""
    found: list[File] = []
    best = 0.0
    for path in suspected.files():
        language = language_for(path)
        rules = language.table("repair") if language else None
        if rules is None or (wanted.path and path != wanted.path) or re.search(rules["test-file"], path):
            continue
        score = max(suspected.of(path).values())
        if len(found) == _FILES or score < _NEAR * best:
            break
        file = snapshot.file(path)
        if file is None and (text := snapshot.texts.get(path)) is not None:
            file = File.open(path, Document(text), None, None)
            snapshot = replace(snapshot, files=snapshot.files.set(path, file))
        if file is not None and file.tree is not None:
            found.append(file)
            best = best or score
    return snapshot, found


def _ranked(searches: list[_Search]) -> Steps[str]:
    """What is certain is tried in all files, and the file with the likeliest edit goes first; a doubt where an edit
    of another file is about as likely."""
    for search in searches:
        search.first = yield from search.certain(max((each.likeliest for each in searches), default=0.0))
    searches.sort(key=lambda each: -each.likeliest)
    one, two = searches[:2]
    if "doubt" in one.wanted.without or two.likeliest <= _RIVAL[one.few] * one.likeliest:
        return ""
    said = "; ".join(f"{max(each.first or (), key=lambda c: c[1])[0].text} in {each.file.path.rpartition('/')[2]}"
                     for each in (one, two))  # fmt: skip
    return f"several different edits pass the tests ({said}). One more test would decide"


@dataclass
class _Spent:
    """What all searches together may spend."""

    seconds: float
    tried: int = 0


class _Search:
    """Candidates for one file, judged as they are made."""

    def __init__(
        self, snapshot: Snapshot, file: File, suspected: Suspicion, asserted: Asserted, failing: Sequence[Ran],
        passing: Sequence[Ran], wanted: FailingTest, arguments: tuple[str, ...], model: ModelInfo | None,
        ledger: Ledger, spent: _Spent,
    ) -> None:  # fmt: skip
        self.snapshot, self.file, self.wanted, self.model, self.ledger = snapshot, file, wanted, model, ledger
        self.suspected, self.failing, self.passing, self.arguments = suspected, failing, passing, arguments
        self.asserted = asserted
        self.document = file.document
        self.must = (*(ran.name for ran in failing), *(ran.name for ran in passing))
        self.limit = max(_SHORT, 10 * max((ran.seconds for ran in passing), default=0.0))
        self.few = min(len(failing), 3) - 1
        self.spent = spent
        said = [(ran.name, ran.message) for ran in failing]
        self.asking = Asking(ledger, file.path, f"make pass: {said}", file.document.data)
        self.kept = 0
        self.rounds, self.doubt = 0, ""
        self.first: list[tuple[Candidate, float]] | None = None
        """What is certain, where it was tried already."""
        self.past: tuple[Recipe, ...] = ()
        self.remembered: dict[str, Recipe] = {}
        self.helped: list[Recipe] = []
        self.vain: list[Recipe] = []
        self.late: list[tuple[Candidate, float]] = []
        self.functions = self._functions()

    def lines(self) -> list[tuple[int, float]]:
        """The suspicious lines inside the functions, the most suspicious first."""
        found = [
            (line, score)
            for line, score in self.suspected.of(self.file.path).items()
            if any(f.start <= self.document.start_of(line) < f.end for f in self.functions)
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _functions(self) -> list[Span]:
        """The outermost functions around the suspicious lines; of equals those first that an assertion asks about."""
        assert self.file.tree is not None
        whole = [
            Span(node.start_byte, node.end_byte)
            for match in self.file.tree.matches("repair")
            for node in match.get("function", ())
        ]
        scores: dict[Span, float] = {}
        for line, score in self.suspected.of(self.file.path).items():
            place = self.document.line(line)
            around = [span for span in whole if span.start < place.end and place.start < span.end]
            if around:
                outer = max(around, key=len)
                scores[outer] = max(scores.get(outer, 0.0), score)
        return sorted(scores, key=lambda span: (-scores[span], self.asserted.rank(self.file.path, span)))[:_FUNCTIONS]

    # ---- what is proposed -----------------------------------------------------------------------

    def propose(self, number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        off = self.wanted.without
        if self.doubt:
            return []
        if number == 0:
            found = self.first if self.first is not None else (yield from self.certain())
            if "model" not in off and any(self._method(candidate) for candidate, _ in found):
                # few tests tell what becomes of an object: what a model would write is weighed as well
                found = found + (yield from self._judged((yield from self._written())))
        elif "model" in off or (number > 1 and "retry" in off):
            return []
        else:
            found = yield from self._judged((yield from self._written()))
        if found and "doubt" not in off:
            found = yield from self._agreed(found)
        return [candidate for candidate, _ in found]

    @property
    def likeliest(self) -> float:
        return max((weight for _, weight in self.first or ()), default=0.0)

    def certain(self, best: float = 0.0) -> Steps[list[tuple[Candidate, float]]]:
        """What passes without a model. best: how likely an edit is that passes in another file."""
        off = self.wanted.without
        # what helped once is no more than likely: it stands among the small edits
        found = (yield from self._known()) if "cache" not in off else []
        if "rules" not in off:
            found = found + (yield from self._mutated(_WITHIN[self.few] * best))
        if not found and not best and "project" not in off:
            found = yield from self._judged(self._recalled())
        return found

    def _known(self) -> Steps[list[tuple[Candidate, float]]]:
        """What made such a test pass before, wherever the functions have the same lines."""
        assert self.file.language is not None
        lines = [
            line
            for span in self.functions
            for line in range(self.document.line_at(span.start), self.document.line_at(span.end) + 1)
        ]
        found: list[tuple[Candidate, float]] = []
        for recipe in self.past:
            again = list(made(recipe, self.document, self.file.path, lines, self.file.language))
            self.remembered.update((candidate.text, recipe) for candidate in again)
            found += [(candidate, 1.0 if recipe.taken else 0.5) for candidate in again]
        return (yield from self._judged(found))

    def _mutated(self, least: float) -> Steps[list[tuple[Candidate, float]]]:
        """Mutations by likelihood, until one passes and none that is about as likely is left."""
        assert self.file.tree is not None
        assert self.file.language is not None
        rules = self.file.language.table("repair")
        assert rules is not None
        of = self.suspected.of(self.file.path)
        flat = "locate" in self.wanted.without

        def suspicious(line: int) -> float:
            near = max((of.get(each, 0.0) for each in (line, line - 1, line + 1)), default=0.0)
            return 0.5 if flat else max(of.get(line, 0.0), 0.6 * near)

        found = [
            (self._candidate("rule", each.edit, f"{each.kind}: {_shown(self.document, each.edit)}"), each.weight)
            for function in self.functions
            for each in mutations(self.file.tree, self.document, function, suspicious, rules)
        ]
        found.sort(key=lambda pair: -pair[1])
        passed: list[tuple[Candidate, float]] = []
        at, size = 0, _BATCH
        while at < min(len(found), _MOST):
            batch = [pair for pair in found[at : at + size] if pair[1] >= least]
            if not batch:
                break
            if passed:
                batch = [pair for pair in batch if pair[1] >= _WITHIN[self.few] * passed[0][1]]
                if not batch:
                    break
            at += size
            size = min(2 * size, 4 * _BATCH)
            passed += yield from self._judged(batch)
            if self.spent.seconds > self.wanted.seconds:
                break
        if not passed and self.late and self.spent.seconds < self.wanted.seconds:
            late, self.late, self.limit = self.late, [], _LONG
            passed = yield from self._judged(late[:60])
        return passed

    def _recalled(self) -> list[tuple[Candidate, float]]:
        """What the project goes on with where a suspicious line, or a new one before it, begins."""
        others: list[tuple[str, bytes, Tokens]] = []
        for path, text in self.snapshot.texts.items():
            if path != self.file.path and sum(len(each[1]) for each in others) < _READ:
                others.append((path, text, Tokens.of(text)))
        project = Source(Shelf.of(others))
        data = self.document.data
        found: list[tuple[Candidate, float]] = []
        for line, score in self.lines()[: 2 * _PLACES]:
            place = self.document.line(line)
            old = self.document.text(place)
            start = place.start + len(old) - len(old.lstrip())
            head, tail = data[: place.start], data[place.end :]
            parts = [(self.file.path, head, Tokens.of(head)), (self.file.path, tail, Tokens.of(tail))]
            sources = (Source(Shelf.of(parts, [0, place.end]), 2.0), project)
            words = [start, *(start + n + 1 for n, c in enumerate(old.strip()) if c in " (=,[")]
            for cut in words[:12]:
                for known in recall(data[:cut], tail, sources, 2):
                    edit = Edit(Span(cut, place.end), known.text.encode())
                    if edit.new != data[cut : place.end]:
                        found.append((self._candidate("project", edit, known.text), score))
        return found

    def _written(self) -> Steps[list[tuple[Candidate, float]]]:
        """Lines that the model would write at the suspicious places: in place of one, before one, half of one."""
        number, self.rounds = self.rounds, self.rounds + 1
        if self.model is None or self.model.fim is None or number >= len(TEMPERATURES):
            if not number:
                self.ledger.notes.append("no model: only small edits and the project's own words were tried")
            return []
        found: list[tuple[Candidate, float]] = []
        shapes: set[str] = set()
        for line, score in self.lines()[:_PLACES]:
            place = self.document.line(line)
            old = self.document.text(place)
            indent = old[: len(old) - len(old.lstrip())]
            if not old.strip():
                continue
            for edit_span, head, tail, grows in self._asks(place, old, indent, number):
                answers = yield from self._asked(place, head, tail, number)
                if isinstance(answers, Silence):
                    self.ledger.notes.append(f"the model was silent: {answers.reason}")
                    return found
                for answer in whole(answers, self.ledger):
                    said = first_line(code_of(answer.text))
                    if said:
                        new = f"{indent}{said}{self.document.newline().decode()}" if grows else said
                        one = self._candidate("model", Edit(edit_span, new.encode("utf-8", "replace")), said)
                        after = self.snapshot.after(one.change)
                        shape = shape_of(after, one, self.file.path, len(self.document))
                        if shape not in shapes and key_of(one.change) not in self.asking.tried:
                            found.append((one, _GROWN * score if grows else score))
                        shapes.add(shape)
        return found

    def _asks(self, place: Span, old: str, indent: str, number: int) -> list[tuple[Span, str, str, bool]]:
        """(what is replaced, what the model goes on from, what follows, whether a line is added)."""
        start = place.start + len(indent.encode())
        if number < 2:
            return [
                (Span(start, place.end), indent, "", False),
                (Span(place.start, place.start), indent, f"\n{old}", True),
            ]
        # the second try failed as well: less of the line
        assert self.file.tree is not None
        smaller: list[tuple[Span, str, str, bool]] = []
        for match in self.file.tree.matches("repair", within=place):
            for kind in ("condition", "assigned", "returned", "argument"):
                for node in match.get(kind, ()):
                    span = Span(node.start_byte, node.end_byte)
                    if place.holds(span):
                        head = self.document.text(Span(place.start, span.start))
                        smaller.append((span, head, self.document.text(Span(span.end, place.end)), False))
        return smaller[:3]

    def _asked(self, place: Span, head: str, tail: str, number: int) -> Steps[list[Answer] | Silence]:
        assert self.model is not None
        room = min(_PROMPT, self.model.context - _LINE - 16)
        around = yield from window(self.document, place, room - room // 3, room // 3)
        if number:  # what the text does as it is: what is in its place now is not in the prompt
            first = self.failing[0]
            self.asking.why = line_of(fails(first.name, failing_case(first.message)))
        line = self.document.line_at(place.start)
        used = [
            Piece(
                "text before the line", self.file.path, around.first_line, "nearest lines", 1.0, around.before_tokens
            ),
            Piece("text after the line", self.file.path, line + 1, "nearest lines", 1.0, around.after_tokens),
        ]
        self.ledger.used += [piece for piece in used if piece not in self.ledger.used]
        answers: list[Answer] | Silence = yield Ask(
            Fim(around.before.replace("\r\n", "\n") + head, tail + around.after.replace("\r\n", "\n")),
            _LINE,
            candidates=JUDGED,
            of=self.file.path,
            seed=1000 + line,
            stop=("\n",),
            watch=watching(line=True),
        )
        if not isinstance(answers, Silence):
            self.ledger.count(answers)
        return answers

    def _candidate(self, source: str, edit: Edit, text: str) -> Candidate:
        change = Change.one(self.file.path, [edit])
        return Candidate(source, change, edit.span, text)  # pyright: ignore[reportArgumentType]

    # ---- what the tests say ---------------------------------------------------------------------

    def _judged(self, found: Sequence[tuple[Candidate, float]]) -> Steps[list[tuple[Candidate, float]]]:
        """Those with which every test passes that must."""
        fresh: dict[str, tuple[Candidate, float]] = {}
        for candidate, weight in found:
            fresh.setdefault(self._after(candidate), (candidate, weight))
        left = self.wanted.seconds - self.spent.seconds
        if not fresh or left <= 0:
            return []
        told: Tested | Silence = yield Test(
            self.arguments, self.file.path, tuple(fresh), self.must, limit=self.limit, patience=left
        )
        if isinstance(told, Silence):
            self.ledger.notes.append(f"candidates could not be judged: {told.reason}")
            return []
        self.spent.seconds += told.seconds
        passed: list[tuple[Candidate, float]] = []
        for pair, verdict in zip(fresh.values(), told.verdicts, strict=True):
            self.spent.tried += verdict is not None
            if verdict is not None and verdict.why != "timeout" and pair[0].text in self.remembered:
                (self.helped if verdict.passed else self.vain).append(self.remembered[pair[0].text])
            if verdict is not None and verdict.passed:
                passed.append(pair)
            elif verdict is not None and verdict.why == "timeout":
                self.late.append(pair)
            elif verdict is not None and pair[0].source == "model" and self.kept < _KEPT:
                self.kept += 1
                why = line_of(fails(verdict.test, failing_case(verdict.message)))
                yield from self.asking.failed(key_of(pair[0].change), why)
        return passed

    def _after(self, candidate: Candidate) -> str:
        return self.document.with_edits(candidate.change.edits[self.file.path]).text()

    def confirm(self, candidate: Candidate, after: Snapshot) -> Steps[list[Finding]]:
        """The whole run, in a fresh process, with the text on disk."""
        file = after.file(self.file.path)
        assert file is not None
        told: Tested | Silence = yield Test(
            self.arguments, self.file.path, (file.document.text(),), whole=True, limit=max(_LONG, self.limit)
        )
        at = candidate.change.edits[self.file.path][0].span.start
        line = self.document.line_at(at)
        if isinstance(told, Silence):
            return [Finding(TEST, told.reason, at, at, line=line)]
        outcomes = {ran.name: ran for ran in told.tests}
        for name in self.must:
            ran = outcomes.get(name)
            if ran is None or ran.outcome != "passed":
                said = failing_case(ran.message) if ran else "did not run"
                return [fails(name, said, at, line)]
        return []

    # ---- when several pass ----------------------------------------------------------------------

    def _agreed(self, found: list[tuple[Candidate, float]]) -> Steps[list[tuple[Candidate, float]]]:
        """Those that do the same as the likeliest one. None, and `doubt`, where another is about as likely."""
        ordered = sorted(found, key=lambda pair: -pair[1])[:40]
        if len(ordered) == 1:
            return self._asked_about(ordered)
        texts = tuple(self._after(candidate) for candidate, _ in ordered)
        compared = yield from self._all_compared(texts, self._asked_of(ordered))
        points = [sum(each.points.get(text, 0) for each in compared) for text in texts]
        groups: dict[tuple[str, ...], list[tuple[Candidate, float]]] = {}
        for text, pair, agreed in zip(texts, ordered, points, strict=True):
            if agreed == max(points):
                said = tuple(one for each in compared for one in each.said.get(text, ()))
                # what cannot be compared counts as different
                whole = compared and all(text in each.said for each in compared)
                groups.setdefault(said if whole else (text,), []).append(pair)
        mass = _masses(groups)
        ranked = sorted(groups.items(), key=lambda item: -mass[item[0]])
        said, best = ranked[0]
        self.ledger.notes.append(f"{len(ordered)} edits pass, which do {len(groups)} different things")
        if len(ranked) > 1:
            other, rival = ranked[1]
            if mass[other] > _RIVAL[self.few] * mass[said]:
                questions = [one for each in compared for one in each.questions]
                where = _parted(questions, said, other)
                one, two = best[0][0].text, rival[0][0].text
                self.doubt = f"several different edits pass the tests ({one}; {two}){where}. One more test would decide"
                return []
        return self._asked_about(best)

    def _asked_about(self, found: list[tuple[Candidate, float]]) -> list[tuple[Candidate, float]]:
        """Those that lie in what the failing assertion asks about, of edits that do the same. None, and `doubt`, where
        all lie in what the test only prepares with, and nothing but that they pass speaks for them."""
        besides = [self.asserted.besides(self.file.path, self._line(candidate)) for candidate, _ in found]
        kept = [pair for pair, beside in zip(found, besides, strict=True) if beside is None]
        if kept or not besides or besides[0] is None:
            return kept
        own, asked = besides[0]
        for candidate, _ in found:
            self.ledger.notes.append(f"passes and is not shown: line {self._line(candidate) + 1}, {candidate.text}")
        self.doubt = (
            f"what passes ({found[0][0].text}) changes {own}, which the failing assertion does not ask about; {asked}, "
            f"which it does, is as suspicious. A test of {own} alone would decide"
        )
        return []

    def _line(self, candidate: Candidate) -> int:
        return self.document.line_at(candidate.change.edits[self.file.path][0].span.start)

    def _asked_of(self, ordered: Sequence[tuple[Candidate, float]]) -> list[str]:
        """The functions to compare: those that the edits lie in, where the tests call them; else the first called.

        One in a class stands for all of its file: what counts is what becomes of an object.
        """
        if method := next((name for candidate, _ in ordered if (name := self._method(candidate))), ""):
            return [method]
        within: dict[str, None] = {}
        for candidate, _ in ordered:
            at = candidate.span.start
            function = next((span for span in self.functions if span.start <= at <= span.end), None)
            around = ("function", "method")
            if function and (symbol := self.snapshot.graph.enclosing(self.file.path, function.start, around)):
                within.setdefault(symbol.name)
        called = self._calls()
        return [name for name in within if name in called] or list(called)[:1]

    def _method(self, candidate: Candidate) -> str:
        """The class and method that an edit lies in, "" where it lies in none."""
        at, graph, path = candidate.span.start, self.snapshot.graph, self.file.path
        function = next((span for span in self.functions if span.start <= at <= span.end), None)
        owner = graph.enclosing(path, function.start, ("class",)) if function else None
        symbol = graph.enclosing(path, function.start, ("function", "method")) if function else None
        return f"{owner.name}.{symbol.name}" if owner is not None and symbol is not None else ""

    def _all_compared(self, texts: tuple[str, ...], functions: Sequence[str]) -> Steps[list[_Compared]]:
        found: list[_Compared] = []
        for function in functions:
            found += [(yield from self._compared(texts, function))]
        return found

    def _compared(self, texts: tuple[str, ...], function: str) -> Steps[_Compared]:
        """What a function answers with each text to more than the tests ask."""
        calls = self._calls().get(function, ())
        asked = tuple(dict.fromkeys(calls)) if all(map(_is_literal, calls)) and "." not in function else ()
        around = "\n".join(map(self.document.text, self.functions))
        told_so = documented(around, function.rpartition(".")[2]) if asked else {}
        given = (*asked, *told_so, *variants(asked)) if asked else ()
        if given and set(given) == set(asked):
            given += given if asked == ("()",) else ()  # without arguments: whether it says the same twice
            given = given if len(given) > len(asked) else ()
        told: Tested | Silence = yield Test(
            self.arguments, self.file.path, texts, self.must, function=function, inputs=given, limit=1.0, patience=30
        )
        if isinstance(told, Silence):
            return _Compared({}, {}, ())
        self.spent.seconds += told.seconds
        said = {text: v.said for text, v in zip(texts, told.verdicts, strict=True) if v is not None and v.said}
        points = {text: self._conforms(one, given, told_so) for text, one in said.items()}
        return _Compared(said, points, tuple(f"{function}{one}" for one in given))

    def _conforms(self, said: Sequence[str], given: Sequence[str], told_so: Mapping[str, str]) -> int:
        """Examples of the documentation that are answered so."""
        answers = dict(zip(given, said, strict=False))
        return sum(answers.get(arguments) == answer for arguments, answer in told_so.items())

    def _calls(self) -> dict[str, tuple[str, ...]]:
        """The functions of the suspicious places that the tests call, the first called first, and what they are
        given, as it is written. What one calls in turn shows in its answers."""
        found: dict[str, tuple[str, ...]] = {}
        for ran in (*self.failing, *self.passing):
            for path, name, calls in ran.calls:
                if path == self.file.path and "<" not in name:
                    found[name] = (*found.get(name, ()), *calls)
        assert self.file.tree is not None
        names = {
            (node.text or b"").decode("utf-8", "replace")
            for span in self.functions
            for match in self.file.tree.matches("repair", within=span)
            for node in match.get("function.name", ())
        }
        return {name: calls for name, calls in found.items() if name.rpartition(".")[2] in names}


@dataclass(frozen=True, slots=True)
class _Compared:
    """What texts do where they are asked the same."""

    said: Mapping[str, tuple[str, ...]]
    points: Mapping[str, int]
    """Examples of the documentation that a text answers so."""
    questions: tuple[str, ...]
    """Calls as they are written; () where the answers say themselves what was called."""


def _parted(questions: Sequence[str], one: Sequence[str], two: Sequence[str]) -> str:
    """The call that tells two behaviours apart, for a person."""
    apart = [n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    if not apart:
        return ""
    if len(questions) == len(one) == len(two):
        at = apart[0]
        return f"; they differ at {questions[at]}: {one[at]} or {two[at]}"
    for at in apart:  # what an answer shows before what only an object holds
        (call, sign, answer), other = one[at].split("\n")[0].rpartition(" → "), two[at].split("\n")[0]
        if sign and other.startswith(f"{call} → ") and other != f"{call} → {answer}":
            return f"; they differ at {call}: {answer} or {other.rpartition(' → ')[2]}"
    return ""


def _masses(groups: Mapping[tuple[str, ...], Sequence[tuple[Candidate, float]]]) -> dict[tuple[str, ...], float]:
    """The likelihood of each behaviour: that of its edits, less where it fails and another does not."""
    answered = {
        at for said in groups for at, one in enumerate(said) if len(said) > 1 and not one.startswith(("!", "?"))
    }
    found: dict[tuple[str, ...], float] = {}
    for said, group in groups.items():
        fails = any(at in answered and one.startswith("!") for at, one in enumerate(said))
        found[said] = sum(weight for _, weight in group) * (_FAILS if fails else 1.0)
    return found


def _is_literal(written: str) -> bool:
    try:
        ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _shown(document: Document, edit: Edit) -> str:
    old = " ".join(document.text(edit.span).split())
    new = " ".join(edit.new.decode("utf-8", "replace").split())
    if not old:
        return f"insert {new}"
    return f"{old} → {new}" if new else f"remove {old}"
