"""The account of a session: what was asked of the model, and what it took. Never leaves the process."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from dovetail.model.ask import Answer, Ask, Cost, Purpose, Silence, Spent, Stats

_NEWEST = 256
"""So many times to the first token are kept."""


@dataclass(slots=True)
class _Row:
    asks: int = 0
    answered: int = 0
    silent: Counter[str] = field(default_factory=Counter[str])
    cost: Cost = field(default_factory=Cost)
    firsts: deque[float] = field(default_factory=lambda: deque[float](maxlen=_NEWEST))


class Ledger:
    """Writes down each ask when it ends."""

    def __init__(self) -> None:
        self._rows: dict[Purpose, _Row] = {}
        self.starts = 0

    def note(self, ask: Ask, said: list[Answer] | Silence, cost: Cost) -> None:
        row = self._row(ask)
        row.asks += 1
        if isinstance(said, Silence):
            row.silent[said.kind] += 1
        else:
            row.answered += 1
        self.spend(ask, cost)

    def spend(self, ask: Ask, cost: Cost) -> None:
        """Work that was done, for whatever came of it."""
        row = self._row(ask)
        total = row.cost
        total.evaluated += cost.evaluated
        total.reused += cost.reused
        total.written += cost.written
        total.reading += cost.reading
        total.writing += cost.writing
        if cost.first is not None:
            row.firsts.append(cost.first)

    def stats(self) -> Stats:
        return Stats({purpose: _spent(row) for purpose, row in self._rows.items()}, self.starts)

    def _row(self, ask: Ask) -> _Row:
        return self._rows.setdefault(ask.purpose, _Row())


def _spent(row: _Row) -> Spent:
    firsts = sorted(row.firsts)
    cost = row.cost
    return Spent(
        asks=row.asks,
        answered=row.answered,
        silent=dict(row.silent),
        evaluated=cost.evaluated,
        reused=cost.reused,
        written=cost.written,
        reading=cost.reading,
        writing=cost.writing,
        first_p50=firsts[len(firsts) // 2] if firsts else None,
        first_p95=firsts[min(len(firsts) - 1, len(firsts) * 95 // 100)] if firsts else None,
    )
