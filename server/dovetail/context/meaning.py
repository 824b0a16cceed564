"""Files by what they mean, for a question: an embedding model compares it with the best of those that were found.

Only where the user named such a model; without one nothing changes. It ranks again what the words found and finds
nothing of its own, so it costs at most `MOST` texts, and each but once (`model/meaning.py` keeps what it said).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from dovetail.context.lexicon import below
from dovetail.context.scorer import Scored, Signal
from dovetail.graph import FileFacts
from dovetail.model.ask import Compare, Silence, Stage, Steps
from dovetail.world import Snapshot

MOST = 200
"""Files that are compared."""
_AT_ONCE = 16
"""Of these between two breaths."""
_LETTERS = 1000
"""Of what stands for a file: some 250 tokens."""
_QUESTION = 2000
"""Letters of a question; what it wants stands at its top."""


def meant(
    snapshot: Snapshot, question: str, scored: Sequence[Scored], weight: float
) -> Steps[tuple[list[Scored], str]]:
    """The same files with the points of what they mean, best first; and why there are none, where there might be some.

    A file is worth more the further it is above the middle one: how near texts are at all differs between models.
    """
    found = list(scored)
    question = question.strip()[:_QUESTION]
    if not weight or not question:
        return found, ""
    there: list[float] | Silence = yield Compare(question, ())  # or not: then nothing is made ready
    if isinstance(there, Silence):
        return found, "" if there.kind == "none" else there.reason
    compared = [one for one in found[:MOST] if one.path not in snapshot.private]
    near: list[float] = []
    for start in range(0, len(compared), _AT_ONCE):
        yield Stage("COMPARE MEANINGS", start, len(compared))
        part = compared[start : start + _AT_ONCE]
        texts = tuple(said(one.path, snapshot.graph.files[one.path], snapshot.roots) for one in part)
        told: list[float] | Silence = yield Compare(question, texts)
        if isinstance(told, Silence):
            return found, told.reason
        near += told
    if not near or max(near) <= median(near):
        return found, ""
    middle, best = median(near), max(near)
    gained = {
        one.path: Signal(
            "meaning",
            round(weight * (cosine - middle) / (best - middle), 4),
            f"means what the question says: {cosine:.2f}",
        )
        for one, cosine in zip(compared, near, strict=True)
        if cosine > middle
    }
    found = [_with(one, gained[one.path]) if one.path in gained else one for one in found]
    return sorted(found, key=lambda one: (-one.score, one.path)), ""


def said(path: str, facts: FileFacts, roots: Sequence[str]) -> str:
    """What stands for a file: its path, and what it defines in its order, documented in a line each."""
    lines, length = [below(path, roots)], 0
    for _, item, _ in sorted(facts, key=lambda told: told[0]):
        for one in item.definitions:
            if one.kind in ("variable", "field") or length > _LETTERS:
                continue
            doc = one.doc.strip().split("\n", 1)[0]
            lines.append(f"{one.signature}  {doc}" if doc else one.signature)
            length += len(lines[-1]) + 1
    return "\n".join(lines)[:_LETTERS]


def _with(one: Scored, signal: Signal) -> Scored:
    signals = tuple(sorted((*one.signals, signal), key=lambda s: (-s.points, s.kind)))
    return replace(one, score=round(sum(s.points for s in signals), 4), signals=signals)
