"""A project on disk, as a test wants it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder with these files, told from it, among those that it has."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder
