"""What the user asked to keep about a name stands in every prompt of an action about it, in the user's own words.

Only where it fits: a prompt that has no room is sent as it is, and the evidence says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from dovetail.context.evidence import Evidence, Piece
from dovetail.features.actions import asking
from dovetail.graph import Symbol
from dovetail.model.ask import Ask, Chat, Count, Effect, Fim, ModelInfo, Noted, Prompt, Steps, answered
from dovetail.world import Selection, Snapshot

R = TypeVar("R")
_SHARE = 12
"""Notes take at most one part in so many of a model's context."""


def with_notes(
    steps: Steps[R], snapshot: Snapshot, at: Selection, model: ModelInfo | None, told: list[Piece]
) -> Steps[R]:
    """The same steps, with what is noted about a place in what they ask. `told`: what the model saw of it, or not."""
    kept: list[tuple[str, str, str]] | None = None

    def answer(effect: Effect) -> Steps[Any]:
        nonlocal kept
        if isinstance(effect, Ask) and effect.purpose == "action" and model is not None:
            if kept is None:
                kept = yield from _kept(snapshot, at)
            if kept:
                effect = yield from _told(effect, kept, at.path, model, told)
        return (yield effect)

    return answered(steps, answer)


def seen(evidence: Evidence, told: Sequence[Piece]) -> Evidence:
    """Evidence that tells the notes too."""
    used = [piece for piece in told if piece.tokens]
    left = [piece for piece in told if not piece.tokens]
    return replace(evidence, used=(*used, *evidence.used), left_out=(*evidence.left_out, *left))


def _kept(snapshot: Snapshot, at: Selection) -> Steps[list[tuple[str, str, str]]]:
    """(name, kind, text) of each note about a place."""
    kept: dict[str, tuple[str, str, str]] = {}
    for symbol in _about(snapshot, at):
        notes: tuple[tuple[str, str], ...] = yield Noted(symbol.name)
        for kind, text in notes:
            said = " ".join(text.split())
            kept[said] = symbol.name, kind, said
    return list(kept.values())


def _about(snapshot: Snapshot, at: Selection) -> Iterator[Symbol]:
    """What an action at a place is about: the name there, and what is around it."""
    names: set[str] = set()
    found = snapshot.graph.at(at.path, at.offset, by_value=False)
    for symbol in (*found.symbols[:1], snapshot.graph.enclosing(at.path, at.offset)):
        if symbol is not None and symbol.name not in names:
            names.add(symbol.name)
            yield symbol


def _told(ask: Ask, kept: Sequence[tuple[str, str, str]], path: str, model: ModelInfo, told: list[Piece]) -> Steps[Ask]:
    """A question with the notes that have room in it, the newest first."""
    said = [f"{kind}: {text}" for _, kind, text in kept]
    counts: list[int] = yield Count((*said, *_texts(ask.prompt)))
    room = min(model.context // _SHARE, model.context - ask.limit - sum(counts[len(said) :]))
    lines: list[str] = []
    for number, ((name, _, _), line, tokens) in enumerate(zip(kept, said, counts, strict=False)):
        fits = tokens + 4 <= room
        if fits:
            room -= tokens + 4  # the sign of a comment, and the end of the line
            lines.append(line)
        if fits or number >= len(told):
            why = f"you noted it about {name}" if fits else f"you noted it about {name}; no room for it"
            piece = Piece(f"your {line.partition(':')[0]}", path, 0, why, 1.0, tokens if fits else 0)
            told[number : number + 1] = [piece]  # it is used where any question had room for it
    return replace(ask, prompt=_prompt(ask.prompt, lines, path)) if lines else ask


def _texts(prompt: Prompt) -> tuple[str, ...]:
    if isinstance(prompt, Chat):
        return prompt.system, prompt.user
    return prompt.prefix, prompt.suffix, *(text for _, text in prompt.context)


def _prompt(prompt: Prompt, lines: Sequence[str], path: str) -> Prompt:
    if isinstance(prompt, Fim):
        return asking.told(prompt, lines, path, above=True)
    return replace(prompt, system="\n".join((prompt.system, "What the user noted about it:", *lines)))
