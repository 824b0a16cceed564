"""Which lines are suspicious: those that failing tests go through and passing ones do not (Ochiai)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from dovetail.model.ask import Ran

_RAISED = 0.15
"""What a line gains that the failure came through."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A score from 0 to about 1 for each line that a failing test went through."""

    scores: Mapping[str, Mapping[int, float]]

    def of(self, path: str) -> Mapping[int, float]:
        return self.scores.get(path, {})

    def files(self) -> list[str]:
        """The most suspicious first; of equals the one with fewer suspicious lines."""
        return sorted(self.scores, key=lambda path: (-max(self.scores[path].values()), len(self.scores[path]), path))


def suspicion(failing: Sequence[Ran], passing: Sequence[Ran], *, raised: bool = True) -> Suspicion:
    """Ochiai: failing tests through a line / √(failing tests × tests through it)."""
    bad, good = _through(failing), _through(passing)
    lifted = {place for ran in failing for place in ran.raised if raised}
    scores: dict[str, dict[int, float]] = {}
    for (path, line), times in bad.items():
        score = times / sqrt(len(failing) * (times + good[path, line]))
        scores.setdefault(path, {})[line] = score + _RAISED * ((path, line) in lifted)
    return Suspicion(scores)


def _through(tests: Sequence[Ran]) -> Counter[tuple[str, int]]:
    return Counter((path, line) for ran in tests for path, lines in ran.lines.items() for line in lines)
