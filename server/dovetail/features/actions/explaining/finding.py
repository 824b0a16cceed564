"""What of this code a finding speaks of: where the names in its words are defined, bound and read, from the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches

from dovetail.features.actions import Diagnostic
from dovetail.features.markdown import escaped
from dovetail.graph import Found, Symbol
from dovetail.text import Document, Span
from dovetail.world import File, Snapshot

_QUOTED = re.compile(r"`([^`\n]+)`|'([^'\n]+)'|\"([^\"\n]+)\"|[“‘]([^”’\n]+)[”’]")
_BEHIND = re.compile(r":\s*([^\W\d]\w*(?:\.\w+)*)\s*$")
"""`undefined: total`, as compilers of Go say it."""
_NAME = re.compile(r"[^\W\d]\w*")
_MOST = 5
_NEAR = 0.75
_DEFINED = ("function", "method", "class", "interface", "enum", "type", "constant", "field")
_LINES = 4
"""Lines that are told of where a name stands."""

Where = Callable[[Symbol], str]
"""Tells where something is defined: its file, its line."""


def causes(
    snapshot: Snapshot, file: File, told: Diagnostic, where: Where, may: Callable[[str], bool] = lambda path: True
) -> list[str]:
    """A sentence for each name that a finding quotes, or stands at, as far as this project has it.

    may: whether what the file at a path says may be told.
    """
    lines = _lines(file.document, told.span)
    found: dict[str, None] = {}
    for name in _names(file, told, lines):
        if said := _of(snapshot, file, name, lines, where, may):
            found[said] = None
        if len(found) == _MOST:
            break
    return list(found)


def _lines(document: Document, span: Span) -> Span:
    last = document.line_at(max(span.start, span.end - 1))
    return Span(document.start_of(document.line_at(span.start)), document.line(last).end)


def _names(file: File, told: Diagnostic, lines: Span) -> Iterator[str]:
    """The names that a message quotes, in its order; then what its range covers, if that is one name."""
    document = file.document
    here = set(_NAME.findall(document.text(lines)))
    quoted = (next(filter(None, match.groups())) for match in _QUOTED.finditer(told.message))
    behind = _BEHIND.search(told.message)
    whole = document.text(told.span)
    for text in (*quoted, *((behind[1],) if behind else ()), *((whole,) if _NAME.fullmatch(whole) else ())):
        if len(text) <= 200:
            yield from (name for name in _NAME.findall(text) if name in here or len(name) > 2)


def _of(snapshot: Snapshot, file: File, name: str, lines: Span, where: Where, may: Callable[[str], bool]) -> str:
    """What this project knows of a name that a finding speaks of; "" where that is nothing."""
    graph, document = snapshot.graph, file.document
    facts = graph.files.get(file.path)
    assert file.language is not None
    if facts is None:
        return ""
    for base, brought in facts.imports:
        if brought.alias == name and not any(use.name == name for _, item, _ in facts for use in item.uses):
            line = document.line_at(base + brought.at) + 1
            return f"{_code(name)} is imported in line {line}, and nothing in this file reads it"
    places = [lines.start + at for at in _places(document.text(lines), name)]
    for at in places:
        meant: Found = graph.defined(file.path, at) or graph.at(file.path, at, by_value=True)
        if meant and meant.how == "resolved":
            symbol = meant.symbols[0]
            if not may(symbol.path):
                return ""
            if symbol.kind == "module":
                return f"{_code(name)} is imported from {where(symbol)}"
            if symbol.kind in ("variable", "parameter") and graph.placed(symbol) is None:
                return _local(file, symbol, [span.start for span in graph.local_references(symbol)])
            return f"{_code(symbol.qualified)} is a {symbol.kind} of {where(symbol)}: {_code(symbol.signature)}"
    elsewhere = [one for one in graph.named(name, 8) if one.kind in _DEFINED and may(one.path)]
    if elsewhere and (not places or name not in graph.unknown_names(file.path)):
        one = elsewhere[0]
        several = f", one of {len(elsewhere)} of that name" if len(elsewhere) > 1 else ""
        return f"{_code(one.qualified)} is a {one.kind} of {where(one)}{several}: {_code(one.signature)}"
    if not places or name in file.language.builtins:
        return ""
    if elsewhere:
        return f"nothing of this file binds {_code(name)}; {where(elsewhere[0])} defines it, and is not imported for it"
    alike = _alike(snapshot, file, name)
    hint = f"; written almost alike: {', '.join(map(_code, alike))}" if alike else ""
    return f"nothing that is known here is called {_code(name)}{hint}"


def _local(file: File, symbol: Symbol, others: list[int]) -> str:
    document = file.document
    numbers = dict.fromkeys(document.line_at(at) + 1 for at in others)
    shown = ", ".join(map(str, list(numbers)[:_LINES])) + " …" * (len(numbers) > _LINES)
    at = document.line_at(symbol.name_span.start) + 1
    of = f" of {_code(symbol.container)}" if symbol.container else ""
    rest = f"named again in line {shown}" if numbers else "no other place names it"
    return f"{_code(symbol.name)} is a {symbol.kind}{of}, bound in line {at}; {rest}"


def _alike(snapshot: Snapshot, file: File, name: str) -> list[str]:
    facts = snapshot.graph.files[file.path]
    known = set(facts.bound)
    for _, item, _ in facts:
        known |= {each.name for each in item.definitions}
    around = snapshot.graph.enclosing(file.path, file.document.data.find(name.encode()), ("function",))
    if file.tree is not None and around is not None:
        captures = file.tree.captures("locals", within=around.span)
        known |= {
            (node.text or b"").decode("utf-8", "replace")
            for kind in ("bind", "bind.parameter")
            for node in captures.get(kind, ())
        }
    return get_close_matches(name, sorted(known - {name, ""}), n=2, cutoff=_NEAR)


def _places(text: str, name: str) -> Iterator[int]:
    """Byte offsets of a name in a text."""
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
        yield len(text[: match.start()].encode("utf-8", "surrogatepass"))


def _code(name: str) -> str:
    return f"`{' '.join(name.replace('`', '').split())}`"


def related(told: Diagnostic, shown: Callable[[str], str]) -> list[str]:
    """What the finding's own server says of other places; `shown` is a path as a person reads it."""
    return [f"{escaped(shown(path))}, line {line + 1}: {escaped(said)}" for path, line, said in told.related[:_MOST]]
