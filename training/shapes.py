"""What sizes there are. Nothing here needs torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shape:
    """`hidden` is the feed-forward width; `context` the longest sequence that the file promises."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    context: int = 1024
    rope_base: float = 10_000.0
    epsilon: float = 1e-5

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @property
    def head(self) -> int:
        return self.width // self.heads


SHAPES: dict[str, Shape] = {
    "toy": Shape(1024, 64, 2, 2, 1, 192),
    "small": Shape(6144, 384, 4, 6, 2, 1024),
    "base": Shape(16384, 512, 12, 8, 2, 1536),
}
