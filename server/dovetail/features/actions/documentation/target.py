"""The function that is to be documented, and everything that is true of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dovetail.graph import Graph, Symbol
from dovetail.graph.outcomes import Outcomes, Raised, is_stub, outcomes
from dovetail.graph.signature import Signature, signature_at
from dovetail.syntax import Language, Node, Tree
from dovetail.text import Document, Span
from dovetail.world import File, Snapshot

RULES = "docstrings"


@dataclass(frozen=True)
class Target:
    """A function with a readable signature."""

    symbol: Symbol
    file: File
    rules: Mapping[str, Any]
    written: Signature
    """As a caller sees it."""
    ends: Outcomes
    stub: bool
    node: Node
    getter: Symbol | None = None
    """What gives back what this sets: a property is documented there, and typed as that is."""

    @property
    def document(self) -> Document:
        return self.file.document

    @property
    def language(self) -> Language:
        assert self.file.language is not None
        return self.file.language

    @property
    def tree(self) -> Tree:
        assert self.file.tree is not None
        return self.file.tree

    @property
    def result(self) -> str:
        """`yields`, `returns`, or "" where nothing is given back."""
        if self.ends.yields:
            return "yields"
        nothing = self.rules["nothing"]
        if self.written.returns:
            return "" if self.written.returns in nothing else "returns"
        return "returns" if any(text(value) not in nothing for value in self.ends.returns) else ""

    @property
    def errors(self) -> dict[str, list[Raised]]:
        """What is raised for certain or declared, by the error; local names are no errors."""
        found: dict[str, list[Raised]] = {}
        for one in self.ends.raises:
            last = one.error.rsplit(".", 1)[-1]
            if last[:1].isupper() and last not in self.rules["unsaid"]:
                found.setdefault(one.error, []).append(one)
        for error in self.ends.declared:
            found.setdefault(error, [])
        return found


_UNREAD = Outcomes((), False, (), ())


def target(snapshot: Snapshot, path: str, offset: int, *, glance: bool = False, setters: bool = False) -> Target | str:
    """The function around a place, or why there is none that could be documented; "" where that is no news.

    glance: for a menu: only where the place is in its head or its documentation, and without a look at the body.
    setters: also what only sets or deletes what a getter gives.
    """
    if not glance:
        found = _target(snapshot, path, offset, glance=False)
    else:
        global _glanced  # several rows of one menu ask for the same
        file, graph = snapshot.file(path), snapshot.graph
        known = _glanced
        if known is None or known[0] is not file or known[1] is not graph or known[2] != offset:
            known = _glanced = (file, graph, offset, _target(snapshot, path, offset, glance=True))
        found = known[3]
    return found if setters or isinstance(found, str) or found.getter is None else ""


_glanced: tuple[File | None, Graph, int, Target | str] | None = None


def _target(snapshot: Snapshot, path: str, offset: int, *, glance: bool) -> Target | str:
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None:
        return ""
    rules = file.language.table(RULES)
    if rules is None or "styles" not in rules:
        return ""
    symbol = snapshot.graph.enclosing(path, offset, ("function",))
    if symbol is None or re.match(rules["write"].get("skip-names", "$."), symbol.name):
        return ""
    if glance and offset > symbol.body + 2 * len(symbol.doc):
        return ""
    node = file.tree.root.named_descendant_for_byte_range(symbol.span.start, symbol.body)
    while node is not None and (node.start_byte, node.end_byte) != (symbol.span.start, symbol.span.end):
        node = node.parent
    if node is not None and _skipped(file, node, rules):
        return ""
    written = signature_at(file.tree, symbol.span, symbol.body)
    if node is None or written is None:
        return ""
    if node.has_error:
        return "the function has a syntax error; fix that first"
    first = written.parameters[0].name if written.parameters else ""
    if first in file.language.settings.get("receivers", ()):
        written = written.without_receiver()
    ends = _UNREAD if glance else outcomes(file.tree, symbol.span, symbol.body)
    if ends is None:
        return ""
    stub = is_stub(file.language, file.document.text(Span(symbol.body, symbol.span.end)))
    return Target(symbol, file, rules, written, ends, stub, node, _getter(snapshot.graph, file, symbol, rules))


def _getter(graph: Graph, file: File, symbol: Symbol, rules: Mapping[str, Any]) -> Symbol | None:
    """What gives back what a function sets or deletes, in the same class; None where it is no such function."""
    setter: str = rules["write"].get("setters", "")

    if not setter or symbol.kind != "method" or re.search(setter, _head(file, symbol)) is None:
        return None
    alike = (graph.symbol(symbol.path, placed) for placed in graph.files[symbol.path].by_name.get(symbol.name, ()))
    return next(
        (one for one in alike if one.container == symbol.container and one.kind == "method"
         and re.search(setter, _head(file, one)) is None), None,
    )  # fmt: skip


def _head(file: File, symbol: Symbol) -> str:
    """What stands before the name of a function, with what decorates it."""
    start = symbol.span.start
    node = file.tree.named_at(symbol.span) if file.tree is not None else None
    around = node.parent if node is not None else None
    if around is not None and file.language is not None and around.type in file.language.wrappers:
        start = around.start_byte
    return file.document.text(Span(start, symbol.name_span.start))


def _skipped(file: File, node: Node, rules: Mapping[str, Any]) -> bool:
    """Whether what stands around a function says that it is not the one to document."""
    around = node.parent
    if around is None or file.language is None or around.type not in file.language.wrappers:
        return False
    told = file.document.text(Span(around.start_byte, node.start_byte))
    return re.search(rules["write"].get("skip-decorators", "$."), told) is not None


def text(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace")
