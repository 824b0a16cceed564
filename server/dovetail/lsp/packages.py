"""The packages of a project that its code imports, read where they lie: never imported, never run.

In the scan's process, after the project itself. Only what lies below the opened folder counts, links followed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from glob import escape, glob
from itertools import islice
from pathlib import Path
from posixpath import dirname, normpath
from typing import Any, NamedTuple

from dovetail.graph import FileFacts
from dovetail.graph.configured import entries
from dovetail.graph.packages import family_of, unresolved
from dovetail.lsp.scan import Read, Rules, Scanner, read, text_of
from dovetail.syntax import languages
from dovetail.world import World
from dovetail.world.unread import is_secret

_MOST = 400
"""Files that are read of all packages together."""
_PATIENCE = 60.0
"""Seconds for all of it."""
_AT_ONCE = 8
"""Files that are looked at between two looks at what the editor says."""
_DEEP = 3
"""How often what a file takes from beside it is followed."""


class Installed(NamedTuple):
    """What was found."""

    entries: dict[tuple[str, str], str]
    """(family, module) → file."""
    read: Read


async def know_packages(scanner: Scanner, world: World, root: str, exclude: Sequence[str]) -> None:
    """Tell the world what the packages say that its code imports; nothing where reading them takes too long.

    A few files at a time: a key that comes meanwhile waits for milliseconds.
    """
    wanted: list[tuple[str, str]] = []
    for number, one in enumerate(unresolved(world.snapshot().graph)):
        if one is not None:
            wanted.append(one)
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    found = await scanner.within(_PATIENCE, installed, root.rstrip("/"), wanted, tuple(exclude)) if wanted else None
    if found is not None:
        told = found.read.told()
        while few := list(islice(told, _AT_ONCE)):
            world.know_packages({}, few)
            await asyncio.sleep(0)
        world.know_packages(found.entries, ())


def installed(root: str, wanted: Sequence[tuple[str, str]], exclude: Sequence[str] = ()) -> Installed:
    """Read what stands for these modules (language, name), and what that takes from beside it."""
    settings = {known.name: known.settings for known in languages() if "packages" in known.settings}
    rules = Rules(root, exclude)
    inside = f"{os.path.realpath(root)}/"
    entries: dict[tuple[str, str], str] = {}
    found: dict[str, tuple[str, str]] = {}
    for language, module in sorted(wanted):
        if language in settings and len(found) < _MOST:
            for folder in _folders(root, settings[language]["packages"], rules):
                if path := next(_there(_candidates(folder, module, settings[language]), inside), None):
                    entries[family_of(language), module] = path
                    found.setdefault(path, (language, folder))
                    break
    parts: list[Read] = []
    new = list(found)
    for _ in range(_DEEP):
        parts.append(read(new, generated=True))
        new = list[str]()
        for path, facts, _ in parts[-1].told():
            language, folder = found[path]
            for candidates in _taken(path, facts, folder, settings[language]):
                for one in _there(candidates, inside):
                    if one not in found and len(found) < _MOST:
                        found[one] = language, folder
                        new.append(one)
                    break
        if not new:
            break
    files = tuple((path, facts, b"") for part in parts for path, facts, _ in part.files)
    return Installed(entries, Read(files, tuple(one for part in parts for one in part.left_out)))


def _folders(root: str, packages: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    for pattern in packages["folders"]:
        for folder in sorted(glob(f"{escape(root)}/{pattern}")):
            if not rules.excluded(f"{folder}/"):
                yield Path(folder).as_posix()


def _candidates(folder: str, module: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """The files that a module may begin with, the best first."""
    packages, imports = settings["packages"], settings["imports"]
    if "manifest" not in packages:
        yield from _ending(f"{folder}/{module.replace(imports['separator'], '/')}", settings)
        return
    parts = module.split("/")
    size = 2 if module.startswith("@") else 1
    package = f"{folder}/{'/'.join(parts[:size])}"
    inner = "/".join(parts[size:])
    suffixes = tuple(packages["suffixes"])
    for entry in entries(package, text_of(f"{package}/{packages['manifest']}") or b"", inner):
        if entry.endswith(suffixes):
            yield entry
        for written in imports.get("written-suffixes", ()):  # what is told of a file lies beside it
            if entry.endswith(written):
                yield from _ending(entry.removesuffix(written), settings)
        yield from _ending(entry, settings)
    yield from _ending(f"{package}/{inner or imports['index']}", settings)


def _ending(stem: str, settings: Mapping[str, Any]) -> Iterator[str]:
    index = settings["imports"]["index"]
    for suffix in settings["packages"]["suffixes"]:
        yield f"{stem}{suffix}"
        yield f"{stem}/{index}{suffix}"


def _relative(path: str, name: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """The files that a name may mean which is written from beside a file."""
    folder = dirname(path)
    if "manifest" in settings["packages"]:
        stem = normpath(f"{folder}/{name}")
        for written in settings["imports"].get("written-suffixes", ()):
            stem = stem.removesuffix(written)
        yield from _ending(stem, settings)
        return
    separator = settings["imports"]["separator"]
    level = len(name) - len(name.lstrip(separator))
    for _ in range(level - 1):
        folder = dirname(folder)
    yield from _ending(f"{folder}/{name[level:].replace(separator, '/')}".rstrip("/"), settings)


def _taken(path: str, facts: FileFacts, folder: str, settings: Mapping[str, Any]) -> Iterator[Iterator[str]]:
    """What a file takes from others of its own package: for each the files that it may be."""
    separator = settings["imports"]["separator"]
    package = path.removeprefix(f"{folder}/").split("/")[0].split(".")[0]
    modules = (*(found.module for _, found in facts.imports), *(export.module for export in facts.exports))
    for module in dict.fromkeys(modules):
        if module.startswith("."):
            yield _relative(path, module, settings)
        elif "manifest" not in settings["packages"] and module.split(separator)[0] == package:
            yield _candidates(folder, module, settings)


def _there(paths: Iterator[str], inside: str) -> Iterator[str]:
    """Those that are files below the opened folder, wherever a link leads."""
    for path in paths:
        if (
            os.path.isfile(path)
            and not is_secret(path.rsplit("/", 1)[-1])
            and os.path.realpath(path).startswith(inside)
        ):
            yield path
