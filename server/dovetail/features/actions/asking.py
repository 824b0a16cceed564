"""How a model is asked, written once for every action: how many answers, how freely, and told what failed before.

An action puts its question plainly: what stands around the place, how long an answer may be, where it ends. What the
round adds is added here: a temperature, a seed, the finding in one line, the step of the plan. What is said to the
model stands in a comment of the language before the place, and never in what is applied.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from dovetail.context.evidence import Ledger, Trial
from dovetail.features.actions.answers import whole
from dovetail.model.ask import (
    Answer,
    Ask,
    Attempt,
    Chat,
    Checked,
    Effect,
    Off,
    Prompt,
    Silence,
    Stage,
    Steps,
    Vain,
    answered,
)
from dovetail.syntax import language_for

T = TypeVar("T")

CANDIDATES = 5
"""Answers in one batch: they share the prompt, which costs more than writing them."""
JUDGED = 8
"""Lines for a failing test: a fork tells in milliseconds which passes, so more of them cost little and find more."""
ONE = 1
"""A choice between words that are given, where there is nothing to rank; and a sentence, of which only the names can be
judged: the likeliest is true more often than the surest of five that are drawn."""
TEMPERATURES = (0.6, 0.45, 0.75, 0.6)
"""By round: the base, a little less, a little more, the base again. Of one alone the likeliest goes first."""
REPAIRS = 3
PATIENCE = 10_000.0
"""Milliseconds after which words that do not hold are not asked for once more."""
_LINE = 200
"""Characters of what is told in one line."""
_SHOWN = 60
_AGAIN = "again "
"""In place of a change: that it was asked once more."""


class Asking:
    """One thing that a model is asked for, round after round; what it said in vain is kept and not tried again."""

    def __init__(self, ledger: Ledger, path: str, about: str, data: bytes, *, above: bool = False) -> None:
        """above: its questions end inside of documentation, so what it is told stands above all of it."""
        self.ledger, self.path, self.above = ledger, path, above
        self.key = digest(f"{ledger.feature}\0{path}\0{about}", data)
        self.rounds = 0
        """How many were spent on asking."""
        self.why = ""
        """What was wrong with the last answers, in one line."""
        self.vain: tuple[Attempt, ...] | None = None
        self.tried: set[str] = set()
        """Digests of what need not be tried any more."""

    def recall(self) -> Steps[None]:
        """What was said in vain before, and what was wrong with it."""
        if self.vain is not None:
            return
        vain: tuple[Attempt, ...] = (yield Vain(self.key)) if self.ledger.model is not None else ()
        known = sum(not attempt.change.startswith(_AGAIN) for attempt in vain)
        if not vain or not known:
            self.vain = ()  # that it was asked again may be remembered longer than what failed
            return
        self.vain = vain
        self.why = vain[-1].why
        self.tried |= {attempt.change for attempt in vain}
        said = "1 answer that failed here before is" if known == 1 else f"{known} answers that failed here before are"
        self.ledger.notes.append(f"{said} not tried again")
        yield Attempt(self.key, f"{_AGAIN}{len(vain)}", self.why)  # so that the next time is another one

    def failed(self, said: str, why: str) -> Steps[None]:
        """An answer did not hold. said: a digest of it."""
        self.tried.add(said)
        yield Attempt(self.key, said, why)

    def put(self, steps: Steps[T]) -> Steps[T]:
        """The same steps, their questions as this round asks them."""
        counts = False

        def answer(effect: Effect) -> Steps[Any]:
            nonlocal counts
            counts = counts or isinstance(effect, Ask)
            return (yield self._round(effect) if isinstance(effect, Ask) else effect)

        result = yield from answered(steps, answer)
        self.rounds += counts
        return result

    def heard(
        self, question: Callable[[], Steps[list[Answer] | Silence]], judged: Callable[[Answer], Steps[tuple[str, str]]],
        gate: str, *, what: str = "", repairs: int = REPAIRS,
    ) -> Steps[list[str]]:  # fmt: skip
        """Words of a model that hold, what it says most often first; where none do, it is told why and asked again.

        judged: what is meant by an answer, and what is wrong with it. gate: what must hold of it. what: what it is for.
        """
        off: frozenset[str] = yield Off()
        yield from self.recall()
        seen: set[str] = set()
        began: float = yield Checked("")
        label = f"{what}: " if what else ""
        for number in range(1 + repairs):
            yield Stage("GENERATE", number, repairs)
            answers = yield from self.put(question())
            if isinstance(answers, Silence):
                self.ledger.notes.append(f"{label}the model was silent ({answers.reason})")
                return []
            self.ledger.count(answers)
            held: Counter[str] = Counter()
            wrong: list[str] = []
            for answer in sorted(whole(answers, self.ledger), key=lambda one: -one.logprob):
                text, reason = yield from judged(answer)
                if (said := digest(text)) in self.tried:
                    continue
                if not reason:
                    held[text] += 1
                    continue
                short = " ".join(text.split())[:_SHOWN]
                self.ledger.trials.append(Trial("model", f"{label}{text.strip()}", gate, reason))
                yield from self.failed(said, f"NOT SO: {short} ({reason})")
                wrong.append(reason)
                self.why = self.why if wrong[1:] else f"NOT SO: {short} ({reason})"
            if held:
                found = [text for text, _ in held.most_common()]
                self.ledger.trials.append(Trial("model", f"{label}{found[0]}"))
                return found
            late = (yield Checked("")) - began > PATIENCE
            if late or "retry" in off or set(wrong) <= seen:
                break
            seen |= set(wrong)
        return []

    def _round(self, ask: Ask) -> Ask:
        """A question with what this round adds to it."""
        vain = self.vain or ()
        if ask.candidates > 1 or self.rounds or vain:
            # another seed after each failure, so that it does not say the same again
            seed = ask.seed + 1000 * self.rounds + 7919 * len(vain)
            ask = replace(ask, temperature=TEMPERATURES[min(self.rounds, REPAIRS)], seed=seed)
        chat = isinstance(ask.prompt, Chat)
        why = f"This was tried and failed, do not repeat it: {self.why}" if chat and self.why else self.why
        return replace(ask, prompt=told(ask.prompt, [why[:_LINE], self.ledger.step], self.path, above=self.above))


def answers_to(ask: Ask) -> Steps[list[Answer] | Silence]:
    """One question as steps."""
    return (yield ask)


def told(prompt: Prompt, lines: Sequence[str], path: str, *, above: bool = False) -> Prompt:
    """A question with lines for the model alone: before the line that is to be written, or above all of it."""
    lines = [" ".join(line.split()) for line in lines if line]
    if not lines:
        return prompt
    if isinstance(prompt, Chat):
        return replace(prompt, user="\n\n".join((prompt.user, *lines)))
    at = 0 if above else prompt.prefix.rfind("\n") + 1
    head, rest = prompt.prefix[:at], prompt.prefix[at:]
    indent = rest[: len(rest) - len(rest.lstrip(" \t"))]
    return replace(prompt, prefix="".join((head, *(f"{indent}{comment(path, line)}\n" for line in lines), rest)))


def comment(path: str, text: str) -> str:
    """A line of text as the language of a file writes a comment."""
    language = language_for(path)
    mark = str(language.settings.get("comment", "")) if language is not None else ""
    return f"{mark}{text}{' -->' if mark.startswith('<!--') else ''}"


def digest(text: str, data: bytes = b"") -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass") + b"\0" + data).hexdigest()[:32]
