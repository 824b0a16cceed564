"""A server on this machine that speaks each of the dialects, with the bundled model behind it.

Not those programs themselves, but what their documentation says that they send: events of a stream, one a
token, and the figures at its end.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dovetail.model.ask import Answer, Ask, Fim
from dovetail.model.catalog import bundled
from dovetail.model.gguf import read_header
from dovetail.model.llama import Engine
from tests.served import Quiet, served


@dataclass
class Speaker:
    """Where it is, and what it was asked."""

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@contextmanager
def speaking() -> Generator[Speaker]:
    told = Speaker()
    engine = Engine(read_header(bundled()), threads=1)
    one_at_a_time = threading.Lock()

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append((self.path, body))
            speak = {
                "/v1/completions": _openai,
                "/infill": _infill,
                "/api/generate": _generate,
                "/v1/chat/completions": _chat,
                "/api/chat": _chat_of_ollama,
            }.get(self.path)
            if speak is None:
                self.send_error(404)
                return
            self.send_response(200)
            lines = self.path.startswith("/api")
            self.send_header("Content-Type", "application/x-ndjson" if lines else "text/event-stream")
            self.end_headers()
            with one_at_a_time:
                for event in speak(engine, body):
                    data = json.dumps(event).encode()
                    self.wfile.write(data + b"\n" if lines else b"data: " + data + b"\n\n")
                    self.wfile.flush()
            if self.path.startswith("/v1"):
                self.wfile.write(b"data: [DONE]\n\n")

    with served(Handler) as told.url:
        yield told
    with one_at_a_time:
        engine.close()


def _written(engine: Engine, ask: Ask) -> Iterator[str | Answer]:
    """Pieces of the answer as they are written, then the answer."""
    new: list[str] = []
    told = 0
    steps = engine.complete(ask, lambda: False, say=lambda candidate, text: new.append(text))
    try:
        while True:
            try:
                next(steps)
            except StopIteration as end:
                (answer,) = end.value
                yield answer.text[told:]
                yield answer
                return
            yield from new
            told += sum(map(len, new))
            new.clear()
    finally:
        steps.close()


def _openai(engine: Engine, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    _, found, middle = body["prompt"].partition("<|fim_prefix|><|fim_suffix|>")  # other files stand before
    assert found
    suffix, prefix = middle.split("<|fim_middle|>")
    ask = Ask(Fim(prefix, suffix), body["max_tokens"], 1, body["temperature"], body["seed"], stop=_stops(body))
    for piece in _written(engine, ask):
        if isinstance(piece, str):
            yield {"choices": [{"text": piece, "index": 0, "finish_reason": None}]}
        else:
            reason = "length" if piece.stopped == "limit" else "stop"
            yield {"choices": [{"text": "", "index": 0, "finish_reason": reason}]}
            details = {"cached_tokens": piece.reused}
            usage = {"prompt_tokens": piece.prompt_tokens, "completion_tokens": piece.tokens}
            yield {"choices": [], "usage": {**usage, "prompt_tokens_details": details}}


def _infill(engine: Engine, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    context = tuple((one["filename"], one["text"]) for one in body["input_extra"])
    ask = Ask(
        Fim(body["input_prefix"], body["input_suffix"], context),
        body["n_predict"],
        1,
        body["temperature"],
        body["seed"],
        body.get("grammar"),
        _stops(body),
    )
    for piece in _written(engine, ask):
        if isinstance(piece, str):
            probability = [{"token": piece, "logprob": -0.5, "top_logprobs": []}]
            yield {"index": 0, "content": piece, "stop": False, "completion_probabilities": probability}
        else:
            kind = {"limit": "limit", "stop": "word"}.get(piece.stopped, "eos")
            timings = {"cache_n": piece.reused, "prompt_n": piece.prompt_tokens - piece.reused}
            figures = {"tokens_predicted": piece.tokens, "tokens_evaluated": piece.prompt_tokens, "timings": timings}
            yield {"index": 0, "content": "", "stop": True, "stop_type": kind, **figures}


def _generate(engine: Engine, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    options = body["options"]
    ask = Ask(
        Fim(body["prompt"], body["suffix"]),
        options["num_predict"],
        1,
        options["temperature"],
        options["seed"],
        stop=_stops(options),
    )
    for piece in _written(engine, ask):
        if isinstance(piece, str):
            yield {"model": body["model"], "response": piece, "done": False}
        else:
            reason = "length" if piece.stopped == "limit" else "stop"
            figures = {"prompt_eval_count": piece.prompt_tokens, "eval_count": piece.tokens}
            yield {"model": body["model"], "response": "", "done": True, "done_reason": reason, **figures}


def _chat(engine: Engine, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for word in (body["messages"][-1]["content"][:20], " it is."):
        yield {"choices": [{"delta": {"content": word}, "finish_reason": None}]}
    yield {"choices": [{"delta": {}, "finish_reason": "stop"}]}


def _chat_of_ollama(engine: Engine, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"message": {"role": "assistant", "content": body["messages"][-1]["content"][:20]}, "done": False}
    yield {"message": {"role": "assistant", "content": " it is."}, "done": True, "done_reason": "stop"}


def _stops(told: dict[str, Any]) -> tuple[str, ...]:
    return tuple(told.get("stop") or ())
