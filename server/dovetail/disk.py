"""What a person accepted, written to disk: all of its files or none. Links, modes and byte-order marks stay.

Nothing else writes into a project. A file that is not what the change speaks of stops all of it.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path


class Changed(ValueError):
    """A file is not as the change found it; nothing was written. The argument says which."""


def write(texts: Mapping[str, tuple[bytes, bytes]], created: Collection[str] = ()) -> tuple[Path, ...]:
    """Replace the texts of files; which were written.

    texts: path to what is there and what is to be, both without a byte-order mark.
    created: those that must not be there yet.
    Raises `Changed`, and `OSError` where a file cannot be written; either leaves every file as it was.
    """
    there = {name: (Path(name).resolve(), _there(name, before, name in created)) for name, (before, _) in texts.items()}
    ready: dict[Path, tuple[Path, bytes | None]] = {}
    done: list[Path] = []
    try:
        for name, (path, old) in there.items():
            mark = old[: len(old) - len(texts[name][0])] if old is not None else b""
            ready[path] = _beside(path, mark + texts[name][1], like=path if old is not None else None), old
        for path, (draft, _) in ready.items():
            os.replace(draft, path)
            done.append(path)
    except OSError:
        for path in done:
            _restore(path, ready[path][1])
        raise
    finally:
        for path, (draft, _) in ready.items():
            if path not in done:
                draft.unlink(missing_ok=True)
    return tuple(done)


def _there(name: str, before: bytes, new: bool) -> bytes | None:
    """The bytes of the file; None where there is to be a new one."""
    path = Path(name)
    if new:
        if path.exists():
            raise Changed(f"{name} is there already; nothing was written")
        return None
    try:
        whole = path.read_bytes()
    except OSError:
        raise Changed(f"{name} is not there any more; nothing was written") from None
    if whole.removeprefix(codecs.BOM_UTF8) != before.removeprefix(codecs.BOM_UTF8):
        raise Changed(f"{name} has changed since; nothing was written")
    return whole


def _beside(path: Path, data: bytes, like: Path | None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
        temporary.write(data)
    os.chmod(temporary.name, like.stat().st_mode if like else 0o644)
    return Path(temporary.name)


def _restore(path: Path, old: bytes | None) -> None:
    """Back to what it was, after a later file could not be written."""
    with contextlib.suppress(OSError):
        if old is None:
            path.unlink(missing_ok=True)
        else:
            os.replace(_beside(path, old, like=path), path)
