"""When to ask: between two keys, if the model is that fast; else when the person pauses."""

from __future__ import annotations

from collections import deque
from statistics import median

_NEWEST = 24
_UNKNOWN = 0.06
"""Seconds to wait for as long as nothing is known."""
_PAUSE = 1.0
"""Seconds between keys above which somebody thinks, and does not type."""


class Rhythm:
    """The gaps between the newest keys, and how long the newest answers took."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=_NEWEST)
        self._answers: deque[float] = deque(maxlen=_NEWEST)
        self._last: float | None = None

    def key(self, now: float) -> None:
        """A key was struck. `now` in seconds, on any clock that only goes forward."""
        if self._last is not None and 0 < now - self._last < _PAUSE:
            self._gaps.append(now - self._last)
        self._last = now

    def answered(self, seconds: float) -> None:
        """The model took so long."""
        self._answers.append(seconds)

    def wait(self, most: float, *, in_word: bool = False) -> float:
        """Seconds to wait before the model is asked, at most `most`.

        Inside of a word until the next letter is overdue: it will come, and the project's own words finish
        words as well. Else none where an answer is usually there before the next key, and where it is not,
        until that is overdue, less what the answer takes: who pauses waits no longer than he must.
        """
        if len(self._gaps) < 4 or not self._answers:
            return most if in_word else min(most, _UNKNOWN)
        gap, answer = median(self._gaps), median(self._answers)
        if in_word:
            return min(most, 1.5 * gap)
        if answer <= gap / 2:
            return 0.0
        return min(most, max(0.0, 1.5 * gap - answer / 2))
