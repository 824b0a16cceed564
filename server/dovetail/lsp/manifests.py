"""The files that say what a project is, told in one line, and those that lead names of modules elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from posixpath import dirname

from dovetail.context.project import manifests, summary
from dovetail.graph.configured import extends, names_of
from dovetail.lsp.scan import Scanner, text_of
from dovetail.syntax import language_for
from dovetail.world import World
from dovetail.world.unread import is_secret

_LARGEST = 1 << 18
"""Bytes above which a file is not looked into; that it is there counts all the same."""


def describe(world: World) -> None:
    """Put what the first root is before the world, by rules."""
    snapshot = world.snapshot()
    if snapshot.roots:
        world.describe(summary(_read(snapshot.roots[0]), snapshot.graph))


_PATIENCE = 10.0
"""Seconds for the files that configure names of modules."""
_MOST = 2000
"""Of these that are read."""


async def configure(scanner: Scanner, world: World, root: str, paths: Sequence[str]) -> None:
    """Tell the world where the project's configuration leads names of modules. paths: the files of the project."""
    found = await scanner.within(_PATIENCE, configuring, root.rstrip("/"), tuple(paths))
    if found is not None:
        world.configure(root, found)


def configuring(root: str, paths: Sequence[str]) -> dict[str, bytes]:
    """The texts of files that configure names of modules, in the folders of those that could be led and above them."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        if (language := language_for(path)) is None or not (names := names_of(language)):
            continue
        folder = dirname(path)
        while f"{folder}/".startswith(f"{root}/") and not folders.setdefault(folder, set()).issuperset(names):
            folders[folder].update(names)
            folder = dirname(folder)
    todo = [f"{folder}/{name}" for folder in sorted(folders, reverse=True) for name in sorted(folders[folder])]
    found: dict[str, bytes] = {}
    while todo and len(found) < _MOST:
        path = todo.pop()
        if path in found or not path.startswith(f"{root}/") or (data := text_of(path)) is None:
            continue
        found[path] = data
        todo += extends(path, data)
    return found


def _read(root: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(manifests()):
        path = Path(root, name)
        try:
            if is_secret(name) or os.path.islink(path) or not path.is_file():
                continue
            found[name] = path.read_text("utf-8", "replace") if path.stat().st_size <= _LARGEST else ""
        except OSError:
            continue
    return found
