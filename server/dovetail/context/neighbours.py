"""What lies around a place, as a prompt shows it: for a completion what the lines near the cursor lean on, signatures
and never bodies; for an action all that is near in the graph, and functions that show how such a one is written."""

from __future__ import annotations

from dovetail.context.documented import documented_near
from dovetail.context.evidence import Ledger
from dovetail.context.nearby import Near, named_near
from dovetail.context.pack import pack
from dovetail.context.walk import around
from dovetail.model.ask import ModelInfo, Steps
from dovetail.world import Selection, Snapshot


def neighbours(
    snapshot: Snapshot, at: Selection, budget: int, ledger: Ledger, model: ModelInfo
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """((path, text) …, tokens) of definitions in other files and packages that the lines near the cursor name.

    At most `budget` tokens, paths and marks included. A path is the file's name alone.
    model: whom they are shown to, and whose tokens these are.
    """
    found = yield from pack(
        snapshot,
        _shown_to(model, snapshot, at, [*named_near(snapshot, at), *documented_near(snapshot, at)]),
        budget,
        shapes=("line",),
        shown=lambda path: path.rsplit("/", 1)[-1],
    )
    found.tell(ledger)
    return found.files, found.tokens


def surroundings(
    snapshot: Snapshot, at: Selection, budget: int, ledger: Ledger, model: ModelInfo
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """As `neighbours`, of all that a walk of two steps leads to, with examples; each as fully as it pays."""
    near = yield from around(snapshot, at, budget, model.name)
    near = _shown_to(model, snapshot, at, near)
    found = yield from pack(snapshot, near, budget, shown=lambda path: path.rsplit("/", 1)[-1])
    found.tell(ledger)
    return found.files, found.tokens


def _shown_to(model: ModelInfo, snapshot: Snapshot, at: Selection, near: list[Near]) -> list[Near]:
    """What may stand in a prompt for this model; packages too, for each lies in the folder that it was found for."""
    return [one for one in near if snapshot.may_show(one.symbol.path, at.path, away=model.away)]
