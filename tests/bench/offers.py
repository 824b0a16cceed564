"""What the menu costs: every action's offer, at random cursors of files that nobody wrote for us and of a huge one.

    python -m tests.bench.offers                        all actions, by action
    python -m tests.bench.offers --save tests/bench/results/offers.json

Times are of the processor, so that a busy machine does not count as a slow menu. Beside them, in the same run,
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from dovetail.features.actions import Request, actions
from dovetail.text import Span
from dovetail.world import Selection, Snapshot, World
from tests.bench.validation import PACKAGES, files

_HUGE = 13_000
"""Lines of the file that is put together."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--cursors", type=int, default=25, help="a file; ten times as many in the huge one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trusted", action="store_true", help="the folder is trusted: there are more rows")
    parser.add_argument("--save", type=Path)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    paths = list(files(list(PACKAGES)))
    chance.shuffle(paths)
    plain: dict[str, list[float]] = defaultdict(list)
    huge: dict[str, list[float]] = defaultdict(list)
    for path in paths[: told.files]:
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        if len(text) < 400_000:
            measure(opened(str(path), text), str(path), told.cursors, chance, plain, told.trusted)
    lines: list[str] = []
    for path in paths:
        if len(lines) > _HUGE:
            break
        try:
            text = path.read_text("utf-8")
            compile(text, str(path), "exec", dont_inherit=True)
        except (UnicodeDecodeError, OSError, SyntaxError, ValueError):
            continue
        lines += [line for line in text.split("\n") if "__future__" not in line]
    name = "/project/huge.py"
    measure(opened(name, "\n".join(lines)), name, 10 * told.cursors, chance, huge, told.trusted)
    said: dict[str, Any] = {
        "n": len(plain["all"]),
        "n huge": len(huge["all"]),
        "lines of the huge file": len(lines),
        "ms to hash a megabyte": summary(unit())["p50"],
        "ms": {action: summary(times) for action, times in sorted(plain.items())},
        "ms in the huge file": {action: summary(times) for action, times in sorted(huge.items())},
    }
    written = json.dumps(said, indent=1)
    print(written)
    if told.save:
        told.save.write_text(f"{written}\n", "utf-8")


def opened(name: str, text: str) -> Snapshot:
    world = World([name.rsplit("/", 1)[0]])
    world.open(name, text, 1, "python")
    return world.snapshot()


def measure(
    snapshot: Snapshot, path: str, cursors: int, chance: random.Random, times: dict[str, list[float]], trusted: bool
) -> None:
    file = snapshot.file(path)
    assert file is not None
    size = len(file.document)
    for _ in range(cursors):
        start = chance.randrange(size)
        end = min(size, start + chance.randrange(400)) if chance.random() < 0.2 else start
        request = Request(Selection(path, Span(start, end)), trusted=trusted)
        total = 0.0
        for action in actions():
            began = time.thread_time()
            action.offer(snapshot, request)
            took = time.thread_time() - began
            times[action.name].append(took)
            total += took
        times["all"].append(total)


def unit() -> list[float]:
    """A fixed piece of work, for a ratio."""
    data = bytes(1 << 20)
    found: list[float] = []
    for _ in range(50):
        began = time.thread_time()
        hashlib.sha256(data).digest()
        found.append(time.thread_time() - began)
    return found


def summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        name: round(1000 * ordered[int(share * (len(ordered) - 1))], 4)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    }


if __name__ == "__main__":
    main()
