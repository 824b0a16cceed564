"""A project opened for one command, without an editor: the same world, graph and model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from dovetail.lsp.models import open_model
from dovetail.lsp.scan import Scanner
from dovetail.model.ask import Port
from dovetail.settings import Settings, load
from dovetail.world import File, World

_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Opened:
    """One file in its project."""

    world: World
    file: File
    port: Port
    settings: Settings


def root_of(path: Path) -> Path:
    """The project around a file: the nearest folder with a repository or a build file, else its own."""
    return next((p for p in path.parents if any((p / mark).exists() for mark in _MARKS)), path.parent)


@asynccontextmanager
async def opened(given: Mapping[str, Any], path: Path, console: Console) -> AsyncGenerator[Opened]:
    """Open a file as an editor would, with what its project defines and the model."""
    root = root_of(path)
    settings, complaints = load(given, [str(root)])
    for complaint in complaints:
        console.print(f"[yellow]{complaint}")
    world = World([root.as_posix()])
    scanner = Scanner()
    with console.status("reading the project and loading the model"):
        loading = asyncio.ensure_future(open_model(settings))
        try:
            paths, _ = await scanner.walk(root.as_posix(), settings.index.exclude, settings.index.most_files)
            async for _, found in scanner.read(paths):
                world.learn(found.files)
        finally:
            scanner.close()
            port = await loading
    if port.info is None:
        console.print(f"[yellow]{port.status.reason}", highlight=False)
    try:
        file = world.open(path.as_posix(), _text(path), 1, None)
        yield Opened(world, file, port, settings)
    finally:
        await port.close()


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
