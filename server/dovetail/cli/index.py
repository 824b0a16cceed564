"""`dovetail index`: what the graph knows of a folder, and what it cost."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from dovetail.lsp.scan import Scanner, text_of
from dovetail.settings import load
from dovetail.world import World


def index(folder: Path) -> int:
    """Read a folder as the server does, and print what was found."""
    return asyncio.run(_index(folder.absolute(), Console(markup=False)))


async def _index(folder: Path, console: Console) -> int:
    settings, _ = load()
    world = World([folder.as_posix()], text_of)
    scanner = Scanner()
    started = time.perf_counter()
    left_out: list[tuple[str, str]] = []
    try:
        with Progress(console=console, transient=True) as bar:
            paths, more = await scanner.walk(folder.as_posix(), settings.index.exclude, settings.index.most_files)
            task = bar.add_task("reading", total=len(paths))
            async for done, found in scanner.read(paths):
                world.learn(found.files)
                left_out.extend(found.left_out)
                bar.update(task, completed=done)
    finally:
        scanner.close()
    seconds = time.perf_counter() - started
    graph = world.snapshot().graph
    if not graph.files:
        console.print(f"no file with a known language under {folder}")
        return 1
    kinds = Counter(placed.definition.kind for facts in graph.files.values() for placed in facts.placed)
    uses = sum(len(item.uses) for facts in graph.files.values() for _, item, _ in facts)
    table = Table(title=Text(str(folder)), show_header=False)
    table.add_row("files", f"{len(graph.files):,}")
    for kind, count in kinds.most_common():
        table.add_row({"class": "classes"}.get(kind, f"{kind}s"), f"{count:,}")
    table.add_row("uses of names", f"{uses:,}")
    table.add_row("seconds", f"{seconds:.2f}")
    console.print(table)
    for path, why in left_out[:10]:
        console.print(f"left out: {Path(path).relative_to(folder)} ({why})", highlight=False)
    if len(left_out) > 10:
        console.print(f"and {len(left_out) - 10} more left out")
    if more:
        console.print(f"stopped after {settings.index.most_files} files (index.most_files)")
    return 0
