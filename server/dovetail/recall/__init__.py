"""The project's own next words: what followed the last time that these words stood here.

A copy model without an index: the words before the cursor are looked for, longest match first, in the
file itself, the open files and the rest of the project, and what followed there is proposed. Knows
bytes; does not know languages, trees or models.
Invariant: deterministic; it proposes and says why, it never decides.
"""

from dovetail.recall.recall import Recalled, recall

__all__ = ["Recalled", "recall"]
