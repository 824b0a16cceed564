"""Code actions: one file, one action.

A module of this package that holds `ACTION` is an action; nothing else lists it. `offer` is the menu:
pure, no model, well under a millisecond. `make` is the meal.
"""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any, Literal

from dovetail.context.evidence import Evidence, Piece
from dovetail.features.actions.noted import seen, with_notes
from dovetail.features.actions.off import switched
from dovetail.model.ask import Effect, ModelInfo, Recipe, Silence, Spare, Stage, Steps, answered
from dovetail.syntax import Language, languages
from dovetail.text import Change, Span
from dovetail.world import Selection, Snapshot

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What another server or a linter says about a place."""

    span: Span
    code: str
    message: str
    source: str = ""
    page: str = ""
    """Where its rule is documented."""
    related: tuple[tuple[str, int, str], ...] = ()
    """What it says of other places: file, line from 0, words."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the menu is asked for."""

    at: Selection
    diagnostics: tuple[Diagnostic, ...] = ()
    trusted: bool = False
    off: frozenset[str] = frozenset()
    """Mechanisms that the user switched off."""
    types: str = ""
    """The type checker that the user names; "" where they name none."""
    step: str = ""
    """Where in a plan this is, as a model is told it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One row of the menu."""

    title: str
    target: Span
    """What the action is about: the name of a function, the range of a diagnostic."""
    data: tuple[tuple[str, str], ...] = ()
    """Whatever `make` needs to know again; travels through the editor as text."""
    disabled: str = ""
    """Why it cannot be done here, in words for a person; "" where it can."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A verified change, not yet applied."""

    change: Change
    summary: str
    """One line for the preview: what it does."""
    evidence: Evidence
    by_model: bool
    """A model wrote or chose some of it."""
    recipe: Recipe | None = None
    """What it can be made from again; to be counted where the user takes it."""

    @property
    def author(self) -> str:
        """Who wrote it, where that is a model; "" where rules made all of it."""
        return f"written by {self.evidence.model or 'a model'}, read it" if self.by_model else ""

    @property
    def told(self) -> str:
        """The line for the preview, with its author."""
        return f"{self.summary} ({self.author})" if self.author else self.summary


@dataclass(frozen=True, slots=True)
class Explained:
    """Markdown to read; changes nothing."""

    markdown: str
    evidence: Evidence
    by_model: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing to show, and why, in words for a person."""

    reason: str
    evidence: Evidence


Result = Edited | Explained | Refused


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of help."""

    name: str
    """`validate`: also the last part of its code-action kind."""
    kind: str
    """LSP code-action kind, `quickfix.dovetail` or `refactor.rewrite.dovetail.…`."""
    offer: Callable[[Snapshot, Request], list[Offer]]
    make: Callable[[Snapshot, Request, Offer, ModelInfo | None], Steps[Result]]
    edits: bool = True
    """False for an action that only tells."""
    runs: Literal["", "always", "where told"] = ""
    """May run tests of the project: under each of its rows, or under those that keep which (`tests`, `try`)."""
    needs: str = ""
    """The query or table of a language without which the action does not know it."""
    whole: bool = False
    """Changes whatever names a thing, so the project must have been read."""
    idle: str = ""
    """Why it offers nothing at a place, where its name is no verb."""
    why: Callable[[Snapshot, Request], str] | None = None
    """Why it offers nothing at this very place; "" where it can say no more than that."""

    def leave(self, offer: Offer) -> bool:
        """Whether who chooses a row gives leave to run tests."""
        told = any(key in ("tests", "try") for key, _ in offer.data)
        return self.runs == "always" or (self.runs == "where told" and told)

    @property
    def words(self) -> str:
        """Its name for a person."""
        return self.name.replace("_", " ")

    def result(self, snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
        """What `make` comes to; and where the model was asked in vain, what it comes to with the spare one."""
        model = None if "model" in request.off else model
        return (yield from switched(self._result(snapshot, request, offer, model), request.off))

    def _result(self, snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
        result = yield from self._made(snapshot, request, offer, model)
        if not isinstance(result, Refused) or not result.evidence.new_tokens or model is None:
            return result
        spare: ModelInfo | Silence = yield Spare()
        if isinstance(spare, Silence):
            return result if spare.kind == "none" else _noted(result, spare.reason)
        again = yield from self._made(snapshot, request, offer, spare)
        return _noted(again, f"{model.name} was asked in vain ({result.reason}), then {spare.name}")

    def _made(self, snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
        """What `make` comes to, the model told what the user noted about the place."""
        told: list[Piece] = []
        at = Selection(request.at.path, offer.target)
        made = _ended(self.make(snapshot, request, offer, model))
        result = yield from with_notes(made, snapshot, at, model, told)
        return replace(result, evidence=seen(result.evidence, told)) if told else result

    def nothing(self, language: Language | None) -> str:
        """Why it offers nothing at a place, in words for a person."""
        if language is None:
            return f"{self.words.capitalize()} does not know this kind of file"
        known = [each.name for each in languages() if _knows(each, self.needs)]
        if self.needs and language.name not in known:
            spoken = list(dict.fromkeys(each.spoken for each in languages() if each.name in known))
            return f"{self.words.capitalize()} knows {_listed(spoken)} only so far, not {language.spoken}"
        return self.idle or f"there is nothing to {self.words} here"


def _ended(steps: Steps[Result]) -> Steps[Result]:
    """The same steps, whose last stage says what they came to where something was generated."""
    stages: list[str] = []

    def answer(effect: Effect) -> Steps[Any]:
        stages.extend([effect.title] if isinstance(effect, Stage) else [])
        return (yield effect)

    result = yield from answered(steps, answer)
    end = "GIVE UP" if isinstance(result, Refused) else "COMPLETE"
    if "GENERATE" in stages and stages[-1] != end:
        yield Stage(end)
    return result


def _noted(result: Result, note: str) -> Result:
    return replace(result, evidence=replace(result.evidence, notes=(*result.evidence.notes, note)))


def _knows(language: Language, needs: str) -> bool:
    return language.query(needs) is not None or language.table(needs) is not None


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "no language"


@cache
def actions() -> tuple[Action, ...]:
    """Every action, by name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(module.ACTION for module in modules if hasattr(module, "ACTION"))


def nothing(action: Action, snapshot: Snapshot, request: Request, silent: Sequence[str] = ()) -> str:
    """Why an action offers nothing at a place, in words for a person. silent: why others could not look."""
    if silent:
        return f"nothing was found to {action.words} here, but: {'; '.join(silent)}"
    if action.runs and not request.trusted and action.offer(snapshot, replace(request, trusted=True)):
        return f"{action.words.capitalize()} runs code of the project, so it takes a project that you trust"
    if action.why is not None and (why := action.why(snapshot, request)):
        return why
    file = snapshot.file(request.at.path)
    return action.nothing(file.language if file is not None else None)


def in_turn(action: Action, rows: Sequence[Offer], *, leave: bool) -> list[Offer]:
    """The row to make where nobody chooses one; of rows for findings all of them, until one holds.

    leave: those go first that run tests, which was allowed.
    """
    rows = list(filter(action.leave, rows if leave else ())) or list(rows)
    return [row for row in rows if "diagnostic" in dict(row.data) and not row.disabled] or rows[:1]


def together(results: Sequence[Result]) -> Result:
    """What rows that were made in turn came to: the last if it holds, else why none does."""
    if not isinstance(results[-1], Refused):
        return results[-1]
    reasons = dict.fromkeys(each.reason for each in results if isinstance(each, Refused))
    return Refused("; ".join(reasons), results[0].evidence)


def offers(snapshot: Snapshot, request: Request, only: Sequence[str] = ()) -> list[tuple[Action, Offer]]:
    """The whole menu for a place. `only`: kinds the editor asked for, each a prefix (`quickfix`).

    An action that fails is logged and left out; the others stand.
    """
    found: list[tuple[Action, Offer]] = []
    for action in actions():
        if only and not any(action.kind == kind or action.kind.startswith(f"{kind}.") for kind in only):
            continue
        try:
            found += [(action, offer) for offer in action.offer(snapshot, request)]
        except Exception:
            _log.exception("the menu goes without %s", action.name)
    return found
