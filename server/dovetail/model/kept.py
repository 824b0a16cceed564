"""What a model has read, kept for its next start: the KV of the prompt that somebody typed in last.

A large model reads a prompt for seconds; the same bytes come back from a file in milliseconds. Files lie in a folder of
ours, readable by the user alone, a few of them and bounded in size. Each says which model, which build of llama.cpp and
which tokens it is for, and carries a digest of all that: what differs in a bit is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MOST = 4
"""Files, the newest ones."""
LARGEST = 64 << 20
"""Bytes of one file."""
_LEFT = 600.0
"""Seconds after which whoever wrote half a file is gone."""
_MAGIC = b"dovetail kv 1\n"
_HEAD = struct.Struct(f"<{len(_MAGIC)}s32s32sI")
"""Magic, digest of all that follows it, key, number of tokens."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file, as far as its head says what is in it."""

    path: Path
    tokens: list[int]


class Kept:
    """The files of one model in `folder`, which need not be there."""

    def __init__(self, folder: Path, *made_by: object) -> None:
        """made_by: all that the bytes of a state depend on; another value, and they are not looked at."""
        self._folder = folder
        self._key = hashlib.sha256(repr(made_by).encode()).digest()
        self.stored = list(self._found())

    def take(self, stored: Stored) -> bytes:
        """The state, once; b"" where the file is damaged, which is then removed."""
        self.stored.remove(stored)
        with contextlib.suppress(OSError):
            data = stored.path.read_bytes()
            if self._tokens(data) == stored.tokens:
                _, digest, *_ = _HEAD.unpack_from(data)
                if hashlib.sha256(data[_HEAD.size - 36 :]).digest() == digest:
                    return data[_HEAD.size + 4 * len(stored.tokens) :]
            stored.path.unlink(missing_ok=True)
        return b""

    def put(self, tokens: Sequence[int], state: bytes) -> None:
        """Keep this for the next start, and forget what is oldest. Without a place to write nothing is kept."""
        ids = np.array(tokens, "<i4").tobytes()
        body = self._key + struct.pack("<I", len(tokens)) + ids + state
        if len(body) > LARGEST:
            return
        digest = hashlib.sha256(body).digest()
        path = self._folder / f"{hashlib.sha256(self._key + ids).hexdigest()[:24]}.kv"
        draft = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
                sink.write(_MAGIC + digest + body)
            draft.replace(path)
            newest = sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
            whole = [file for file in newest if file.suffix == path.suffix]
            halves = [file for file in newest if file.suffix != path.suffix]
            left = [file for file in halves if file.stat().st_mtime < time.time() - _LEFT]
            for old in (*whole[MOST:], *left):
                old.unlink(missing_ok=True)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _found(self) -> list[Stored]:
        found: list[Stored] = []
        with contextlib.suppress(OSError):
            for path in sorted(self._folder.glob("*.kv")):
                with contextlib.suppress(OSError), path.open("rb") as source:
                    head = source.read(_HEAD.size)
                    count = _HEAD.unpack(head)[3] if len(head) == _HEAD.size else 0
                    if count <= LARGEST // 4 and (tokens := self._tokens(head + source.read(4 * count))):
                        found.append(Stored(path, tokens))
        return found

    def _tokens(self, data: bytes) -> list[int]:
        """Those that a file of this model is for; none if it is of another or cut off."""
        if len(data) < _HEAD.size:
            return []
        magic, _, key, count = _HEAD.unpack_from(data)
        if magic != _MAGIC or key != self._key or len(data) < _HEAD.size + 4 * count:
            return []
        return np.frombuffer(data, "<i4", count, _HEAD.size).tolist()
