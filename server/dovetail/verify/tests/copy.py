"""A copy of a project to run tests in: what is tracked by people, without what is built, installed or secret."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dovetail.model.ask import Silence
from dovetail.world.unread import NEVER, is_secret

MOST_FILES = 20_000
MOST_BYTES = 512 * 1024 * 1024


@contextmanager
def copied(root: str, suffixes: tuple[str, ...] = ()) -> Generator[str | Silence]:
    """A scratch folder with the project in `project`, or its files of some suffixes; gone with the context."""
    with tempfile.TemporaryDirectory(prefix="dovetail-tests-") as scratch:
        # the real path: an interpreter tells files by it, and it is compared
        folder = os.path.realpath(scratch)
        try:
            reason = _copy(Path(root), Path(folder, "project"), suffixes)
        except OSError as error:
            reason = f"the project cannot be copied for a run: {error.filename}: {error.strerror}"
        yield Silence(reason, "refused") if reason else folder


def _copy(root: Path, to: Path, suffixes: tuple[str, ...]) -> str:
    files = size = 0
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if _wanted(Path(place, name))]
        target = to / Path(place).relative_to(root)
        target.mkdir(parents=True)
        for name in names:
            file = Path(place, name)
            if file.is_symlink() or not file.is_file() or is_secret(name):
                continue
            if suffixes and not name.endswith(suffixes):
                continue
            files += 1
            size += file.stat().st_size
            if files > MOST_FILES or size > MOST_BYTES:
                return (
                    f"the project is too large to be copied for a run (more than {MOST_FILES} files or "
                    f"{MOST_BYTES >> 20} MB)"
                )
            shutil.copyfile(file, target / name)
    return ""


def link(root: str, to: str, name: str) -> None:
    """Folders of installed packages, each package a link to where it is installed; those of the project to its copy."""
    for place, folders, _ in os.walk(to):
        source = Path(root, os.path.relpath(place, to), name)
        if name in folders:
            folders.remove(name)
        elif source.is_dir():
            _link(name, source, Path(place, name), Path(root).resolve(), Path(to))


def strangers(scratch: str, names: Sequence[str]) -> Silence | None:
    """A refusal where what runs the tests would read a file above the copy that another user has put there."""
    for place in (folder / name for folder in Path(scratch).parents for name in names):
        with suppress(OSError):
            if place.lstat().st_uid not in (0, os.getuid()):
                return Silence(f"somebody else's {place} would be read by what runs the tests", "refused")
    return None


def _link(name: str, source: Path, target: Path, root: Path, to: Path) -> None:
    target.mkdir()
    for each in source.iterdir():
        real = each.resolve()
        own = real.is_relative_to(root) and name not in real.relative_to(root).parts
        if own and (to / real.relative_to(root)).exists():
            (target / each.name).symlink_to(to / real.relative_to(root))
        elif each.name.startswith("@") and each.is_dir() and not each.is_symlink():
            _link(name, each, target / each.name, root, to)
        elif not each.name.startswith("."):
            (target / each.name).symlink_to(real)


def _wanted(folder: Path) -> bool:
    """Not what is built or installed, by the marks that tools leave there, nor what is never read."""
    installed = any((folder / mark).exists() for mark in ("CACHEDIR.TAG", "pyvenv.cfg", "conda-meta"))
    return folder.name not in NEVER and not folder.is_symlink() and not installed
