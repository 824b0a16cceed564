"""What the server and its model process say to each other: JSON in frames, validated on both sides.

A frame is four bytes of length, big-endian, and so many bytes of UTF-8.
"""

from __future__ import annotations

import struct
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dovetail.model.ask import Answer, Ask, Cost, ModelInfo, Thought
from dovetail.model.fit import Fit

FRAME = 16 << 20
"""Bytes of the largest frame either side takes."""
LENGTH = struct.Struct(">I")


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class Load(_Message):
    """The first message: this file, with so many tokens of context and threads (0: you choose).

    `fit` is what was measured when it was loaded before, if the file and the machine are the same still; `kept` the
    folder where what it has read is kept for the next start, "" for nowhere.
    """

    kind: Literal["load"] = "load"
    path: str
    context: int = 0
    threads: int = 0
    fit: Fit | None = None
    kept: str = ""
    thought: Thought = Field(default_factory=Thought)
    embeddings: bool = False
    """It tells where texts lie, and writes none: the process of `embed.py`."""


class Asked(_Message):
    kind: Literal["asked"] = "asked"
    id: int
    ask: Ask
    aloud: bool = False
    """Say each piece of the answer as it is written."""


class Drop(_Message):
    """This candidate of the ask is not wanted any more, the others are."""

    kind: Literal["drop"] = "drop"
    id: int
    candidate: int


class Cancel(_Message):
    """Nobody waits for this ask any more. It is answered nevertheless, with `Silent`."""

    kind: Literal["cancel"] = "cancel"
    id: int


class Counting(_Message):
    kind: Literal["counting"] = "counting"
    id: int
    texts: tuple[str, ...]


class Placing(_Message):
    """Where do these texts lie among all meanings?"""

    kind: Literal["placing"] = "placing"
    id: int
    texts: tuple[str, ...]


class Ready(_Message):
    kind: Literal["ready"] = "ready"
    info: ModelInfo
    fit: Fit


class Refused(_Message):
    """The file is not loaded and will not be."""

    kind: Literal["refused"] = "refused"
    reason: str


class Said(_Message):
    """A piece of an answer that is being written."""

    kind: Literal["said"] = "said"
    id: int
    candidate: int
    text: str


class Answered(_Message):
    kind: Literal["answered"] = "answered"
    id: int
    answers: list[Answer]
    cost: Cost = Field(default_factory=Cost)


class Silent(_Message):
    """No answer to this ask."""

    kind: Literal["silent"] = "silent"
    id: int
    reason: str
    why: Literal["failed", "cancelled", "refused"]
    cost: Cost = Field(default_factory=Cost)


class Counted(_Message):
    kind: Literal["counted"] = "counted"
    id: int
    counts: list[int]


class Placed(_Message):
    """A vector of length one for each text."""

    kind: Literal["placed"] = "placed"
    id: int
    vectors: tuple[bytes, ...]
    """Each of 16-bit floats, little-endian."""


ToWorker = Annotated[Load | Asked | Cancel | Drop | Counting | Placing, Field(discriminator="kind")]
FromWorker = Annotated[Ready | Refused | Said | Answered | Silent | Counted | Placed, Field(discriminator="kind")]
to_worker: TypeAdapter[ToWorker] = TypeAdapter(ToWorker)
from_worker: TypeAdapter[FromWorker] = TypeAdapter(FromWorker)


def frame(message: ToWorker | FromWorker) -> bytes:
    """The message, its length in front. Raises `ValueError` if it is too long or holds half a character."""
    data = message.model_dump_json().encode()
    if len(data) > FRAME:
        raise ValueError(f"a message of {len(data)} bytes")
    return LENGTH.pack(len(data)) + data
