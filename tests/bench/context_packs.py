"""Is a pack ever over its budget, are its bytes always the same, and how long does one take?

    python -m tests.bench.context_packs [--folder FOLDER] [--anchors N] [--seeds 100] [--out FILE]

Every definition of a project is an anchor (or N of them, evenly spread), each with every budget from 256 to 8192
tokens, counted with the loaded model's own tokenizer on the text that a prompt holds. Then as many processes, each
with a hash seed of its own, pack the same anchors: their digests must be one.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from dovetail.context.pack import SEPARATOR, Pack, pack
from dovetail.context.walk import around
from dovetail.graph import Symbol
from dovetail.lsp.models import open_model
from dovetail.lsp.scan import read, walk
from dovetail.model.ask import Port, Steps
from dovetail.model.desk import estimate
from dovetail.settings import Settings
from dovetail.text import Span
from dovetail.world import Selection, Snapshot, World
from tests.driven import driven

BUDGETS = (256, 512, 1024, 1536, 2048, 4096, 8192)
Counts = Callable[[Sequence[str]], list[int]]
_OWN = Path(__file__).parents[2] / "server"


def opened(folder: Path) -> World:
    root = folder.absolute().as_posix()
    world = World([root])
    paths, _ = walk(root)
    world.learn(read(paths).told())
    return world


def anchors(world: World, most: int) -> list[Symbol]:
    graph = world.snapshot().graph
    found = [symbol for path in sorted(graph.files) for symbol in graph.symbols(path)]
    step = max(1, len(found) // most) if most else 1
    return found[::step]


def at(world: World, anchor: Symbol) -> tuple[Snapshot, Selection]:
    """The cursor at the end of a definition, in its open file."""
    for path in world.snapshot().files:
        if path != anchor.path:
            world.close(path)
    if anchor.path not in world.snapshot().files:
        world.open(anchor.path, Path(anchor.path).read_text("utf-8", "replace"), 1, None)
    place = max(anchor.name_span.end, anchor.span.end - 1)
    return world.snapshot(), Selection(anchor.path, Span(place, place))


def packed(snapshot: Snapshot, here: Selection, budget: int, tokens: Counts) -> Pack:
    def steps() -> Steps[Pack]:
        near = yield from around(snapshot, here, budget)
        return (yield from pack(snapshot, near, budget))

    return driven(steps(), tokens)


def digest(folder: Path, most: int) -> str:
    """Of every pack of a project, counted by the estimate: what a process with another hash seed must say too."""
    world = opened(folder)
    whole = hashlib.sha256()
    for anchor in anchors(world, most):
        for budget in BUDGETS[:3]:
            whole.update(repr(packed(*at(world, anchor), budget, estimate)).encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


class _Counter:
    """The loaded model's own counts; what was counted is not counted again."""

    def __init__(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self._port, self._loop = port, loop
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> list[int]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._loop.run_until_complete(self._port.count(new)), strict=True))
        return [self._known[text] for text in texts]


def measure(folder: Path, most: int, seeds: int, seeded: Path, model: str | None) -> dict[str, Any]:
    loop = asyncio.new_event_loop()
    port = loop.run_until_complete(open_model(Settings(model=model)))
    assert port.info is not None, port.status.reason
    tokens = _Counter(port, loop)
    world = opened(folder)
    chosen = anchors(world, most)
    over: list[str] = []
    shown = empty = 0
    times: list[float] = []
    for anchor in chosen:
        snapshot, here = at(world, anchor)
        for budget in BUDGETS:
            found = packed(snapshot, here, budget, tokens)
            began = time.process_time()
            packed(snapshot, here, budget, tokens)
            times.append(1000 * (time.process_time() - began))
            counted = sum(tokens([f"{path}\n{text}" for path, text in found.files])) + SEPARATOR * len(found.files)
            if counted > budget or counted != found.tokens:
                over.append(f"{anchor.qualified} {budget}: {counted}")
            shown += len(found.items)
            empty += not found.items
    loop.run_until_complete(port.close())
    few = min(most or 40, 40)
    chance = random.Random(0)
    again = [sys.executable, "-m", "tests.bench.context_packs", "--digest", "--folder", str(seeded)]
    digests = {
        subprocess.run(
            [*again, "--anchors", str(few)],
            env={**os.environ, "PYTHONHASHSEED": str(chance.randrange(1, 2**32))},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for _ in range(seeds)
    }  # fmt: skip
    ordered = sorted(times)
    return {
        "project": folder.name, "files": len(world.snapshot().graph.files), "anchors": len(chosen),
        "budgets": list(BUDGETS), "packs": len(times), "over budget": over, "definitions shown": shown,
        "empty packs": empty, "model": port.info.name, "processes": seeds, "different digests": len(digests),
        "milliseconds of processor a pack, tokens counted before": {
            name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=_OWN)
    parser.add_argument("--anchors", type=int, default=0, help="so many, evenly spread; all without")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--seeded", type=Path, help="the folder that these processes pack; the same without")
    parser.add_argument("--model")
    parser.add_argument("--digest", action="store_true", help="print the digest of all packs and end")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.digest:
        print(digest(given.folder, given.anchors))
        sys.exit()
    result = measure(given.folder, given.anchors, given.seeds, given.seeded or given.folder, given.model)
    Console().print_json(json.dumps(result))
    if given.out:
        given.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
