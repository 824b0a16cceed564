"""From a cursor to a suggestion: the project's own words first, then the model, then what holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from dovetail.context.evidence import Evidence, Ledger, Piece, Trial
from dovetail.features.inline_completion.filters import GATES, Draft, filtered
from dovetail.features.inline_completion.members import members
from dovetail.features.inline_completion.place import not_here, wants_block
from dovetail.features.inline_completion.prompt import continues, piece_of, prompt
from dovetail.model.ask import Answer, Ask, ModelInfo, Silence, Stage, Steps, through
from dovetail.recall import MOST_PLACES, Library, Recalled, Search, Shelf, Source, Tokens, alike
from dovetail.text import Span
from dovetail.world import File, Selection, Snapshot

_ROUNDS = ((1, 0.0), (3, 0.5))
"""(candidates, temperature): greedy first, and only when that one is sure and does not hold, three samples."""
_INVOKED = ((1, 0.0), (4, 0.6))
"""Who asks wants to choose."""
_RECALLED = 3
_OTHERS = 4
"""Further suggestions that are offered beside the first."""
_ABOVE, _BELOW = 8, 4
"""Lines around the cursor that the model sees nearly always, so they are not quoted."""
_WEIGHT_HERE, _WEIGHT_OPEN = 8.0, 2.0
"""What a place in this file, or in another open one, counts against one elsewhere."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """What a user may set."""

    prompt_tokens: int = 448
    """At most so many tokens of prompt; typing must stay interactive."""
    line_tokens: int = 40
    block_tokens: int = 120
    patience: float = 2.0
    """Seconds for the model, all questions together."""
    confidence: float = -1.0
    """Mean log-probability per token below which nothing of the model is shown."""
    sure: float = 0.35
    """Chance of being what the author would write, below which no line is shown."""
    invoked: bool = False
    """The user asked for it: rules that only spare nerves do not apply, and there may be several."""
    strings: bool = True
    """Suggest inside of strings …"""
    comments: bool = True
    """… and of comments."""
    ask: bool = True
    """False where the model had nothing to say a moment ago: only the project's own words."""
    members: bool = True
    """Behind `self.` the model chooses among the members that there are."""
    recall: bool = True
    """The project's own words as well; without them the model speaks alone, and is shown no lines like this one."""
    graph: bool = True
    """Show the model what the graph knows of what the lines near the cursor name."""
    without: frozenset[str] = frozenset()
    """Filters that are left out, by their gate: for measuring what they are worth."""

    @property
    def longest(self) -> int:
        """Tokens of an answer for which there must be room."""
        return max(self.line_tokens, self.block_tokens)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Ghost text: `text` in place of `span`, which lies on one line."""

    path: str
    span: Span
    text: str
    logprob: float
    evidence: Evidence
    chance: float = 0.0
    """That it is what the author would write, where that could be told."""
    others: tuple[str, ...] = ()
    """What else would do, likeliest first."""

    @property
    def source(self) -> str:
        """Who said it: `project`, `model`, or both."""
        return next((t.source for t in self.evidence.trials if not t.failed and t.text == self.text), "model")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing to show, and why."""

    reason: str
    evidence: Evidence
    gate: str = ""
    """The filter that held it back; "" where there was nothing to hold back."""
    lasting: bool = True
    """False where asking again might help: the model was busy, late or not there."""


@dataclass(slots=True)
class _Held:
    """A draft that came through the filters."""

    text: str
    chance: float
    logprob: float = 0.0
    piece: Piece | None = None
    """Where the project says it."""
    model: bool = False
    """Whether the model says it."""


@dataclass(slots=True)
class _Round:
    """What was tried at one place."""

    snapshot: Snapshot
    file: File
    at: Selection
    ledger: Ledger
    knobs: Knobs
    held: list[_Held] = field(default_factory=list["_Held"])
    tried: set[str] = field(default_factory=set[str])
    reason: str = ""
    gate: str = ""

    def take(self, draft: Draft, chance: float, logprob: float = 0.0, piece: Piece | None = None) -> Steps[None]:
        """Put a draft through the filters and keep it where it holds. Other requests are heard in between."""
        draft, gate, finding = yield from filtered(draft, self.knobs.without)
        model = draft.source == "model"
        for held in self.held:
            if held.text == draft.text and not gate:  # two who do not know each other say the same
                if model and not held.model:
                    held.chance = 1 - (1 - held.chance) * (1 - chance)
                    held.logprob, held.model = logprob, True
                return
        if draft.text in self.tried:
            return
        self.tried.add(draft.text)
        if not gate and model and logprob < self.knobs.confidence:
            gate, finding = "confident", "the model was not sure"
        elif not gate and chance < self.knobs.sure and not self.knobs.invoked:
            self.reason = "the model was not sure" if model else "the project goes on in more than one way"
            self.gate = "confident"
        self.ledger.trials.append(Trial(draft.source, draft.text, gate, finding))
        if gate:
            self.reason, self.gate = finding, gate
        else:
            self.held.append(_Held(draft.text, chance, logprob, piece, model))

    def best(self) -> _Held | None:
        """What is sure enough to be shown; who asked for it is shown what there is."""
        sure = [held for held in self.held if held.chance >= self.knobs.sure or self.knobs.invoked]
        project = max((held for held in sure if held.piece), key=lambda held: held.chance, default=None)
        # by the token: a sum of logarithms would prefer whoever says least
        model = max((held for held in sure if not held.piece), key=lambda held: held.logprob, default=None)
        if project and model and project.chance < min(model.chance, self.knobs.sure):
            return model
        return project or model

    def suggestion(self, held: _Held) -> Suggestion:
        """What is shown, with the others behind it."""
        if held.piece is not None:
            self.ledger.used.append(held.piece)
        self.ledger.passed = [*GATES, "confident"]
        rest = sorted((other for other in self.held if other is not held), key=lambda other: -other.chance)
        others = tuple(self._ended(other.text) for other in rest[:_OTHERS]) if self.knobs.invoked else ()
        text = self._ended(held.text)
        return Suggestion(
            self.at.path, self.at.span, text, held.logprob, self.ledger.evidence(), held.chance, others
        )  # fmt: skip

    def quiet(self, reason: str, gate: str = "", *, lasting: bool = True) -> Quiet:
        return Quiet(reason, self.ledger.evidence(), gate, lasting)

    def _ended(self, text: str) -> str:
        newline = self.file.document.newline().decode()
        return text.replace("\n", newline) if newline != "\n" else text


def inline_completion(
    snapshot: Snapshot, at: Selection, model: ModelInfo | None, knobs: Knobs = Knobs(), library: Library | None = None
) -> Steps[Suggestion | Quiet]:
    """What would come next at the cursor.

    Never text that parses worse than before, names what does not exist, or repeats what stands
    right of the cursor. `library` spares reading the project's words anew.
    """
    ledger = Ledger("completion", model)
    file = snapshot.file(at.path)
    if reason := not_here(file, at, invoked=knobs.invoked, strings=knobs.strings, comments=knobs.comments):
        return Quiet(reason, ledger.evidence(), "place")
    assert file is not None
    now = _Round(snapshot, file, at, ledger, knobs)
    library = library or Library()
    block = wants_block(file, at.offset)
    search: Search | None = None
    if not block and knobs.recall:
        search = yield from _searched(snapshot, file, at, library)
        for said in search.found(_RECALLED):
            chance = said.chance if not now.held else min(said.chance, 1 - now.held[0].chance)
            draft = Draft(snapshot, file, at, said.text, source="project")
            yield from now.take(draft, chance, piece=piece_of(snapshot, said, "what the project wrote before"))
            if now.held and now.held[0].chance >= knobs.sure and not knobs.invoked:
                break  # those that follow are less likely
        if (best := now.best()) and not (knobs.invoked and knobs.ask and model and model.fim):
            return now.suggestion(best)
    if model is None or model.fim is None or not knobs.ask:
        reason = f"{model.name} has no fill-in-the-middle markers" if model else "no model is loaded"
        if not knobs.ask:
            reason = "the model was not sure a moment ago"
        if now.held and knobs.invoked and (best := now.best()):
            return now.suggestion(best)
        return now.quiet(reason, lasting=False)
    yield Stage("CONTEXT")
    lines = (yield from similar(snapshot, file, at, model, library, search)) if knobs.recall else []
    asked, typed = yield from prompt(
        snapshot, file, at, model, knobs.prompt_tokens, knobs.longest, ledger, lines, graph=knobs.graph
    )
    names = members(snapshot, file, at, away=model.away) if model.grammar and knobs.members else ()
    patience = knobs.patience
    for number, (candidates, temperature) in enumerate(_INVOKED if knobs.invoked else _ROUNDS):
        yield Stage("GENERATE")
        answers: list[Answer] | Silence = yield Ask(
            asked,
            knobs.block_tokens if block else knobs.line_tokens,
            candidates=candidates,
            temperature=temperature,
            seed=number,
            grammar=continues(typed, names) if (typed or names) and model.grammar else None,
            stop=_stops(file, at, block),
            draft=typed + now.held[0].text if now.held else "",
            purpose="typing",
            private=at.path in snapshot.private,
            patience=patience,
            seconds=0.9 * patience,  # late is quiet, but what is there by then may stand
            watch=_watch(file, at, block),
        )
        if isinstance(answers, Silence):
            if best := now.best():
                return now.suggestion(best)
            return now.quiet(now.reason or answers.reason, now.gate, lasting=False)
        ledger.count(answers)
        patience = max(0.05, patience - max((answer.seconds for answer in answers), default=0.0))
        surest = 0.0
        for answer in answers:
            text = answer.text
            if typed and model.grammar:
                if not text.startswith(typed):  # it ended inside of the word that was to be healed
                    continue
                text = text[len(typed) :]
            draft = Draft(snapshot, file, at, text, block, cut=answer.stopped in ("limit", "time"))
            # of one line, that every token is right; nobody expects a block to be to the letter what he would write
            length = 2 if block else max(1, answer.tokens)
            chance = math.exp(min(0.0, answer.logprob) * length)
            surest = max(surest, chance)
            yield from now.take(draft, chance, answer.logprob)
        if not knobs.invoked and (surest < knobs.sure or any(held.model for held in now.held)):
            break  # it holds, or is not sure: samples would not be surer
    if best := now.best():
        return now.suggestion(best)
    return now.quiet(now.reason or "the model had nothing to say", now.gate)


def made_ready(
    snapshot: Snapshot, at: Selection, model: ModelInfo, knobs: Knobs = Knobs(), library: Library | None = None
) -> Steps[None]:
    """Have the model read what it would be shown here; what it would say is of no interest yet."""
    file = snapshot.file(at.path)
    here = not_here(file, at, invoked=False, strings=knobs.strings, comments=knobs.comments)
    if here or file is None or model.fim is None:
        return
    ledger = Ledger("completion", model)
    lines = (yield from similar(snapshot, file, at, model, library or Library())) if knobs.recall else []
    asked, _ = yield from prompt(snapshot, file, at, model, knobs.prompt_tokens, knobs.longest, ledger, lines)
    yield Ask(asked, 1, purpose="prefetch", private=at.path in snapshot.private)


def still_holds(snapshot: Snapshot, said: Suggestion) -> bool:
    """Whether what was suggested here before would be suggested as it is now: names come and go."""
    file = snapshot.file(said.path)
    if file is None or file.tree is None or file.language is None:
        return False
    text = said.text.replace("\r\n", "\n")
    draft = Draft(snapshot, file, Selection(said.path, said.span), text, block="\n" in text, source="project")
    kept, gate, _ = through(filtered(draft))
    return not gate and kept.text == text


def recalled(snapshot: Snapshot, file: File, at: Selection, library: Library, most: int) -> Steps[list[Recalled]]:
    """How the project itself went on after the same words. No model."""
    return (yield from _searched(snapshot, file, at, library)).found(most)


def _searched(snapshot: Snapshot, file: File, at: Selection, library: Library) -> Steps[Search]:
    document = file.document
    last = document.line_at(at.span.end)
    below = document.start_of(last + 1) if last + 1 < document.lines else len(document)
    search = Search(document.data[: at.offset], document.data[below:])
    for source in _sources(snapshot, file, at, library):
        yield Stage("RECALL")
        search.look(source)
    yield Stage("RECALL")
    return search


def similar(
    snapshot: Snapshot, file: File, at: Selection, model: ModelInfo, library: Library, search: Search | None = None
) -> Steps[list[Recalled]]:
    """Lines that the model is shown, the likeliest last. Chosen when a line is first asked about, and the same until
    another one is: with each key another choice would have the model read its whole prompt anew.

    search: where it was looked through already.
    """
    if not model.repository:
        return []
    document = file.document
    first, last = document.line_at(at.span.start), document.line_at(at.span.end)
    above, below = document.data[: document.start_of(first)], document.data[document.line(last).end :]
    lines = library.lines(at.path, above, below)
    if not lines or not all(_may_be_quoted(snapshot, at.path, said.path, model) for said in lines):
        search = search or (yield from _searched(snapshot, file, at, library))
        seen = range(max(0, first - _ABOVE), min(last + 1 + _BELOW, document.lines))
        near = {document.text(document.line(number)).strip() for number in seen}
        found = search.found(MOST_PLACES)
        lines = alike((said for said in found if _may_be_quoted(snapshot, at.path, said.path, model)), near)
        library.keep_lines(at.path, above, below, lines)
    return lines


def _may_be_quoted(snapshot: Snapshot, at: str, path: str, model: ModelInfo) -> bool:
    """What is still there, and may be shown to this model."""
    there = path == at or path in snapshot.files or path in snapshot.texts
    return there and snapshot.may_show(path, at, away=model.away)


def _sources(snapshot: Snapshot, file: File, at: Selection, library: Library) -> Iterator[Source]:
    """Where to look, nearest first: this file without the cursor's line, open files, the rest."""
    document = file.document
    tokens = library.newest(file.path, document.data)
    top = document.start_of(document.line_at(at.span.start))
    bottom = document.line(document.line_at(at.span.end)).end
    above, below = (int(i) for i in np.searchsorted(tokens.starts, (top, bottom)))
    data = document.data
    parts = [
        (file.path, data[:top], Tokens(tokens.hashes[:above], tokens.starts[:above])),
        (file.path, data[bottom:], Tokens(tokens.hashes[below:], tokens.starts[below:] - np.uint32(bottom))),
    ]
    yield Source(Shelf.of(parts, [0, bottom]), _WEIGHT_HERE)
    others = [
        (path, other)
        for path, other in sorted(snapshot.files.items())
        if path != file.path and other.tree and path not in snapshot.private
    ]
    if others:
        texts = [(path, other.document.data, library.newest(path, other.document.data)) for path, other in others]
        yield Source(Shelf.of(texts), _WEIGHT_OPEN)
    yield Source(library.shelf(snapshot.texts, frozenset(snapshot.files.keys())))


def _stops(file: File, at: Selection, block: bool) -> tuple[str, ...]:
    """Where the model need not go on: at the end of the line, or where the text below begins."""
    if not block:
        return ("\n",)
    document = file.document
    for line in range(document.line_at(at.span.end) + 1, document.lines):
        text = document.text(document.line(line))
        if text.strip():
            return ("\n\n\n", "\n" + text) if len(text.strip()) > 3 else ("\n\n\n",)
    return ("\n\n\n",)


def _watch(file: File, at: Selection, block: bool) -> Callable[[int, str], bool] | None:
    """False once a block is over or goes round in circles; what was written until then is trimmed later."""
    if not block:
        return None
    document = file.document
    indent = document.text(Span(document.start_of(document.line_at(at.offset)), at.offset))

    def wanted(candidate: int, text: str) -> bool:
        lines = text.split("\n")[1:]
        if any(line.strip() and not line.startswith(indent) for line in lines):
            return False
        return len(lines) < 3 or not (lines[-2].strip() and lines[-2] == lines[-3])

    return wanted
