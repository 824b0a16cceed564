"""What lies around a place, as a prompt shows it: for a completion what the lines near the cursor lean on, signatures
and never bodies; for an action all that is near in the graph, and functions that show how such a one is written."""

from __future__ import annotations

from dovetail.context.documented import documented_near
from dovetail.context.evidence import Ledger
from dovetail.context.nearby import named_near
from dovetail.context.pack import pack
from dovetail.context.walk import around
from dovetail.model.ask import Steps
from dovetail.world import Selection, Snapshot


def neighbours(
    snapshot: Snapshot, at: Selection, budget: int, ledger: Ledger, *, home: bool = False
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """((path, text) …, tokens) of definitions in other files and packages that the lines near the cursor name.

    At most `budget` tokens, paths and marks included. A path is the file's name alone.
    home: of the same folder of the workspace alone.
    """
    named = named_near(snapshot, at)
    if home:
        root = snapshot.root_of(at.path)
        named = [near for near in named if snapshot.root_of(near.symbol.path) == root != ""]
    found = yield from pack(
        snapshot,
        [*named, *documented_near(snapshot, at)],
        budget,
        shapes=("line",),
        shown=lambda path: path.rsplit("/", 1)[-1],
    )
    found.tell(ledger)
    return found.files, found.tokens


def surroundings(
    snapshot: Snapshot, at: Selection, budget: int, ledger: Ledger, tokenizer: str = ""
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """As `neighbours`, of all that a walk of two steps leads to, with examples; each as fully as it pays.

    tokenizer: the name of the model whose counts these are.
    """
    near = yield from around(snapshot, at, budget, tokenizer)
    found = yield from pack(snapshot, near, budget, shown=lambda path: path.rsplit("/", 1)[-1])
    found.tell(ledger)
    return found.files, found.tokens
