"""What is kept of an answer, wherever it was asked for: a line for people, and what it takes to take an edit back."""

from __future__ import annotations

from dovetail.features.actions import Edited, Refused, Result
from dovetail.memory import Back, Store, Tried, digest
from dovetail.text import Change
from dovetail.verify.promise import added
from dovetail.world import Snapshot


def entered(store: Store, asked: str, path: str, result: Result, ms: float, did: tuple[str, str] | None) -> int:
    """Write the line, with what was tried and did not hold; its number, 0 where nothing is kept.

    did: (action, what it was about). One that was refused was asked for as well: "the same" is what was asked last.
    """
    said = result.summary if isinstance(result, Edited) else result.reason if isinstance(result, Refused) else ""
    tried = [Tried(one.text, f"{one.failed}: {one.finding}") for one in result.evidence.trials if one.failed]
    number = store.ran(asked, path, said, round(ms), did, tried)
    if number and isinstance(result, Edited) and result.recipe is not None:
        store.shown(number, result.recipe)
    return number


def backs(snapshot: Snapshot, change: Change) -> dict[str, Back]:
    """How to take a change back, file by file; all of it, or nothing."""
    before = snapshot.under(change)
    after = before.after(change)
    return {
        path: Back(
            tuple(
                (now.start, now.end, before.files[path].document.slice(old).decode("utf-8", "surrogatepass"))
                for old, now, _ in added(change, path)
            ),
            digest(after.files[path].document.data),
            path in change.creates,
        )
        for path in change.edits
    }
