"""Facts as bytes and back: what travels between processes and lies in the cache. Plain data, no code."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from dovetail.graph.facts import Facts
from dovetail.graph.file import FileFacts, Items
from dovetail.syntax import languages

_Items = tuple[bytes, bytes, tuple[Facts, ...]]
_Stored = tuple[str, bytes, tuple[_Items, ...]]
_decoder = msgspec.msgpack.Decoder(_Stored)


def packed(facts: FileFacts) -> bytes:
    """The facts of a file, without their tree."""
    items = tuple((one.starts.tobytes(), one.ends.tobytes(), one.facts) for one in (facts.leaves, *facts.levels))
    return msgspec.msgpack.encode((facts.language, facts.digest, items))


def unpacked(data: bytes) -> FileFacts:
    """Raises `ValueError` for what `packed` did not make."""
    language, digest, items = _decoder.decode(data)
    leaves, *levels = [
        Items(np.frombuffer(starts, np.int64), np.frombuffer(ends, np.int64), facts) for starts, ends, facts in items
    ]
    return FileFacts(language, leaves, tuple(levels), digest)


@cache
def schema() -> str:
    """Changes with whatever the facts follow from: this package's code, the grammars, the parser."""
    package = Path(__file__).parent
    sources = sorted([*package.glob("*.py"), *(package.parent / "syntax").glob("*.py")])
    for language in languages():
        sources += sorted(file for file in language.folder.iterdir() if file.is_file())
    state = blake2b(version("tree-sitter").encode(), digest_size=8)
    for language in languages():
        wheel = str(language.settings["wheel"]).replace("_", "-")
        state.update(f"{wheel} {_version(wheel)}".encode())
    for file in sources:
        state.update(file.name.encode() + b"\0" + file.read_bytes())
    return state.hexdigest()


def _version(wheel: str) -> str:
    try:
        return version(wheel)
    except ModuleNotFoundError:
        return ""
