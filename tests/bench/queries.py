"""The graph of a large project: reading it cold and warm, asking it, and a key in it beside a small one."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dovetail.context.walk import Reached, walk
from dovetail.graph import Graph, Symbol
from dovetail.lsp.models import open_model
from dovetail.lsp.scan import Scanner, read, text_of
from dovetail.lsp.scan import walk as files_in
from dovetail.recall import Tokens
from dovetail.settings import Settings
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Edit, Span
from dovetail.world import World
from tests.bench.figures import Figure
from tests.driven import driven

MOST = 10_000
"""Files of the large project: the standard library and what is installed beside it."""
_SMALL = 100
_WALKED = 50_000
"""Symbols of the graph that is walked …"""
_BUDGET = 1536
"""… in so many tokens."""


def queries(n: int) -> tuple[list[Figure], dict[str, Any]]:
    """Figures, and what they were taken from."""
    paths = _paths()
    with tempfile.TemporaryDirectory() as folder:
        cold, warm, world, told = _read(paths, Path(folder))
    graph = world.snapshot().graph
    names = sorted(graph.definers)
    told |= {"names": len(names), "symbols": sum(len(facts.placed) for facts in graph.files.values())}
    chance = random.Random(0)
    walks, walked = _walks(graph, chance, n)
    told |= walked
    figures = [cold, warm, *_asked(graph, names, chance, n), *walks]
    small = World(read=text_of)
    small.learn(read(paths[:_SMALL]).told())
    figures.append(_keys(world, small, paths[0], chance, n))
    return figures, told


def _paths() -> list[str]:
    found: list[str] = []
    for folder in (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")):
        found += files_in(folder, (), MOST)[0]
    return list(dict.fromkeys(found))[:MOST]


def _read(paths: Sequence[str], folder: Path) -> tuple[Figure, Figure, World, dict[str, Any]]:
    """CPU of reading, with a cache that is empty and then full; against a bare parse.

    In two processes, as the server does it: what both spend counts, and what goes from one to the other. The words that
    `recall` wants of the first megabytes are a part of their own.
    """
    texts = [(language, data) for path in paths if (language := language_for(path)) and (data := text_of(path))]
    gc.collect()
    gc.disable()
    began = time.process_time()
    for language, data in texts:
        Tree.parse(language, Document(data))
    bare = time.process_time() - began
    lines = sum(data.count(b"\n") for _, data in texts)
    del texts
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    theirs, ours = asyncio.run(_scanned(paths, folder))[1:3]
    parts = {"read, tell, pack, cache": theirs, "receive, unpack, join": ours}
    spent = [theirs + ours]
    world, theirs, ours, first = asyncio.run(_scanned(paths, folder))
    spent.append(theirs + ours)
    room = World.KEPT
    began = time.process_time()
    for path in paths:
        data = text_of(path) or b""
        if room >= len(data):
            Tokens.of(data)
            room -= len(data)
    words = time.process_time() - began
    gc.enable()
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1024 / 1024
    graph = world.snapshot().graph
    held = sum(len(item.definitions) + len(item.uses) for facts in graph.files.values() for _, item, _ in facts)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024
    told = {
        "files": len(paths), "lines": lines, "cache_MiB": round(size, 1),
        "lines_per_cpu_second_cold": int(lines / spent[0]), "first_batch_warm_ms": round(1000 * first, 1),
        "memory_MiB_at_most": round(grown / 1024 / 1024, 1), "definitions_and_uses": held,
        "bytes_for_each_at_most": round(grown / max(held, 1)),
        "cold_parts_in_bare_parses": {name: round(value / bare, 2) for name, value in parts.items()},
        "words_for_recall_in_bare_parses": round(words / bare, 2),
    }  # fmt: skip
    work = f"{len(paths):,} files, {lines:,} lines"
    return (
        Figure("index, cold, cache written (CPU)", [spent[0]], [bare], "bare tree-sitter parse (CPU)", work),
        Figure("index, warm (CPU)", [spent[1]], [bare], "bare tree-sitter parse (CPU)", work),
        world,
        told,
    )


async def _scanned(paths: Sequence[str], folder: Path) -> tuple[World, float, float, float]:
    """What was read, CPU of the process that reads and of this one; and when the first files were there."""
    scanner = Scanner(folder)
    before = await scanner.within(60, time.process_time)
    world, first = World(read=text_of), 0.0
    began, wall = time.process_time(), time.perf_counter()
    async for _, found in scanner.read(paths, lambda: 0):
        world.learn(found.told())
        gc.freeze()
        first = first or time.perf_counter() - wall
    ours = time.process_time() - began
    after = await scanner.within(60, time.process_time)
    scanner.close()
    assert before is not None
    assert after is not None
    return world, after - before, ours, first


def _asked(graph: Graph, names: Sequence[str], chance: random.Random, n: int) -> list[Figure]:
    fuzzy = ["".join(sorted_letters(chance.choice(names), chance)) for _ in range(n)]
    symbols = [symbol for name in chance.sample(list(names), min(n, len(names))) for symbol in graph.named(name, 1)]
    found = 0

    def timed(ask: Callable[[Any], int], questions: Sequence[Any]) -> list[float]:
        nonlocal found
        samples: list[float] = []
        for question in questions:
            began = time.process_time()
            found += ask(question)
            samples.append(time.process_time() - began)
        return samples

    graph.search("warm")
    rows: list[Figure] = []
    for title, ask, questions in (
        ("symbols by a few letters, first time", lambda q: len(graph.search(q)), fuzzy),
        ("symbols by a few letters", lambda q: len(graph.search(q)), fuzzy),
        ("definitions by name", lambda s: len(graph.named(s.name)), symbols),
        ("callers of a symbol", lambda s: len(graph.callers(s)), symbols),
        ("callees of a symbol", lambda s: len(graph.callees(s)), symbols),
    ):
        found = 0
        samples = timed(ask, questions)
        rows.append(Figure(f"{title} (CPU)", samples, work=f"{found:,} found, {len(names):,} names"))
    return rows


def sorted_letters(name: str, chance: random.Random) -> list[str]:
    """A few of a name's letters, in their order: what somebody types to find it."""
    count = min(len(name), 4)
    return [name[index] for index in sorted(chance.sample(range(len(name)), count))]


def _walks(graph: Graph, chance: random.Random, n: int) -> tuple[list[Figure], dict[str, Any]]:
    """Two steps from any definition of 50,000, in the bundled model's own tokens; processor time and the wall's."""
    some, symbols = Graph(read=graph.read), 0
    for path in sorted(graph.files):
        if symbols < _WALKED:
            some, symbols = some.with_files([(path, graph.files[path])]), symbols + len(graph.files[path].placed)
    places = [(path, placed) for path, facts in some.files.items() for placed in facts.placed]
    anchors = [some.symbol(*place) for place in chance.sample(places, 10 * n)]
    loop = asyncio.new_event_loop()
    port = loop.run_until_complete(open_model(Settings()))
    assert port.info is not None, port.status.reason
    name = port.info.name

    def walked(anchor: Symbol) -> list[Reached]:
        steps = walk(some, (anchor,), _BUDGET, name)
        return driven(steps, lambda texts: loop.run_until_complete(port.count(texts)))

    figures: list[Figure] = []
    found: list[list[Reached]] = []
    for title, clock in (
        ("two steps in the graph, first time", time.perf_counter),
        ("two steps in the graph (CPU)", time.process_time),
        ("two steps in the graph", time.perf_counter),
    ):
        found, samples = [], []
        for anchor in anchors:
            began = clock()
            found.append(walked(anchor))
            samples.append(clock() - began)
        figures.append(Figure(title, samples, work=f"{sum(map(len, found)):,} found of {len(places):,} symbols"))
    loop.run_until_complete(port.close())
    loop.close()
    counts = sorted(map(len, found))
    tokens = [sum(one.tokens for one in each) for each in found]
    return figures, {
        "walk_symbols": len(places), "walk_anchors": len(anchors), "walk_budget": _BUDGET, "walk_least": counts[0],
        "walk_with_30": sum(count >= 30 for count in counts), "walk_median": counts[len(counts) // 2],
        "walk_tokens_at_most": max(tokens), "walk_load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }  # fmt: skip


def _keys(large: World, small: World, path: str, chance: random.Random, n: int) -> Figure:
    """One key in the same file, in a workspace of many files and of few."""
    samples: list[list[float]] = [[], []]
    text = Path(path).read_text("utf-8")
    for world in (large, small):
        world.open(path, text, 0, "python")
    for version in range(1, 2 * n, 2):
        at = chance.randrange(len(text.encode()))
        pairs = list(zip((large, small), samples, strict=True))
        for world, spent in pairs if version % 4 == 1 else reversed(pairs):  # who comes second finds the code in memory
            for number, edit in ((version, Edit(Span(at, at), b"x")), (version + 1, Edit(Span(at, at + 1), b""))):
                began = time.process_time()
                world.edit(path, number, [lambda _, edit=edit: edit])
                world.snapshot()
                spent.append(time.process_time() - began)
    many, few = (len(world.snapshot().graph.files) for world in (large, small))
    return Figure(
        f"key → graph, in process, {many:,} files (CPU)",
        samples[0],
        samples[1],
        f"{few} files",
        f"{len(text):,} characters",
    )
