"""What exists around a definition: the names that a sentence about it may use, and which of them have which members."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from dovetail.features.english import one_of, stems
from dovetail.features.named import Mention
from dovetail.graph import Graph, Symbol
from dovetail.graph.facts import CLASSES, Import
from dovetail.graph.packages import Packages, family_of
from dovetail.graph.signature import signature
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
_LETTERS = re.compile(r"[^\W\d_]+")
_TELLING = 4
"""Letters of a word that is found again inside of a name: `address` in `getaddress`."""
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
    own: frozenset[str] = frozenset()
    """The words of the definition itself, written small: of its names and its texts."""

    def has(self, mention: Mention) -> bool:
        """Whether what is mentioned exists, and the parts of a path belong together as far as anybody can tell."""
        parts = mention.parts
        if mention.sure == "quoted" and mention.text in self.texts:
            return True
        if mention.sure in ("word", "noun", "own") and (parts[0].lower() in self.words or parts[0] in self.texts):
            return True
        if mention.sure == "own":
            return parts[0] in self.names or parts[0].replace("_", "-") in self.texts
        first, *members = parts
        if not (self._is(first) or first in self.builtins) or not all(self._is(part) for part in members):
            return len(parts) > 1 and self.around is not None and self.around.packaged(parts)
        if self.around is None or self.around.foreign(first):
            return True
        return all(self.around.belongs(one, two) for one, two in pairwise(parts))

    def concerns(self, sentence: str) -> bool:
        """Whether a sentence has one word that the code has as well. An order to somebody else has none; what begins
        with another word than a verb, or tells what something does, is no order."""
        said = [word.lower() for word in _LETTERS.findall(sentence)]
        if not self.own or not said or one_of(said[0], "frame") or re.search(r"[^s]s$", said[0]):
            return True
        own = {stem for part in self.own for stem in stems(part)}
        together = " ".join(self.own)
        return any(
            not own.isdisjoint(stems(word))
            or any(len(stem) >= _TELLING and stem in together for stem in stems(word))
            or any(len(part) >= _TELLING and word.startswith(part) for part in self.own)
            for word in said
            if len(word) > 2 and not one_of(word, "frame")
        )

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
    typed: Mapping[str, str]
    """The types of parameters, by their names."""
    outside: frozenset[str]
    """What the language brings along."""

    def belongs(self, holder: str, name: str) -> bool:
        """Whether something has a member; True where the graph cannot tell."""
        if (holder, name) in self.together:
            return True
        holders, sure = self._holders(holder)
        if not holders:  # of a parameter without a type nobody knows what it has
            return holder in self.outside
        if any(self.graph.member(one, name) is not None for one in holders):
            return True
        return not sure or any(self._open(one, 0) for one in holders)

    def foreign(self, name: str) -> bool:
        """Whether a name is that of a package outside: nobody here knows what it has."""
        return any(one.alias == name and not self.graph.import_symbols(self.symbol.path, one) for one in self.imports)

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
        every = graph.named(self.typed.get(name, name), _MOST)
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
    own = frozenset(part.lower() for said in (*names, *texts) for part in _PART.findall(said) if len(part) > 1)
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
    builtins = language.builtins if language else frozenset[str]()
    written = signature(language, symbol.signature) if language else None
    typed = (
        {one.name: _WORD.findall(one.type)[-1] for one in written.parameters if _WORD.search(one.type)}
        if written
        else {}
    )
    around = _Around(
        graph, snapshot.packages, symbol, frozenset(together), tuple(imports), receivers, typed, builtins,
    )  # fmt: skip
    near = around if facts is not None else None
    return Known(
        frozenset(names), builtins, graph.definers, frozenset(texts), frozenset(numbers), words, language, near,
        frozenset(standards), own,
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
