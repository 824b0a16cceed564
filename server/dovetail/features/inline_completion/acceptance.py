"""How sure a suggestion must be, learnt from what the person takes."""

from __future__ import annotations

from collections import OrderedDict

_ENOUGH = 20
"""Suggestions that must have been seen before anything is learnt."""
_NEWEST = 100
_WORTH_IT = 0.2
"""Share of suggestions taken, below which they are more noise than help."""
_STEPS = (0.0, 0.1, 0.2, 0.3, 0.4)
"""How much surer than asked for it can come to."""


class Acceptance:
    """The newest suggestions: how sure each was, and whether it was taken."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._is_told = False
        """The editor tells what is taken; some never do, which says nothing of the person."""

    def shown(self, name: str, chance: float) -> None:
        self._seen[name] = (chance, False)
        while len(self._seen) > _NEWEST:
            self._seen.popitem(last=False)

    def taken(self, name: str) -> None:
        self._is_told = True
        if name in self._seen:
            self._seen[name] = (self._seen[name][0], True)

    def threshold(self, least: float) -> float:
        """The lowest chance, from `least` on, above which enough is taken; not so high that nothing could be learnt."""
        if not self._is_told or len(self._seen) < _ENOUGH:
            return least
        for step in _STEPS:
            taken = [taken for chance, taken in self._seen.values() if chance >= least + step]
            if len(taken) < _ENOUGH // 2:
                return min(least + step, 0.9) if step else least
            if sum(taken) >= _WORTH_IT * len(taken):
                return min(least + step, 0.9)
        return min(least + _STEPS[-1], 0.9)
