"""What a function takes and gives back, read from the text of its signature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from dovetail.syntax import Language, Node, Tree
from dovetail.text import Document, Span

QUERY = "signature"
_SPACE = re.compile(r"\s+")

Passed = Literal["position", "either", "name", "rest", "rest by name"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, and how an argument reaches it."""

    name: str
    passed: Passed = "either"
    type: str = ""
    """As written, "" where there is none."""
    default: str | None = None

    @property
    def needed(self) -> bool:
        """A call has to give it a value."""
        return self.default is None and self.passed not in ("rest", "rest by name")


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters in their order, and the type that is given back, "" where none is said."""

    parameters: tuple[Parameter, ...] = ()
    returns: str = ""

    def without_receiver(self) -> Signature:
        """As it is called on an object: the first parameter is the object."""
        first = self.parameters[0].passed if self.parameters else "name"
        return Signature(self.parameters[1:], self.returns) if first in ("position", "either") else self

    def refuses(self, positional: int, named: tuple[str, ...], *, more: bool = False, more_named: bool = False) -> str:
        """Why a call does not fit, in words for a person; "" where it does or may.

        more, more_named: the call also spreads a sequence, a mapping, of which nobody knows the length.
        """
        plain = [p for p in self.parameters if p.passed in ("position", "either")]
        kinds = {p.passed for p in self.parameters}
        if positional > len(plain) and "rest" not in kinds:
            return f"takes {len(plain)} argument{'' if len(plain) == 1 else 's'} by position, {positional} given"
        byname = {p.name: p for p in self.parameters if p.passed in ("either", "name")}
        given = {p.name for p in plain[:positional]}
        for name in named:
            if name not in byname:
                if "rest by name" not in kinds:
                    return f"has no parameter {name}"
            elif name in given:
                return f"is given {name} twice"
        given.update(named)
        for parameter in self.parameters:
            if not parameter.needed or parameter.name in given:
                continue
            spread = (more and parameter.passed != "name") or (more_named and parameter.passed != "position")
            if not spread:
                return f"is not given {parameter.name}"
        return ""


@lru_cache(maxsize=4096)
def signature(language: Language, written: str) -> Signature | None:
    """The signature that a text like `def f(a, b=1) -> int` says; None where it cannot be read."""
    completes: str = language.settings.get("signature-completes", "")
    if not completes or language.query(QUERY) is None:
        return None
    tree = Tree.parse(language, Document.of(written + completes))
    return None if tree.root.has_error else _read(tree)


def signature_at(tree: Tree, function: Span, body: int) -> Signature | None:
    """The signature of the function at a span, as the tree has it; None where the language does not say."""
    if tree.language.query(QUERY) is None:
        return None
    return _read(tree, tree.named_at(function), Span(function.start, max(function.start, body - 1)))


def _read(tree: Tree, node: Node | None = None, within: Span | None = None) -> Signature:
    top: Node | None = None
    found: list[tuple[int, str, Parameter]] = []
    returns = ""
    matches = tree.matches(QUERY, node, within)
    for match in matches:
        for node in match.get("parameters", ()):
            if top is None or node.start_byte < top.start_byte:
                top = node  # those of a function in a default come later
    for match in matches:
        if "returns" in match:
            returns = returns or _text(match["returns"][0])
            continue
        if match["parameters"][0] != top:
            continue
        kind = next((k for k in ("rest", "rest.named", "unnamed.above", "named.below") if k in match), "plain")
        node = match["name"][0] if "name" in match else match[kind][0]
        name = _text(match["name"][0]) if "name" in match else ""
        default = _text(match["default"][0]) if "default" in match else None
        said = _text(match["type"][0]) if "type" in match else ""
        found.append((node.start_byte, kind, Parameter(name, "either", said, default)))
    found.sort(key=lambda entry: entry[0])
    parameters: list[Parameter] = []
    passed: Passed = "either"
    for _, kind, parameter in found:
        match kind:
            case "unnamed.above":
                parameters = [Parameter(p.name, "position", p.type, p.default) for p in parameters]
            case "named.below":
                passed = "name"
            case "rest":
                parameters.append(Parameter(parameter.name, "rest", parameter.type))
                passed = "name"
            case "rest.named":
                parameters.append(Parameter(parameter.name, "rest by name", parameter.type))
            case _:
                parameters.append(Parameter(parameter.name, passed, parameter.type, parameter.default))
    return Signature(tuple(parameters), returns)


def _text(node: Node) -> str:
    return _SPACE.sub(" ", (node.text or b"").decode("utf-8", "replace"))
