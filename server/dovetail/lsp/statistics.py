"""What came of suggestions in this session. Kept in memory, shown by `dovetail.showStats`, sent nowhere."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from dovetail.context.evidence import Evidence
from dovetail.features.markdown import escaped
from dovetail.model.ask import ModelInfo, Stats, Status

_SAMPLES = 500
_NAMES = 200
REASONS = 100
"""Different reasons that are counted; most are one of a few, some name something of the code."""


class Statistics:
    """Counters and times, no text of anybody's files."""

    def __init__(self) -> None:
        self.asked = 0
        """Requests of the editor."""
        self.with_model = 0
        """Of them, those for which the model was asked, in time or not."""
        self.answered: Counter[str] = Counter()
        """By whom: typed ahead, answered before, the project, the model, nobody."""
        self.shown: Counter[str] = Counter()
        """Suggestions by source."""
        self.accepted: Counter[str] = Counter()
        self.partly = 0
        """Accepted word by word, as the editor tells."""
        self.kept = 0
        """Of those accepted, still there after half a minute …"""
        self.looked = 0
        """… of so many that were looked at again."""
        self.quiet: Counter[str] = Counter()
        """By reason."""
        self.ahead = 0
        """Answers that were made ready in idle time."""
        self.shown_tokens: Counter[tuple[str, str]] = Counter()
        """Tokens of prompts by kind of request and section."""
        self._phases: dict[str, deque[float]] = {}
        self._sources: OrderedDict[str, str] = OrderedDict()

    def show(self, name: str, source: str) -> None:
        self.shown[source] += 1
        self._sources[name] = source
        while len(self._sources) > _NAMES:
            self._sources.popitem(last=False)

    def accept(self, name: str) -> None:
        self.accepted[self._sources.pop(name, "unknown")] += 1

    def silent(self, reason: str) -> None:
        self.quiet[reason] += 1
        if len(self.quiet) > 2 * REASONS:
            self.quiet = Counter(dict(self.quiet.most_common(REASONS)))

    def spent(self, kind: str, evidence: Evidence) -> None:
        """What the parts of a prompt took."""
        for piece in evidence.used if evidence.model else ():
            self.shown_tokens[kind, piece.section] += piece.tokens

    def took(self, phase: str, milliseconds: float) -> None:
        self._phases.setdefault(phase, deque(maxlen=_SAMPLES)).append(milliseconds)

    def phase(self, name: str) -> tuple[float, float]:
        """(p50, p95) in milliseconds."""
        ordered = sorted(self._phases.get(name, ()))
        if not ordered:
            return 0.0, 0.0
        return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]

    def told(self, stats: Stats) -> dict[str, Any]:
        """For a program."""
        return {
            "asked": self.asked,
            "with the model": self.with_model,
            "answered": dict(self.answered),
            "shown": dict(self.shown),
            "accepted": dict(self.accepted),
            "quiet": dict(self.quiet),
            "ahead": self.ahead,
            "milliseconds": {name: self.phase(name) for name in self._phases},
            **{purpose: asdict(spent) for purpose, spent in stats.purposes.items()},
        }

    def _kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self.shown_tokens})

    def markdown(self, status: Status, info: ModelInfo | None, stats: Stats) -> str:
        """For a person."""
        parts = [
            "# Dovetail: this session",
            "Counted in memory, forgotten when the server ends, sent nowhere.",
            "## Suggestions",
            f"{self.asked} requests, {_share(self.asked - self.with_model, self.asked)} of them without the model.",
            *_table(("answered by", "times"), self.answered.most_common()),
            *_table(
                ("shown by", "times", "accepted"),
                [(who, count, _share(self.accepted[who], count)) for who, count in self.shown.most_common()],
            ),
            f"Accepted word by word: {self.partly}. Still there after 30 s: {self.kept} of {self.looked}. "
            f"Made ready in idle time: {self.ahead}.",
        ]
        if self.quiet:
            parts += ["## Silences", *_table(("reason", "times"), self.quiet.most_common(15))]
        if self._phases:
            rows = [(name.lower(), len(samples), *self.phase(name)) for name, samples in self._phases.items()]
            parts += ["## Time", *_table(("phase", "times", "p50 ms", "p95 ms"), rows)]
        if self.shown_tokens:
            rows = [(kind, *(self.shown_tokens[kind, s] for s in ("system", "code", "task"))) for kind in self._kinds()]
            parts += ["## Tokens shown to the model", *_table(("for", "system", "project", "task"), rows)]
        parts += ["## Model", f"{escaped(info.name) if info else 'none'}: {escaped(status.reason or status.state)}"]
        rows = [
            (
                purpose, spent.asks, spent.answered, spent.evaluated, spent.reused, spent.written,
                spent.reads, spent.writes,
                None if spent.first_p50 is None else 1000 * spent.first_p50,
                None if spent.first_p95 is None else 1000 * spent.first_p95,
            )
            for purpose, spent in stats.purposes.items()
        ]  # fmt: skip
        if rows:
            head = (
                "for", "asks", "answered", "tokens read", "reused", "written", "read/s", "written/s",
                "first token p50 ms", "p95 ms",
            )  # fmt: skip
            parts += _table(head, rows)
        return "\n\n".join(parts) + "\n"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else "0"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return ["\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines])] if lines else []


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.1f}" if value < 100 else f"{value:.0f}"
    return escaped(str(value)).replace("\n", " ") if isinstance(value, str) else str(value)
