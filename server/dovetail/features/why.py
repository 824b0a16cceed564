"""What would a model see of the project for a question at this place, and why. Needs no model; one of embeddings, where
the user named one, has its say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from dovetail.context.evidence import Evidence, Ledger, Piece
from dovetail.context.meaning import meant
from dovetail.context.pack import Budget, asked_for, pack
from dovetail.context.query import Query
from dovetail.context.scorer import About, Signal, Weights, lost, rank
from dovetail.context.walk import around
from dovetail.model.ask import ModelInfo, Stage, Steps
from dovetail.world import Selection, Snapshot

_FILES = 12
"""Files that are named with their reasons."""
_ANSWER = 512


def why(
    snapshot: Snapshot,
    at: Selection,
    question: str = "",
    model: ModelInfo | None = None,
    messages: tuple[str, ...] = (),
    about: About | None = None,
    weights: Weights | None = None,
) -> Steps[Evidence]:
    """The definitions that a prompt would show, those that it would not, and the files that were weighed."""
    ledger = Ledger("choice of context", model)
    yield Stage("UNDERSTAND")
    query = Query.here(snapshot, at, messages)
    if question:
        query = Query.of(question).joined(query)
    yield Stage("RANK")
    inside = snapshot.graph.enclosing(at.path, at.offset)
    about = replace(about or About(), anchors=(inside,) if inside else (), skip=frozenset({at.path}))
    weights = weights or Weights()
    scored = yield from rank(snapshot, query, weights, about)
    scored, unknown = yield from meant(snapshot, question, scored, weights.meaning)
    ledger.notes += [f"{tag} is nothing of this project" for tag in lost(snapshot.graph, query)]
    if about.modified is None and weights.modified:
        ledger.notes.append("git was not asked what is modified: that runs a program in a folder that is not trusted")
    if unknown:
        ledger.notes.append(f"what files mean was not compared: {unknown}")
    yield Stage("PACK")
    budget = Budget().within(model.context, min(_ANSWER, model.context // 2)) if model else Budget()
    near = yield from around(snapshot, at, budget.code, model.name if model else "")
    shown = {(one.symbol.path, one.symbol.span.start) for one in near}
    asked = [one for one in asked_for(scored, snapshot) if (one.symbol.path, one.symbol.span.start) not in shown]
    found = yield from pack(snapshot, [*near, *asked], budget.code)
    found.tell(ledger)
    ledger.prompt_tokens = found.tokens
    ledger.notes.append(f"{found.tokens} of {budget.code} tokens")
    if snapshot.project:
        ledger.notes.append(f"the project: {snapshot.project}")
    ledger.weighed = [
        Piece(PurePosixPath(one.path).name, one.path, 0, _reasons(one.signals), one.score, 0) for one in scored[:_FILES]
    ]
    return ledger.evidence()


def _reasons(signals: tuple[Signal, ...]) -> str:
    return "; ".join(f"{signal.kind} {signal.points:.1f} ({signal.why})" for signal in signals)
