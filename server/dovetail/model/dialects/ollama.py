"""Ollama's own protocol: `/api/generate` with a suffix, `/api/chat`. It knows its model's templates."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from dovetail.model.ask import Ask, Fim, Stopped
from dovetail.model.dialects import Order, Piece, Request, Whom, as_text
from dovetail.model.dialects.openai import messages


class _Message(BaseModel):
    content: str = ""


class _Event(BaseModel):
    response: str | None = None
    message: _Message | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = Field(None, ge=0)
    """Of the prompt; left out where all of it was known."""
    eval_count: int | None = Field(None, ge=0)
    error: object = None


class Ollama:
    grammar = False

    def root(self, address: str) -> str:
        return address.rstrip("/").removesuffix("/v1").removesuffix("/api")

    def order(self, whom: Whom) -> Order | None:
        return "prefix-first"

    def request(self, ask: Ask, seed: int, whom: Whom) -> Request:
        options: dict[str, Any] = {
            "num_predict": ask.limit,
            "num_ctx": whom.context,
            "temperature": ask.temperature,
            "seed": seed % 2**31,
            "stop": list(ask.stop),
        }
        body: dict[str, Any] = {"model": whom.name, "stream": True, "options": options}
        match ask.prompt:
            case Fim() as wish if whom.template:
                text = as_text(wish, whom.template)  # its template would read our text's markers as well
                if wish.context and whom.template.file:  # of which `suffix` knows nothing
                    return Request("api/generate", {**body, "raw": True, "prompt": text})
                return Request("api/generate", {**body, "prompt": wish.prefix, "suffix": wish.suffix})
            case Fim() as wish:
                return Request("api/generate", {**body, "prompt": wish.prefix, "suffix": wish.suffix})
            case _:
                return Request("api/chat", {**body, "messages": messages(ask), "think": False})

    def piece(self, event: bytes, road: str) -> Piece:
        told = _Event.model_validate_json(event)
        if told.error:
            return Piece(failed=True)
        said = told.message.content if told.message else told.response
        if said is None:
            raise ValueError("neither response nor message")
        stopped: Stopped | None = None
        if told.done:
            stopped = "limit" if told.done_reason == "length" else "end"
        return Piece(said, stopped, told.prompt_eval_count, None, told.eval_count)


DIALECT = Ollama()
