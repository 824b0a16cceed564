"""The files at a project's root that say what it is: read once it is scanned, and told in one line."""

from __future__ import annotations

import os
from pathlib import Path

from dovetail.context.project import manifests, summary
from dovetail.world import World
from dovetail.world.unread import is_secret

_LARGEST = 1 << 18
"""Bytes above which a file is not looked into; that it is there counts all the same."""


def describe(world: World) -> None:
    """Put what the first root is before the world, by rules."""
    snapshot = world.snapshot()
    if snapshot.roots:
        world.describe(summary(_read(snapshot.roots[0]), snapshot.graph))


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
