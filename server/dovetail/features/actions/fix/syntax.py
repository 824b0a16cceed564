"""What mends a line that does not parse: one sign more or less, and of several the one that reads like the rest.

Every small edit is tried on the tree alone, which costs a fraction of a millisecond; those after which less is wrong
are candidates. Of these the one goes first after which fewer names are unknown, then the one whose tree is built most
like the rest of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from math import log
from typing import Any

from dovetail.graph import Graph
from dovetail.model.ask import Checked, Steps
from dovetail.syntax import Node, Tree
from dovetail.text import Document, Edit, Span
from dovetail.world import File, Snapshot

_MOST = 24
"""Edits that are looked at closer."""
_TRIES = 2000
"""Edits that are tried on the tree, and the milliseconds after which no more are."""
_PATIENCE = 1500.0
_LONGEST = 300
"""Characters of a line in which every place is tried."""
_TURN = 32
"""Tries between two of which a key is heard."""
_WHOLE = re.compile(
    r"call|attribute|member|subscript|string|identifier|integer|float|number|list|dict|object|array|tuple"
)
_TOKEN = re.compile(r"\w+|\s+|.")


def searched(file: File, lines: Sequence[int], rules: Mapping[str, Any], habits: Habits) -> Steps[list[Edit]]:
    """Small edits of some lines after which the fewest errors are left, the most usual first."""
    tree, document = file.tree, file.document
    assert tree is not None
    before = len(tree.errors())
    found: list[tuple[int, tuple[int, float], int, Edit]] = []
    tried = 0
    began: float = yield Checked("")
    for line in lines:
        for edit in _edits(document, line, rules, habits.knows):
            tried += 1
            if tried > _TRIES:
                break
            if not tried % _TURN and (yield Checked("")) - began > _PATIENCE:
                tried = _TRIES
            after = document.edited(edit)
            changed, _ = tree.edited(document, edit, after)
            errors, here = changed.errors(), after.line(line)
            left = len(errors)
            if left < before and not any(here.meets(error) for error in errors):
                end = edit.span.start + len(edit.new)
                found.append((left, habits.unusual(changed, Span(edit.span.start, end)), len(found), edit))
    found.sort(key=lambda one: one[:3])
    least = found[0][0] if found else 0
    return [edit for left, _, _, edit in found if left == least][:_MOST]


class Habits:
    """How the trees of a file are built: which child follows which under a kind of node, and which words there are."""

    def __init__(self, file: File, graph: Graph, but: Set[int]) -> None:
        """but: lines that are not looked at, because they are wrong."""
        self._others = {path for path in graph.files if path != file.path}
        self._graph = graph
        tree, document = file.tree, file.document
        assert tree is not None
        rules = (file.language.table("fix") if file.language is not None else None) or {}
        self._binding: frozenset[str] = frozenset(rules.get("binding", ()))
        lines = (document.text(document.line(n)) for n in range(document.lines) if n not in but)
        self._words = {word for line in lines for word in re.findall(r"[^\W\d]\w*", line)}
        self._pairs: Counter[tuple[str, str, str]] = Counter()
        self._firsts: Counter[tuple[str, str]] = Counter()
        for node in _nodes(tree.root):
            for one, two in _pairs(node):
                self._pairs[node.type, one, two] += 1
                self._firsts[node.type, one] += 1

    def knows(self, word: str) -> bool:
        """Whether a word stands elsewhere in the file, or names something in another."""
        return word in self._words or any(path in self._others for path in self._graph.mentioners.get(word, ()))

    def likely_at(self, path: str) -> Callable[[Snapshot, Span], tuple[float, ...]]:
        """What speaks against a text, the least first: errors, names that are bound for nothing, unknown names, how
        unusual its tree is around a span."""

        def against(snapshot: Snapshot, span: Span) -> tuple[float, ...]:
            return self._against(snapshot, path, span)

        return against

    def _against(self, snapshot: Snapshot, path: str, span: Span) -> tuple[float, ...]:
        tree = snapshot.files[path].tree
        if tree is None:
            return ()
        idle = self._idle(tree, span)
        return len(tree.errors()), idle, len(snapshot.graph.unknown_names(path)), *self.unusual(tree, span)

    def _idle(self, tree: Tree, span: Span) -> int:
        """How many expressions of the line around a place bind a name that no other line has."""
        names = (
            node.child_by_field_name("name")
            for node in _nodes(_around(tree, span))
            if node.type in self._binding and node.start_byte <= span.start <= node.end_byte
        )
        return sum(
            (name.text or b"").decode("utf-8", "replace") not in self._words for name in names if name is not None
        )

    def unusual(self, tree: Tree, span: Span) -> tuple[int, float]:
        """How many names of the statement around a place stand nowhere else, and how little it is built like others."""
        node = _around(tree, span)
        found, count, new = 0.0, 0, 0
        for one in _nodes(node):
            if "identifier" in one.type and not one.child_count:
                new += not self.knows((one.text or b"").decode("utf-8", "replace"))
            new += "parenthesized" in one.type and _plain(one)
            for pair in _pairs(one):
                count += 1
                found -= log((self._pairs[one.type, *pair] + 0.05) / (self._firsts[one.type, pair[0]] + 1.0))
        return new, found / count if count else 0.0


def _around(tree: Tree, span: Span) -> Node:
    """The statement around a place."""
    node = tree.named_at(span)
    while node.parent is not None and node.parent.parent is not None and not _statement(node):
        node = node.parent
    return node


def _plain(node: Node) -> bool:
    """Whether brackets hold what nobody puts into brackets of its own: a name, a call, a text."""
    inner = node.named_children[0] if node.named_child_count == 1 else None
    return inner is not None and _WHOLE.search(inner.type) is not None


def _statement(node: Node) -> bool:
    return node.parent is not None and (
        node.parent.type.endswith(("block", "module", "program", "body", "source_file"))
    )


def _pairs(node: Node) -> Iterator[tuple[str, str]]:
    """The kinds of children, two at a time, with the ends."""
    last = "^"
    for child in node.children:
        if child.is_extra:
            continue
        yield last, child.type
        last = child.type
    if last != "^":
        yield last, "$"


def _nodes(root: Node) -> Iterator[Node]:
    """Every node that is not broken, with what is in it."""
    todo = [root]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            continue
        yield node
        todo += node.children


def _edits(document: Document, line: int, rules: Mapping[str, Any], known: Callable[[str], bool]) -> Iterator[Edit]:
    """One sign more or less, at each place of a line where a word ends or begins."""
    place = document.line(line)
    text = document.text(place)
    if len(text) > _LONGEST:
        return
    head = len(text) - len(text.lstrip())
    signs = [*dict.fromkeys((*"".join(rules["brackets"]), *rules["quotes"], rules["opener"].strip(), *rules["signs"]))]
    empty = {*rules["brackets"], *(2 * quote for quote in rules["quotes"])}

    def edit(at: int, gone: int, new: str) -> Edit:
        start = place.start + len(text[:at].encode("utf-8", "surrogatepass"))
        end = start + len(text[at : at + gone].encode("utf-8", "surrogatepass"))
        return Edit(Span(start, end), new.encode())

    places: list[int] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if token.start() < head:
            continue
        places.append(token.start())
        if len(word) > 2 and (word[0].isalpha() or word[0] == "_"):
            splits = [n for n in range(1, len(word)) if known(word[:n]) and (word[n:].isdigit() or known(word[n:]))]
            places += [token.start() + n for n in splits]
    places.append(len(text))
    for at in dict.fromkeys(reversed(places)):
        for sign in signs:
            last, next_ = text[at - 1 : at], text[at : at + 1]
            if last + sign in empty or sign + next_ in empty:
                continue
            ends = ")],:;" if next_.isalnum() or next_ in rules["quotes"] else ")]"  # `:` may be half of `:=`
            if sign in "([" and next_.isspace() or sign in ends and last.isspace():
                continue  # at the other end of the space
            yield edit(at, 0, sign)
    for at in range(head, len(text)):
        if text[at] in signs:
            yield edit(at, 1, "")
