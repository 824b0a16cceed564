"""llama.cpp's own server: `/infill` knows the markers of its model, keeps the prompt's KV and holds grammars."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from dovetail.model.ask import Ask, Fim, Stopped
from dovetail.model.dialects import Order, Piece, Request, Whom
from dovetail.model.dialects.openai import OpenAi, messages


class _Timings(BaseModel):
    cache_n: int | None = Field(None, ge=0)


class _Probability(BaseModel):
    logprob: float | None = None


class _Event(BaseModel):
    content: str | None = None
    stop: bool = False
    stop_type: str | None = None
    stopped_limit: bool = False
    """As older servers tell it."""
    tokens_predicted: int | None = Field(None, ge=0)
    tokens_evaluated: int | None = Field(None, ge=0)
    """Of the whole prompt."""
    timings: _Timings | None = None
    completion_probabilities: list[_Probability] | None = None
    error: object = None


class LlamaServer:
    grammar = True

    def __init__(self) -> None:
        self._chat = OpenAi()

    def root(self, address: str) -> str:
        return address.rstrip("/").removesuffix("/v1")

    def order(self, whom: Whom) -> Order | None:
        return "prefix-first"

    def request(self, ask: Ask, seed: int, whom: Whom) -> Request:
        body: dict[str, Any] = {
            "temperature": ask.temperature,
            "seed": seed % 2**32,
            "stop": [] if whom.thinks(ask) else list(ask.stop),  # a thought has lines
            "stream": True,
            "cache_prompt": True,
        }
        if ask.grammar is not None:
            body["grammar"] = ask.grammar
        match ask.prompt:
            case Fim() as wish:
                extra = [{"filename": path, "text": text} for path, text in wish.context]
                parts = {"input_prefix": wish.prefix, "input_suffix": wish.suffix, "input_extra": extra}
                return Request("infill", {**body, **parts, "prompt": "", "n_predict": ask.limit, "n_probs": 1})
            case _:
                thought = whom.thinks(ask)
                road: dict[str, Any] = {"model": whom.name, "max_tokens": ask.limit + thought}
                road |= {"messages": messages(ask), "chat_template_kwargs": {"enable_thinking": thought > 0}}
                return Request("v1/chat/completions", {**body, **road})

    def piece(self, event: bytes, road: str) -> Piece:
        if road != "infill":
            return self._chat.piece(event, road)
        told = _Event.model_validate_json(event)
        if told.error:
            return Piece(failed=True)
        if told.content is None:
            raise ValueError("no content")
        stopped: Stopped | None = None
        if told.stop:
            kind = "limit" if told.stopped_limit else told.stop_type
            stopped = "limit" if kind == "limit" else "stop" if kind == "word" else "end"
        logprobs = tuple(one.logprob for one in told.completion_probabilities or () if one.logprob is not None)
        reused = told.timings.cache_n if told.timings else None
        return Piece(told.content, stopped, told.tokens_evaluated, reused, told.tokens_predicted, logprobs)


DIALECT = LlamaServer()
