"""The protocol of OpenAI's `/v1`, which vLLM, llama-server, Ollama, LM Studio and their like speak as well.

Fill-in-the-middle goes to `/completions` as text with the markers of the model's family; anything else, and
models of unknown family, to `/chat/completions`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from dovetail.model import fim
from dovetail.model.ask import Ask, Chat, Fim
from dovetail.model.dialects import Order, Piece, Request, Whom, as_text

CURSOR = "<CURSOR>"
FILL = (
    f"You complete source code. Answer with the text that belongs at {CURSOR} and nothing else: "
    "no explanation, no code fence, nothing that is already there."
)


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    text: str | None = None
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Details(BaseModel):
    cached_tokens: int | None = Field(None, ge=0)


class _Usage(BaseModel):
    prompt_tokens: int | None = Field(None, ge=0)
    completion_tokens: int | None = Field(None, ge=0)
    prompt_tokens_details: _Details | None = None


class _Event(BaseModel):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: object = None


class OpenAi:
    grammar = False

    def root(self, address: str) -> str:
        return address.rstrip("/")

    def order(self, whom: Whom) -> Order | None:
        return fim.order_of(whom.template.layout) if whom.template else None

    def request(self, ask: Ask, seed: int, whom: Whom) -> Request:
        body: dict[str, Any] = {
            "model": whom.name,
            "max_tokens": ask.limit + whom.thinks(ask),
            "temperature": ask.temperature,
            "seed": seed,
            "stream": True,
        }
        in_words = isinstance(ask.prompt, Fim) and whom.template is None
        if ask.stop and not in_words and not whom.thinks(ask):  # a fence and a thought have lines
            body["stop"] = list(ask.stop[:4])  # more than four are an error to some
        if isinstance(ask.prompt, Fim) and whom.template:
            return Request("completions", {**body, "prompt": as_text(ask.prompt, whom.template)})
        return Request("chat/completions", {**body, "messages": messages(ask)}, fenced=in_words)

    def piece(self, event: bytes, road: str) -> Piece:
        told = _Event.model_validate_json(event)
        if told.error:
            return Piece(failed=True)
        if told.choices is None:
            raise ValueError("no choices")
        usage = told.usage or _Usage(prompt_tokens=None, completion_tokens=None)
        reused = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None
        if not told.choices:  # the last event of a stream may tell the usage alone
            if told.usage is None:
                raise ValueError("neither choice nor usage")
            return Piece("", None, usage.prompt_tokens, reused, usage.completion_tokens)
        choice = told.choices[0]
        said = choice.text if choice.text is not None else (choice.delta or choice.message or _Message()).content
        reason = choice.finish_reason
        stopped = None if reason is None else "limit" if reason == "length" else "end"
        return Piece(said or "", stopped, usage.prompt_tokens, reused, usage.completion_tokens)


def messages(ask: Ask) -> list[dict[str, str]]:
    """The ask as a conversation of one question."""
    match ask.prompt:
        case Fim() as wish:
            pair = (FILL, f"{wish.prefix}{CURSOR}{wish.suffix}")
        case Chat() as wish:
            pair = (wish.system, wish.user)
    return [{"role": role, "content": text} for role, text in zip(("system", "user"), pair, strict=True) if text]


DIALECT = OpenAi()
