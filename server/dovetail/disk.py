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


def write(
    texts: Mapping[str, tuple[bytes, bytes]], created: Collection[str] = (), gone: Collection[Path] = ()
) -> tuple[Path, ...]:
    """Replace the texts of files; which were written.

    texts: path to what is there and what is to be, both without a byte-order mark.
    created: those that must not be there yet. gone: files that go away.
    Raises `Changed`, and `OSError` with the name of a file that cannot be written; either leaves every file as it was.
    """
    there = {name: (Path(name).resolve(), _there(name, before, name in created)) for name, (before, _) in texts.items()}
    ready: dict[Path, tuple[Path, bytes | None]] = {}
    done: list[Path] = []
    aside: dict[Path, Path] = {}
    try:
        for file in gone:
            place = file.with_name(f".{file.name}.{os.getpid()}")
            os.replace(file, place)
            aside[file] = place
        for name, (path, old) in there.items():
            mark = old[: len(old) - len(texts[name][0])] if old is not None else b""
            ready[path] = _beside(path, mark + texts[name][1], like=path if old is not None else None), old
        for path, (draft, _) in ready.items():
            os.replace(draft, path)
            done.append(path)
    except OSError:
        for path in done:
            _restore(path, ready[path][1])
        for file, place in aside.items():
            os.replace(place, file)
        raise
    finally:
        for path, (draft, _) in ready.items():
            if path not in done:
                draft.unlink(missing_ok=True)
    for place in aside.values():
        place.unlink(missing_ok=True)
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
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            draft = Path(temporary.name)
            try:
                temporary.write(data)
                temporary.flush()
                os.chmod(draft, like.stat().st_mode if like else 0o644)
            except OSError:
                draft.unlink(missing_ok=True)
                raise
    except OSError as error:  # of a full disk it does not say the name
        raise OSError(error.errno, error.strerror, str(path)) from None
    return draft


def _restore(path: Path, old: bytes | None) -> None:
    """Back to what it was, after a later file could not be written."""
    with contextlib.suppress(OSError):
        if old is None:
            path.unlink(missing_ok=True)
        else:
            os.replace(_beside(path, old, like=path), path)
