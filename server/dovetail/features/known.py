"""What exists around a definition: the names that a sentence about it may use, and which of them have which members."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from dovetail.features.english import one_of
from dovetail.features.named import Mention
from dovetail.graph import Graph, Symbol
from dovetail.graph.facts import CLASSES, Import
from dovetail.graph.packages import Packages, family_of
from dovetail.syntax import Language, Node, Tree, language_for
from dovetail.text import Span
from dovetail.world import Snapshot

_TEXT = re.compile("comment|string|content|character|char_|rune|regex|heredoc|jsx_text|escape|fragment")
"""What the grammars call the pieces of what is not code."""
_COMMENT = "comment"
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
STANDARD = re.compile(r"\b(RFC|PEP)[ -]?(\d+)")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_MOST = 20
"""Definitions of one name that are looked at."""


@dataclass(frozen=True, eq=False)
class Known:
    """What may be named."""

    names: frozenset[str]
    """Identifiers of the file's own code, and what it imports."""
    builtins: frozenset[str] = frozenset()
    defined: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the project defines, by name."""
    texts: frozenset[str] = frozenset()
    """What stands in the definition as a text: it may be quoted."""
    numbers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    """Parts of the names, written small: the words of this file's world."""
    language: Language | None = None
    around: _Around | None = None
    standards: frozenset[str] = frozenset()
    """Those that the file names anywhere: `RFC 3986`."""

    def has(self, mention: Mention) -> bool:
        """Whether what is mentioned exists, and the parts of a path belong together as far as anybody can tell."""
        parts = mention.parts
        if mention.sure == "quoted" and mention.text in self.texts:
            return True
        if mention.sure in ("word", "noun") and (parts[0].lower() in self.words or parts[0] in self.texts):
            return True
        first, *members = parts
        if not (self._is(first) or first in self.builtins) or not all(self._is(part) for part in members):
            return len(parts) > 1 and self.around is not None and self.around.packaged(parts)
        if self.around is None:
            return True
        return all(self.around.belongs(one, two) for one, two in pairwise(parts))

    def _is(self, name: str) -> bool:
        return (
            name in self.names
            or name in self.defined
            or one_of(name, "values")
            or (self.around is not None and self.around.brought(name))
        )


@dataclass(frozen=True, eq=False)
class _Around:
    """Who has which members, as a file sees it."""

    graph: Graph
    packages: Packages
    symbol: Symbol
    together: frozenset[tuple[str, str]]
    """(what stands before the dot, member) as the code itself writes them."""
    imports: tuple[Import, ...]
    receivers: frozenset[str]

    def belongs(self, holder: str, name: str) -> bool:
        """Whether something has a member; True where the graph cannot tell."""
        if (holder, name) in self.together:
            return True
        holders, sure = self._holders(holder)
        if not holders or any(self.graph.member(one, name) is not None for one in holders):
            return True
        return not sure or any(self._open(one, 0) for one in holders)

    def brought(self, name: str) -> bool:
        """Whether a package that the file imports brings a name."""
        if not self.packages.entries:
            return False
        family = family_of(self.graph.files[self.symbol.path].language)
        return any(
            self.packages.named(family, one.module, f"{one.name}.{name}" if one.name not in ("", "*") else name)
            for one in self.imports
        )

    def packaged(self, parts: tuple[str, ...]) -> bool:
        """Whether a path leads through an import into a package that has it."""
        if not self.packages.entries:
            return False
        family = family_of(self.graph.files[self.symbol.path].language)
        rest = ".".join(parts[1:])
        return any(
            one.alias == parts[0]
            and self.packages.named(family, one.module, f"{one.name}.{rest}" if one.name else rest) is not None
            for one in self.imports
        )

    def _holders(self, name: str) -> tuple[list[Symbol], bool]:
        """What a name may stand for that has members, and whether nothing else can be meant."""
        graph, symbol = self.graph, self.symbol
        if name in self.receivers:
            own = symbol.container.rsplit(".", 1)[-1]
            found = [one for one in graph.named(own, _MOST) if one.path == symbol.path and one.kind in CLASSES]
            return found, bool(found)
        for one in self.imports:
            if one.alias == name:
                return graph.import_symbols(symbol.path, one), True
        every = graph.named(name, _MOST)
        holders = [one for one in every if one.kind in CLASSES]
        return holders, len(holders) == len(every)

    def _open(self, holder: Symbol, depth: int) -> bool:
        """Whether a class or a module may have more than the graph sees."""
        if holder.kind == "module":
            return holder.path in self.graph.files and self.graph.imports_anything(holder.path)
        if holder.kind not in CLASSES or depth > 4:
            return True
        return any(base is None or self._open(base, depth + 1) for _, base in self.graph.bases(holder))


def standard(match: re.Match[str]) -> str:
    """A match of `STANDARD` as it is usually written."""
    return " ".join(match.groups())


def known(snapshot: Snapshot, symbol: Symbol) -> Known:
    """What a sentence about a definition may name. Words of comments and texts are no names."""
    graph = snapshot.graph
    language = language_for(symbol.path)
    names: set[str] = {*_WORD.findall(symbol.container), symbol.name}
    texts: set[str] = set()
    numbers: set[str] = set()
    standards: set[str] = set()
    tree = graph.tree(symbol.path)
    if tree is not None:
        standards.update(map(standard, STANDARD.finditer((tree.root.text or b"").decode("utf-8", "replace"))))
        for word, is_text in _words(tree, symbol.span):
            numbers.update(_NUMBER.findall(word))
            if is_text:
                texts.add(word.strip("\"'`"))
            else:
                names.update(_WORD.findall(word))
    else:
        names.update(_WORD.findall(symbol.signature))
        numbers.update(_NUMBER.findall(symbol.signature))
    facts = graph.files.get(symbol.path)
    imports: list[Import] = []
    together: set[tuple[str, str]] = set()
    if facts is not None:
        for _, item, _ in facts:
            names |= item.binds | item.wide | item.defined | item.mentioned
        imports = [one for _, one in facts.imports]
        for one in imports:
            names.update(_WORD.findall(f"{one.module} {one.name} {one.alias}"))
        for at in graph.uses_in(symbol.path, Span(0, symbol.span.end)):
            if at.use.receiver and (before := _WORD.findall(at.use.receiver)):
                together.add((before[-1], at.use.name))
    words = frozenset(part.lower() for name in names for part in _PART.findall(name) if len(part) > 1)
    receivers = (
        frozenset(_WORD.findall(" ".join(language.settings.get("receivers", ())))) if language else frozenset[str]()
    )
    around = _Around(graph, snapshot.packages, symbol, frozenset(together), tuple(imports), receivers)
    builtins = language.builtins if language else frozenset[str]()
    near = around if facts is not None else None
    return Known(
        frozenset(names), builtins, graph.definers, frozenset(texts), frozenset(numbers), words, language, near,
        frozenset(standards),
    )  # fmt: skip


def _words(tree: Tree, span: Span) -> Iterator[tuple[str, bool]]:
    """(what stands there, whether it is a text) of each leaf of the code; comments are left out."""
    waiting: list[Node] = [tree.named_at(span)]
    while waiting:
        node = waiting.pop()
        if node.end_byte <= span.start or node.start_byte >= span.end or _COMMENT in node.type:
            continue
        if node.child_count:
            waiting += node.children
        else:
            yield (node.text or b"").decode("utf-8", "replace"), node.is_named and bool(_TEXT.search(node.type))
