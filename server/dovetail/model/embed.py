"""The process of an embedding model: tells where texts lie among all meanings, as vectors of length one.

A process like the other one (`worker.py`), with another engine: a text is read at once, nothing is written and nothing
is kept between two texts, so a vector depends on its text alone. Asks are answered in order; a cancel is heard in the
middle of a text.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO, NoReturn

import numpy as np

from dovetail.model import wire
from dovetail.model.ask import ModelInfo
from dovetail.model.fit import Fit
from dovetail.model.gguf import Header, ModelRefused, digest, read_header
from dovetail.model.worker import Worker, ends, limit_memory

TOKENS = 512
"""Of a text that are read. What most such models were made for; the rest of a longer text says little."""
_POOLING = {1: "mean", 2: "first token", 3: "last token"}
_RANKS = 4


class Space:
    """A loaded model of embeddings. Raises `ModelRefused` where llama.cpp will not load it."""

    def __init__(self, header: Header, *, context: int = 0, threads: int = 0) -> None:
        """`context` (tokens of a text) and `threads`: 0 for what suits the model here."""
        from dovetail.model import llama  # takes half a second, for nothing where the file was refused

        self._cancelled = llama.Cancelled
        self._L = L = llama.L
        told = header.number(f"{header.architecture}.pooling_type")
        if told == _RANKS:
            raise ModelRefused(f"{header.path.name} ranks pairs of texts: choose a model of embeddings.")
        pooling = told or 1
        hashing = ThreadPoolExecutor(1)
        sha256 = hashing.submit(digest, header)
        hashing.shutdown(wait=False)
        self._model = llama.load(header)
        self._vocab = L.llama_model_get_vocab(self._model)
        self._room = max(8, min(context or TOKENS, TOKENS, header.context))
        params = L.llama_context_default_params()
        # all of a text in one go: what it means is pooled from all of its tokens
        params.n_ctx = params.n_batch = params.n_ubatch = self._room
        params.n_threads = params.n_threads_batch = min(threads or max(1, llama.cores() - 1), 256)
        params.n_seq_max, params.embeddings, params.pooling_type, params.no_perf = 1, True, pooling, True
        self._context = L.llama_init_from_model(self._model, params)
        if not self._context:
            L.llama_model_free(self._model)
            raise ModelRefused(llama.told(f"llama.cpp cannot run {header.path.name} here"))
        self._memory = L.llama_get_memory(self._context)
        encodes = L.llama_model_has_encoder(self._model) or not self._memory
        self._read = L.llama_encode if encodes else L.llama_decode
        self._width = int(L.llama_model_n_embd_out(self._model))
        self._batch = L.llama_batch_init(self._room, 0, 1)
        self._interrupted: Callable[[], bool] = lambda: False
        self._abort = L.ggml_abort_callback(lambda _: self._interrupted())  # pyright: ignore[reportUnknownLambdaType]
        L.llama_set_abort_callback(self._context, self._abort, None)
        self.fit = Fit(params.n_threads, params.n_threads, False, 0.0, 0.0, "not measured", sha256.result())
        details = {
            "architecture": header.architecture,
            "quantisation": header.quantisation,
            "parameters": f"{header.parameters / 1e6:.0f} million",
            "width": str(self._width),
            "pooling": _POOLING.get(pooling, str(pooling)) + ("" if told else ", the file says nothing"),
            "threads": str(params.n_threads),
        }
        self.info = ModelInfo(
            header.name, self.fit.digest, str(header.path), self._room, None, False, grammar=False, details=details
        )

    def place(self, text: str, cancelled: Callable[[], bool] = lambda: False) -> bytes:
        """The vector of a text, as `wire.Placed` has it; one of zeros where the text says nothing.

        Raises `Cancelled`, and `RuntimeError` where llama.cpp cannot read it.
        """
        L = self._L
        tokens = self._tokens(text)
        if not tokens:
            return bytes(2 * self._width)
        if self._memory:
            L.llama_memory_clear(self._memory, True)
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, True
            batch.seq_id[i][0] = 0
        self._interrupted = cancelled
        try:
            code = self._read(self._context, batch)
        finally:
            self._interrupted = lambda: False
        if cancelled():
            raise self._cancelled
        found = L.llama_get_embeddings_seq(self._context, 0) if code == 0 else None
        if not found:
            raise RuntimeError(f"llama.cpp answered {code}")
        vector = np.ctypeslib.as_array(found, (self._width,)).astype(np.float64)
        length = float(np.sqrt(vector @ vector))
        if not np.isfinite(length) or length == 0:
            return bytes(2 * self._width)
        return (vector / length).astype("<f2").tobytes()

    def _tokens(self, text: str) -> list[int]:
        """With the marks that the model wants around a text; cut to its context, the last mark kept."""
        L = self._L
        data = text.encode("utf-8", "replace")[: 32 * self._room].decode("utf-8", "ignore").encode()
        room = len(data) + 8
        ids = (L.llama_token * room)()
        tokens: list[int] = ids[: max(0, int(L.llama_tokenize(self._vocab, data, len(data), ids, room, True, False)))]
        if len(tokens) > self._room:
            last = tokens[-1:] if L.llama_vocab_is_control(self._vocab, tokens[-1]) else []
            tokens = tokens[: self._room - len(last)] + last
        return tokens

    def close(self) -> None:
        """Free everything; it is of no use afterwards."""
        if self._context:
            self._L.llama_batch_free(self._batch)
            self._L.llama_free(self._context)
            self._L.llama_model_free(self._model)
            self._context = None


class Placer(Worker):
    """The process's two ends, with a queue between them."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        super().__init__(source, sink)
        self._asks: SimpleQueue[wire.Placing] = SimpleQueue()
        self._unwanted: set[int] = set()

    def run(self) -> NoReturn:
        load = self.receive()
        if not isinstance(load, wire.Load):
            raise SystemExit("the first message must be load")
        Thread(target=self.listen, name="listen", daemon=True).start()
        with self.refusing():
            header = read_header(Path(load.path))
            limit_memory(header.size)
            space = Space(header, context=load.context, threads=load.threads)
        self.send(wire.Ready(info=space.info, fit=space.fit))
        while True:
            ask = self._asks.get()
            self.send(self._answer(space, ask))
            self._unwanted.discard(ask.id)

    def _answer(self, space: Space, ask: wire.Placing) -> wire.FromWorker:
        cancelled: Callable[[], bool] = lambda: ask.id in self._unwanted  # noqa: E731
        try:
            return wire.Placed(id=ask.id, vectors=tuple(space.place(text, cancelled) for text in ask.texts))
        except Exception:
            if cancelled():
                return wire.Silent(id=ask.id, reason="Cancelled.", why="cancelled")
            traceback.print_exc()
            return wire.Silent(id=ask.id, reason="The embedding model cannot read this.", why="failed")

    def take(self, message: wire.ToWorker) -> None:
        match message:
            case wire.Placing():
                self._asks.put(message)
            case wire.Cancel():
                self._unwanted.add(message.id)
            case _:
                raise ValueError(f"no {message.kind} here")


def main() -> NoReturn:
    if hasattr(os, "nice"):
        os.nice(5)  # whoever types goes first
    Placer(*ends()).run()


if __name__ == "__main__":
    main()
