"""Compares what texts mean, with a model of embeddings that the user names.

Its process starts at the first question. What a text means depends on the text alone, so the vectors are kept: by the
text's digest, in a store of their own for each model. Nothing raises: what is wrong is a `Silence`.
"""

from __future__ import annotations

import importlib.util
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from dovetail.model.ask import Compare, ModelInfo, Silence
from dovetail.model.catalog import choose, missing
from dovetail.model.desk import LlamaPort

AT_ONCE = 8
"""Texts of one request: after each of these the vectors are kept."""
NEAR = 4096
"""Vectors that are kept in memory, the newest."""
_SAID_BEFORE: tuple[tuple[str, str, str], ...] = (
    (r"nomic-embed-text", "search_query: ", "search_document: "),
    (r"\be5-(small|base|large)\b(?!.*instruct)", "query: ", "passage: "),
    (r"\bbge-\w+-en\b|\bmxbai-embed", "Represent this sentence for searching relevant passages: ", ""),
    (r"\bqwen3-embedding", "Instruct: Given a question about a project, find the files that it is about\nQuery: ", ""),
    (r"embedding-?gemma", "task: search result | query: ", "title: none | text: "),
)
"""Name of a family, and what its makers put before a question and before a text; before others' nothing is put."""


class Store(Protocol):
    """Where vectors are kept for the next start; whatever is wrong with it, the answer is a miss."""

    def known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]: ...

    def keep(self, rows: Iterable[tuple[bytes, bytes]]) -> None: ...

    def trim(self) -> None: ...

    def close(self) -> None: ...


class Meaning:
    """A `Comparer`; `close` it in the end."""

    def __init__(self, named: str, *, threads: int = 0, store: Callable[[str], Store] | None = None) -> None:
        """named: a file or a name. store: opens the store of one model, by what its vectors depend on."""
        self.named = named
        self._threads, self._open_store = threads, store
        self._port: LlamaPort | None = None
        self._store: Store | None = None
        self._near: OrderedDict[bytes, bytes] = OrderedDict()
        self._before = "", ""

    @property
    def info(self) -> ModelInfo | None:
        """None until it was asked and is loaded."""
        return self._port.info if self._port is not None else None

    async def __call__(self, compare: Compare) -> list[float] | Silence:
        port = await self._loaded()
        if isinstance(port, Silence):
            return port
        asked, said = self._before
        texts = (asked + compare.question, *(said + text for text in compare.texts))
        known = await self._placed(port, texts)
        if isinstance(known, Silence):
            return known
        vectors = [known[_key(text)] for text in texts]
        if len({len(vector) for vector in vectors}) > 1:
            return Silence("the embedding model tells vectors of different lengths", "failed")
        space = np.stack([np.frombuffer(vector, "<f2").astype(np.float64) for vector in vectors])
        return [round(min(1.0, max(-1.0, cosine)), 4) for cosine in (space[1:] @ space[0]).tolist()]

    async def close(self) -> None:
        """End the process."""
        if self._port is not None:
            await self._port.close()
        if self._store is not None:
            self._store.trim()
            self._store.close()
            self._store = None

    async def _placed(self, port: LlamaPort, texts: Sequence[str]) -> dict[bytes, bytes] | Silence:
        """The vectors of texts by their keys; the model is asked for those that nobody knows."""
        wanted = {_key(text): text for text in texts}
        found = {key: self._near[key] for key in wanted if key in self._near}
        if self._store is not None:
            found |= self._store.known([key for key in wanted if key not in found])
        new = [(key, text) for key, text in wanted.items() if key not in found]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            vectors = await port.place([text for _, text in part])
            if isinstance(vectors, Silence):
                return vectors
            rows = [(key, vector) for (key, _), vector in zip(part, vectors, strict=True)]
            if self._store is not None:
                self._store.keep(rows)
            found.update(rows)
        self._near.update(found)
        while len(self._near) > NEAR:
            self._near.popitem(last=False)
        return found

    async def _loaded(self) -> LlamaPort | Silence:
        if self._port is None:
            if reason := missing(self.named):
                return Silence(reason, "failed")
            if importlib.util.find_spec("llama_cpp") is None:
                return Silence("llama-cpp-python is not installed: run `pip install 'dovetail[embeddings]'`.", "failed")
            self._port = LlamaPort(choose(self.named), threads=self._threads, embeddings=True)
            await self._port.start()
        status = await self._port.settle()
        info = self._port.info
        if info is None:
            return Silence(status.reason, "failed")
        name = f"{info.name} {Path(info.path).stem}".casefold().replace(" ", "-").replace("_", "-")
        self._before = next(((one, two) for row, one, two in _SAID_BEFORE if re.search(row, name)), ("", ""))
        if self._store is None and self._open_store is not None:
            self._store = self._open_store(f"{info.digest[:24]}-{info.context}")
        return self._port


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
