"""What the graph answers with: definitions, candidates for a name, places that name something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dovetail.text import Span

How = Literal["resolved", "guessed"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition, where it is, and what it says of itself. Offsets are bytes in its file."""

    path: str
    name: str
    kind: Literal[
        "function",
        "method",
        "class",
        "interface",
        "enum",
        "type",
        "module",
        "variable",
        "constant",
        "field",
        "parameter",
    ]
    span: Span
    name_span: Span
    body: int
    signature: str
    doc: str
    container: str
    """Name of the class or function around it, "" at the top."""

    @property
    def is_file(self) -> bool:
        """Whether it is a file as a whole."""
        return self.kind == "module" and not len(self.name_span)

    @property
    def qualified(self) -> str:
        return f"{self.container}.{self.name}" if self.container else self.name


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means: the candidates, best first, and whether rules or only the name led there."""

    symbols: tuple[Symbol, ...]
    how: How
    rule: str

    def __bool__(self) -> bool:
        return bool(self.symbols)


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that names a symbol."""

    path: str
    span: Span
    how: How
    call: bool
    within: Symbol | None
    """The function or class around it."""
    other: bool = False
    """Under another name than its own."""


def file_symbol(path: str, name: str = "") -> Symbol:
    """A file as a whole, under the name that it is imported by, else under its own."""
    name, here = name or path.rsplit("/", 1)[-1], Span(0, 0)
    return Symbol(path, name, "module", here, here, 0, f"module {name}", "", "")
