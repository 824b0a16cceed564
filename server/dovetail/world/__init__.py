"""The newest of everything.

`World` is the only thing that changes: it opens, edits and closes documents, learns facts of files on
disk, and hands out `Snapshot`s. Knows no editor and no disk.
Invariant: a `Snapshot` never changes and never waits.
"""

from dovetail.world.snapshot import File, Selection, Snapshot
from dovetail.world.world import Stale, World

__all__ = ["File", "Selection", "Snapshot", "Stale", "World"]
