"""Samples, their percentiles, and how they compare with a baseline of the same run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The interval in which a share lies, 95 %."""
    if not whole:
        return 0.0, 1.0
    z, p = 1.96, part / whole
    middle, spread = p + z * z / (2 * whole), z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + z * z / whole)), min(1.0, (middle + spread) / (1 + z * z / whole))


@dataclass
class Figure:
    """One row. `samples` and `baseline` in seconds."""

    name: str
    samples: list[float]
    baseline: list[float] = field(default_factory=list[float])
    against: str = ""
    """What the baseline is."""
    work: str = ""
    """What was done, so that a fast nothing is seen as such."""

    def percentile(self, share: float, samples: list[float] | None = None) -> float:
        """Nearest rank, in milliseconds."""
        ordered = sorted(self.samples if samples is None else samples)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def ratio(self, share: float) -> float | None:
        if not self.baseline:
            return None
        bare = self.percentile(share, self.baseline)
        return self.percentile(share) / bare if bare else None

    def row(self) -> dict[str, Any]:
        """As it is written to disk."""
        return {
            "name": self.name,
            "n": len(self.samples),
            "p50_ms": round(self.percentile(0.5), 3),
            "p95_ms": round(self.percentile(0.95), 3),
            "p99_ms": round(self.percentile(0.99), 3),
            "against": self.against,
            "baseline_p50_ms": round(self.percentile(0.5, self.baseline), 3) if self.baseline else None,
            "baseline_p95_ms": round(self.percentile(0.95, self.baseline), 3) if self.baseline else None,
            "ratio_p50": round(r, 2) if (r := self.ratio(0.5)) is not None else None,
            "ratio_p95": round(r, 2) if (r := self.ratio(0.95)) is not None else None,
            "work": self.work,
        }
