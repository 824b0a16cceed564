"""What the code near the cursor leans on, as a completion shows it to the model: signatures, never bodies."""

from __future__ import annotations

from dovetail.context.documented import documented_near
from dovetail.context.evidence import Ledger
from dovetail.context.nearby import named_near
from dovetail.context.pack import pack
from dovetail.model.ask import Steps
from dovetail.world import Selection, Snapshot


def neighbours(
    snapshot: Snapshot, at: Selection, budget: int, ledger: Ledger
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """((path, text) …, tokens) of definitions in other files and packages that the lines near the cursor name.

    At most `budget` tokens, paths and marks included. A path is the file's name alone.
    """
    found = yield from pack(
        snapshot,
        [*named_near(snapshot, at), *documented_near(snapshot, at)],
        budget,
        shapes=("line",),
        shown=lambda path: path.rsplit("/", 1)[-1],
    )
    found.tell(ledger)
    return found.files, found.tokens
