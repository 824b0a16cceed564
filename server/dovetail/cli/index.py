"""`dovetail index`: what the graph knows of a folder, and what it cost."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from dovetail.cli.terminal import terminal
from dovetail.graph import FileFacts, Graph
from dovetail.lsp.cache import cache_folder
from dovetail.lsp.scan import Scanner, text_of
from dovetail.settings import load
from dovetail.syntax import Tree
from dovetail.text import Edit, Span
from dovetail.world import World


def index(folder: Path, check: int = 0) -> int:
    """Read a folder as the server does, and print what was found.

    check: how many random edits to try in memory, comparing the live graph with one built anew.
    """
    return asyncio.run(_index(folder.absolute(), check, terminal()))


async def _index(folder: Path, check: int, console: Console) -> int:
    settings, _ = load()
    world = World([folder.as_posix()], text_of)
    scanner = Scanner(cache_folder() if settings.index.cache else None)
    started = time.perf_counter()
    left_out: list[tuple[str, str]] = []
    cached = 0
    trouble = ""
    try:
        with Progress(console=console, transient=True) as bar:
            paths, more = await scanner.walk(folder.as_posix(), settings.index.exclude, settings.index.most_files)
            task = bar.add_task("reading", total=len(paths))
            async for done, found in scanner.read(paths):
                world.learn(found.told())
                left_out.extend(found.left_out)
                cached += found.cached
                trouble = trouble or found.trouble
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
    table.add_row("known from before", f"{cached:,} files")
    table.add_row("seconds", f"{seconds:.2f}")
    console.print(table)
    if trouble:
        console.print(trouble)
    for path, why in left_out[:10]:
        console.print(f"left out: {Path(path).relative_to(folder)} ({why})", highlight=False)
    if len(left_out) > 10:
        console.print(f"and {len(left_out) - 10} more left out")
    if more:
        console.print(f"stopped after {settings.index.most_files} files (index.most_files)")
    return _check(world, check, console) if check else 0


def _check(world: World, edits: int, console: Console) -> int:
    """Edit files of the project in memory and compare; nothing on disk changes."""
    chance = random.Random(0)
    paths = sorted(world.snapshot().graph.files)
    done = wrong = 0
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("comparing", total=edits)
        while done < edits and paths:
            path = chance.choice(paths)
            if (data := text_of(path)) is None or len(data) > 200_000:
                paths.remove(path)
                continue
            tried, same = replay(path, data.decode("utf-8", "replace"), chance, min(100, edits - done))
            done += tried
            bar.update(task, completed=done)
            if not same:
                wrong += 1
                console.print(f"the live graph differs from one built anew: {path}")
    console.print(f"{done:,} random edits: {wrong or 'no'} difference{'s' if wrong > 1 else ''}")
    return 1 if wrong else 0


_PIECES = (
    "def f(x):\n", "class A(B) {\n", '"""', "'", "`", "(", ")", "{", "}", "    ", "\n", "import a.b as c;\n",
    "x = 1\n", ":", ";", "#", "//", "/*", "*/", "<", ">", "é😀", "@", "\\", "[", "]", "\t", "\f", "\r\n", "\r", "=>",
    "->", "::", "if x:\n", "end\n", "fn g() {\n", "function h() {\n", "", "", "", "", "\u2028",
)  # fmt: skip


def replay(path: str, text: str, chance: random.Random, edits: int, *, rest: bool = False) -> tuple[int, bool]:
    """(edits made, whether the graph was right after each): random edits of one text, one after another.

    rest: the file rests after each edit, as it does when nobody types for a moment.
    """
    world = World()
    world.open(path, text, 0, None)
    for version in range(1, edits + 1):
        data = world.snapshot().files[path].document.data
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 0, 0, 1, 2, 5, 40, 400)))
        edit = Edit(Span(start, end), chance.choice(_PIECES).encode())
        file = world.edit(path, version, [lambda _, edit=edit: edit])
        if rest and world.settle(path):
            file = world.snapshot().files[path]
        if file.facts is None or file.tree is None:
            return version, True
        if file.facts.dump() != FileFacts.of(file.tree).dump():
            return version, False
        if version % 10 == 0:
            world.settle(path)
            file = world.snapshot().files[path]
            assert file.language is not None
            fresh = FileFacts.of(Tree.parse(file.language, file.document))
            if world.snapshot().graph.dump() != Graph().with_file(path, fresh).dump():
                return version, False
    return edits, True
