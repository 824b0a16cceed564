"""How the servers that one may have are spoken to: one file a protocol.

A dialect turns an ask into a request and the events of the reply into pieces. It sends nothing: the port
(`endpoint.py`) does, and has the time-outs, the limits and the patience. Invariant: what a dialect cannot
say is `Unsaid`, what it cannot read is a `ValueError`; neither holds what the other side wrote.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from dovetail.model import fim
from dovetail.model.ask import Ask, Fim, Stopped

Kind = Literal["openai", "llama-server", "ollama", "xllamacpp"]
Order = Literal["suffix-first", "prefix-first"]


class Unsaid(Exception):
    """The prompt must not or cannot be sent; the argument is a sentence."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Which model is asked, and what is known of it."""

    name: str
    context: int
    template: fim.Template | None
    thought: int = 0
    """Tokens that it may think, if it does, before it answers an action."""

    def thinks(self, ask: Ask) -> int:
        """Tokens that it may think before it answers this."""
        return self.thought if ask.thinks else 0


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted, and where below the address."""

    road: str
    body: dict[str, Any]
    fenced: bool = False
    """Code was asked for in words, so it may come in a fence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One event of a reply."""

    text: str = ""
    stopped: Stopped | None = None
    """Set by the last one."""
    prompt_tokens: int | None = None
    reused: int | None = None
    tokens: int | None = None
    logprobs: tuple[float, ...] = ()
    failed: bool = False
    """The server says that it went wrong in the middle."""


class Dialect(Protocol):
    grammar: bool
    """Can hold an answer to a grammar."""

    def root(self, address: str) -> str:
        """The address that roads are appended to."""
        ...

    def order(self, whom: Whom) -> Order | None:
        """The order in which the middle is asked for; None where this server cannot fill it in."""
        ...

    def request(self, ask: Ask, seed: int, whom: Whom) -> Request:
        """Raises `Unsaid`."""
        ...

    def piece(self, event: bytes, road: str) -> Piece:
        """Raises `ValueError` for what is not of this protocol."""
        ...


def dialect(kind: Kind) -> Dialect:
    module = importlib.import_module(f"dovetail.model.dialects.{kind.replace('-', '_')}")
    return module.DIALECT


def as_text(wish: Fim, template: fim.Template) -> str:
    """The prompt with the family's markers spelled out. Raises `Unsaid` where the user's text spells them too."""
    text = fim.as_text(template, wish)
    if text is None:
        raise Unsaid("The text holds the model's own markers, so it is not sent.")
    return text
