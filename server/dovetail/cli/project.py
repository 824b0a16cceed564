"""A project opened for one command, without an editor: the same world, graph and model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click import ClickException
from rich.console import Console

from dovetail.features.actions import Diagnostic, Request
from dovetail.lsp.cache import cache_folder
from dovetail.lsp.manifests import configure, describe
from dovetail.lsp.models import open_model
from dovetail.lsp.packages import know_packages
from dovetail.lsp.scan import Scanner, text_of
from dovetail.memory import Store, open_store, project_of
from dovetail.memory.store import is_project
from dovetail.model.ask import Port, Runner
from dovetail.settings import Settings, load
from dovetail.text import Span
from dovetail.verify.checkers import runner
from dovetail.world import File, Selection, World
from dovetail.world.unread import is_secret


def said(console: Console, notice: str) -> None:
    """Something that is worth a word, and no failure."""
    console.print(notice, style="yellow", markup=False, highlight=False)


def root_of(path: Path) -> Path:
    """The project around a file: the nearest folder with a repository or a build file, else its own."""
    return project_of(path.parent)


@dataclass(frozen=True, slots=True)
class Project:
    """All that was read of a folder, and the model."""

    world: World
    port: Port
    settings: Settings
    console: Console
    left_out: tuple[tuple[str, str], ...]
    """(path, why) of what was not read."""

    @property
    def checks(self) -> Runner:
        """The linter, and the type checker that the user names."""
        known = self.settings
        return runner(known.type_checker or "", known.python or "", self.world.snapshot().roots)

    @property
    def off(self) -> frozenset[str]:
        """Mechanisms that are switched off."""
        return frozenset(self.settings.actions.off)

    def remembers(self) -> Store | None:
        """What is remembered of the project; None where nothing is to be."""
        if not self.settings.memory.enabled:
            return None
        return open_store(self.world.snapshot().roots[0], tell=lambda notice: said(self.console, notice))

    def opened(self, path: Path) -> Opened:
        """One file of it, as it is on disk. Raises `click.ClickException` where that cannot be read."""
        file = self.world.open(path.as_posix(), _text(path), 1, None)
        return Opened(self.world, self.port, self.settings, self.console, self.left_out, file)


@dataclass(frozen=True, slots=True)
class Opened(Project):
    """One file in its project."""

    file: File

    def request(self, span: Span, trusted: bool, told: tuple[Diagnostic, ...] = ()) -> Request:
        """What an action is asked for there."""
        at = Selection(self.file.path, span)
        return Request(at, told, trusted, self.off, self.settings.type_checker or "")


@asynccontextmanager
async def opened(
    given: Mapping[str, Any], path: Path, console: Console, root: Path | None = None
) -> AsyncGenerator[Opened]:
    """Open a file as an editor would, with what its project defines and the model. root: where that is known."""
    _text(path)  # what cannot be read is said before a project is
    async with reading(given, root or root_of(path), console) as project:
        yield project.opened(path)


@asynccontextmanager
async def reading(given: Mapping[str, Any], root: Path, console: Console) -> AsyncGenerator[Project]:
    """Read a project, and load the model meanwhile."""
    settings, complaints = load(given, [str(root)])
    for complaint in complaints:
        said(console, complaint)
    world = World([root.as_posix()], text_of)
    scanner = Scanner(cache_folder() if settings.index.cache else None)
    left_out: list[tuple[str, str]] = []
    with console.status("reading the project and loading the model"):
        loading = asyncio.ensure_future(open_model(settings))
        try:
            # a file without a project may lie anywhere, the home folder included
            most = settings.index.most_files if is_project(root) else min(200, settings.index.most_files)
            paths, _ = await scanner.walk(root.as_posix(), settings.index.exclude, most)
            await configure(scanner, world, root.as_posix(), paths)
            async for _, found in scanner.read(paths):
                world.learn(found.told())
                left_out += found.left_out
            await know_packages(scanner, world, root.as_posix(), settings.index.exclude)
        except BaseException:  # a person's Ctrl-C does not wait for the model
            loading.cancel()
            (got,) = await asyncio.gather(loading, return_exceptions=True)
            if not isinstance(got, BaseException):
                await got.close()
            raise
        finally:
            scanner.close()
        port = await loading
    if port.info is None:
        said(console, port.status.reason)
    describe(world)
    try:
        yield Project(world, port, settings, console, tuple(left_out))
    finally:
        await port.close()


def _text(path: Path) -> str:
    """Raises `click.ClickException` for what may hold secrets or cannot be read; what is not UTF-8 could not be
    written back as it was."""
    if is_secret(path.name) or is_secret(path.resolve().name):
        raise ClickException(f"{path.name} may hold secrets, so it is not read and no model is asked about it")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ClickException(f"{path.name} is not UTF-8 (byte {error.start}); nothing was read") from None
    except OSError as error:
        raise ClickException(f"{path.name} cannot be read: {error.strerror}") from None
