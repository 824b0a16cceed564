"""What a GGUF file says about itself, read with bounds before llama.cpp sees it.

llama.cpp trusts its input more than a downloaded file deserves. So the header is read here first: a
regular file, the magic, sizes that fit the file, and the few metadata that a model needs. Only the
header is read, in steps of a MiB; arrays (the vocabulary) are walked over, not kept.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

Value = str | int | float | bool

DAMAGED = "download it again"
_MAGIC = int.from_bytes(b"GGUF", "little")
_STEP = 1 << 20
_HEADER = 128 << 20
"""No header is longer; the largest vocabularies in use take about 20 MiB."""
_TEXT = 1 << 20
_COUNT = 1 << 16
"""More metadata keys, tensors or parts than this are a damaged file."""

_SCALARS: dict[int, str] = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
"""GGUF value type → its letter in `struct`."""
_STRING, _ARRAY = 8, 9

TENSOR_TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8),
    28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36),
}  # fmt: skip
"""GGML type → (name, values in a block, bytes of a block). Of an unknown type no size is checked."""


class ModelRefused(Exception):
    """This file cannot be the model; `reason` is a sentence for a person, with the remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """The vetted header of a model."""

    path: Path
    parts: tuple[Path, ...]
    """All files of the model, in order; one unless it is split."""
    size: int
    """Bytes of all parts."""
    metadata: dict[str, Value]
    """Scalars and strings; of an array its length."""
    parameters: int
    """Of all parts that were read: for a split model, of the first part alone."""
    quantisation: str
    """The tensor type that holds the most parameters, `Q8_0`."""

    def text(self, key: str) -> str:
        """The metadatum, or the empty string."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """The metadatum, or 0."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) else 0

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        return self.text("general.name") or self.path.stem

    @property
    def context(self) -> int:
        """The context length that the file promises, in tokens."""
        return self.number(f"{self.architecture}.context_length")


def read_header(path: Path) -> Header:
    """Vet the file and read its header.

    Raises `ModelRefused`. Never blocks on a FIFO or a device; reads at most 128 MiB.
    """
    name = path.name
    with _open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        metadata, parameters, quantisation = _parse(_Cursor(file, size, name), name)
    header = Header(path, (path,), size, metadata, parameters, quantisation)
    kind = header.text("general.type") or "model"
    if kind != "model" or not header.architecture:
        raise ModelRefused(f"{name} is a GGUF file but no language model ({kind}): choose another file.")
    if not header.text("tokenizer.ggml.model") or not header.number("tokenizer.ggml.tokens"):
        raise ModelRefused(f"{name} has no vocabulary, so it is no language model: choose another file.")
    if header.context < 1:
        raise ModelRefused(f"{name} does not say its context length: choose a complete model file.")
    if header.number("split.count") > 1:
        return _with_parts(header)
    return header


def digest(header: Header) -> str:
    """SHA-256 over the bytes of all parts, hexadecimal. Reads the whole model."""
    total = hashlib.sha256()
    for part in header.parts:
        with _open_regular(part) as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def _open_regular(path: Path) -> BinaryIO:
    name = path.name
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        raise ModelRefused(f"There is no model file {name}: check the path in your settings.") from None
    except PermissionError:
        raise ModelRefused(f"The model file {name} may not be read: check its permissions.") from None
    except (OSError, ValueError):
        raise ModelRefused(f"The model file {name} cannot be opened: check your settings.") from None
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb", buffering=0)
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise ModelRefused(f"{name} is a folder: name the .gguf file inside it.")
    raise ModelRefused(f"{name} is no regular file: copy the model into one.")


class _Cursor:
    """Reads forward through the header, never past the file or the cap."""

    def __init__(self, file: BinaryIO, size: int, name: str) -> None:
        self.file, self.size, self.name = file, size, name
        self.data = bytearray()
        self.at = 0

    def need(self, count: int) -> int:
        """Have `count` more bytes in `data`, step over them, and tell where they start."""
        start, end = self.at, self.at + count
        if end > min(self.size, _HEADER):
            short = end > self.size
            what = "ends in the middle of its header" if short else "has a header beyond all bounds"
            raise ModelRefused(f"The model file {self.name} {what}: {DAMAGED}.")
        while len(self.data) < end:
            block = self.file.read(max(_STEP, end - len(self.data)))
            if not block:
                raise ModelRefused(f"The model file {self.name} ends in the middle of its header: {DAMAGED}.")
            self.data += block
        self.at = end
        return start

    def unpack(self, form: str) -> int | float | bool:
        return struct.unpack_from(form, self.data, self.need(struct.calcsize(form)))[0]

    def u32(self) -> int:
        return int(self.unpack("<I"))

    def u64(self) -> int:
        return int(self.unpack("<Q"))

    def string(self) -> str:
        length = self.u64()
        start = self.need(length)
        return self.data[start : start + min(length, _TEXT)].decode("utf-8", "replace")

    def skip_strings(self, count: int) -> None:
        """Walk over an array. A vocabulary is half a million strings, hence the inner loop."""
        length = struct.Struct("<Q")
        while count:
            if len(self.data) - self.at < 8:
                self.need(self.u64())
                count -= 1
                continue
            at, last = self.at, len(self.data) - 8
            while count and at <= last:
                end = at + 8 + length.unpack_from(self.data, at)[0]
                if end > len(self.data):
                    break
                at, count = end, count - 1
            self.at = at
            if count:
                self.need(self.u64())
                count -= 1


def _parse(cursor: _Cursor, name: str) -> tuple[dict[str, Value], int, str]:
    if cursor.size == 0:
        raise ModelRefused(f"The model file {name} is empty: {DAMAGED}.")
    if cursor.size < 24 or cursor.u32() != _MAGIC:
        raise ModelRefused(f"{name} is not a GGUF file: choose a model in the GGUF format.")
    version = cursor.u32()
    if version not in (2, 3):
        raise ModelRefused(f"{name} is not GGUF version 2 or 3: get a current conversion of the model.")
    tensors, keys = cursor.u64(), cursor.u64()
    if not 0 < tensors <= _COUNT or keys > _COUNT:
        raise ModelRefused(f"The header of the model file {name} makes no sense: {DAMAGED}.")
    metadata: dict[str, Value] = {}
    for _ in range(keys):
        key = cursor.string()
        metadata[key] = _value(cursor, cursor.u32())
    return metadata, *_tensors(cursor, tensors, metadata.get("general.alignment", 32))


def _value(cursor: _Cursor, kind: int) -> Value:
    """One metadata value; of an array its length."""
    if letter := _SCALARS.get(kind):
        return cursor.unpack("<" + letter)
    if kind == _STRING:
        return cursor.string()
    if kind != _ARRAY:
        raise _damaged(cursor)
    inner, length = cursor.u32(), cursor.u64()
    if inner == _STRING:
        cursor.skip_strings(length)
    elif letter := _SCALARS.get(inner):
        cursor.need(length * struct.calcsize("<" + letter))
    else:  # arrays of arrays occur in no model
        raise _damaged(cursor)
    return length


def _tensors(cursor: _Cursor, count: int, alignment: Value) -> tuple[int, str]:
    """Check that all tensor data lie inside the file; tell parameters and the main type."""
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20 or alignment & (alignment - 1):
        raise _damaged(cursor)
    held: Counter[str] = Counter()
    end = 0
    for _ in range(count):
        cursor.string()
        dimensions = cursor.u32()
        if not 1 <= dimensions <= 4:
            raise _damaged(cursor)
        values = 1
        for _ in range(dimensions):
            values *= cursor.u64()
        kind, offset = cursor.u32(), cursor.u64()
        if not 0 < values < 1 << 48 or offset % alignment:
            raise _damaged(cursor)
        label, block, width = TENSOR_TYPES.get(kind, (f"type {kind}", 1, 0))
        held[label] += values
        end = max(end, offset + values // block * width)
    data = -(-cursor.at // alignment) * alignment
    if data + end > cursor.size:
        what = f"is cut off, {data + end - cursor.size:,} bytes are missing"
        raise ModelRefused(f"The model file {cursor.name} {what}: {DAMAGED}.")
    return sum(held.values()), held.most_common(1)[0][0]


def _damaged(cursor: _Cursor) -> ModelRefused:
    return ModelRefused(f"The header of the model file {cursor.name} is damaged: {DAMAGED}.")


def _with_parts(header: Header) -> Header:
    """Find the other files of a split model beside the first one."""
    count = header.number("split.count")
    name = header.path.name
    match = re.fullmatch(r"(.*)-00001-of-(\d{5})\.gguf", name)
    if match is None or int(match[2]) != count or header.number("split.no") != 0 or count > _COUNT:
        raise ModelRefused(f"{name} is one part of a split model: name its first part, …-00001-of-….gguf.")
    part: Callable[[int], Path] = lambda i: header.path.with_name(f"{match[1]}-{i:05}-of-{count:05}.gguf")  # noqa: E731
    parts = tuple(part(i) for i in range(1, count + 1))
    size = 0
    for path in parts:
        with _open_regular(path) as file:
            if file.read(4) != b"GGUF":
                raise ModelRefused(f"{path.name} is not a GGUF file: {DAMAGED}.")
            size += os.fstat(file.fileno()).st_size
    return Header(header.path, parts, size, header.metadata, header.parameters, header.quantisation)
