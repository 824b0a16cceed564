"""What a call reaches, and the signature that its arguments have to fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dovetail.graph.file import UseAt
from dovetail.graph.graph import Graph, Symbol
from dovetail.graph.signature import Signature, signature
from dovetail.syntax import Language, languages

_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Called:
    """A function, and how it takes its arguments where it is called like this."""

    symbol: Symbol
    """The function itself; that which makes an object where a class is called."""
    signature: Signature


def called(graph: Graph, path: str, at: UseAt) -> Called | None:
    """What a use would call. None where that is not certain: guessed, decorated, defined twice, of unknown bases."""
    found = graph.resolved(path, at)
    if not found or found.how != "resolved" or len(found.symbols) != 1:
        return None
    symbol, language = found.symbols[0], language_of(graph, path)
    if language is None or language_of(graph, symbol.path) is not language:
        return None
    if symbol.kind == "class":
        return _made(graph, symbol, language)
    if symbol.kind not in ("function", "method") or not once(graph, symbol):
        return None
    told = decorators(graph, symbol)
    if not told <= set(language.settings.get("plain-decorators", ())):
        return None
    written = signature(language, symbol.signature)
    if written is None:
        return None
    if symbol.kind == "method" and not told & set(language.settings.get("static-decorators", ())):
        on_object = at.use.receiver in (*language.settings.get("receivers", ()), *language.settings.get("supers", ()))
        if on_object or "classmethod" in told:
            written = written.without_receiver()
    return Called(symbol, written)


def decorators(graph: Graph, symbol: Symbol) -> frozenset[str]:
    """The names that stand between a definition and what is before it: those of its decorators."""
    placed = graph.placed(symbol)
    if placed is None:
        return frozenset()
    d = placed.definition
    ends = [o.end for o in placed.item.definitions if o.end <= d.start]
    opens = placed.item.definitions[d.parent].body if d.parent >= 0 else 0
    low = max([opens, *ends])
    return frozenset(use.name for use in placed.item.uses if low <= use.start < d.start)


def closed(graph: Graph, owner: Symbol, depth: int = 0) -> bool:
    """Whether all that a class can have is in the graph: every class above it is known, and nothing makes members."""
    language = language_of(graph, owner.path)
    if language is None or depth > _DEPTH or "=" in owner.signature or decorators(graph, owner):
        return False
    plain = language.settings.get("plain-bases", ())
    for written, base in graph.bases(owner):
        if base is None and written.split("[")[0] not in plain:
            return False
        if base is not None and (base == owner or not closed(graph, base, depth + 1)):
            return False
    return once(graph, owner)


@lru_cache(maxsize=64)
def _language(name: str) -> Language | None:
    return next((known for known in languages() if known.name == name), None)


def language_of(graph: Graph, path: str) -> Language | None:
    """The language of a file of the graph."""
    facts = graph.files.get(path)
    return _language(facts.language) if facts else None


def _made(graph: Graph, owner: Symbol, language: Language) -> Called | None:
    settings: Any = language.settings
    if "maker" not in settings or not closed(graph, owner):
        return None
    if any(graph.member(owner, name) for name in settings.get("makers", ())):
        return None
    maker = graph.member(owner, settings["maker"])
    if maker is None:
        return Called(owner, Signature())
    if maker.kind != "method" or decorators(graph, maker) or not once(graph, maker):
        return None
    written = signature(language, maker.signature)
    return Called(maker, written.without_receiver()) if written else None


def once(graph: Graph, symbol: Symbol) -> bool:
    """Defined in one place only; of two, which one holds is known when the program runs."""
    facts = graph.files[symbol.path]
    alike = [graph.symbol(symbol.path, placed) for placed in facts.by_name.get(symbol.name, ())]
    return sum(1 for one in alike if one.container == symbol.container and one.kind != "field") <= 1
