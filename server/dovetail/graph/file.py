"""The facts of one file, kept current by telling again only the items that a change touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dovetail.graph.facts import Definition, Facts, Import, Use, tell
from dovetail.syntax import Node, Tree
from dovetail.text import Edit, Span

Offsets = NDArray[np.int64]


def _offsets(values: list[int]) -> Offsets:
    return np.array(values, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Items:
    """Items in the order of the text, none overlapping another, with where each begins and ends."""

    starts: Offsets = field(default_factory=lambda: _offsets([]))
    ends: Offsets = field(default_factory=lambda: _offsets([]))
    facts: tuple[Facts, ...] = ()

    def meeting(self, span: Span) -> tuple[int, int]:
        """The index range of the items that share a byte with the span or touch it."""
        return (
            int(self.ends.searchsorted(span.start, "left")),
            int(self.starts.searchsorted(span.end, "right")),
        )

    def replaced(self, first: int, last: int, delta: int, told: list[tuple[int, int, Facts]]) -> Items:
        """Items `first..last` give way to `told`; what comes after them moves by `delta`."""
        return Items(
            np.concatenate((self.starts[:first], _offsets([s for s, _, _ in told]), self.starts[last:] + delta)),
            np.concatenate((self.ends[:first], _offsets([e for _, e, _ in told]), self.ends[last:] + delta)),
            (*self.facts[:first], *(f for _, _, f in told), *self.facts[last:]),
        )


class Placed(NamedTuple):
    """A definition and the absolute offset of its item."""

    base: int
    definition: Definition
    container: int
    """Index of the class around its item in `FileFacts.shells`, -1 where there is none."""
    item: Facts


class UseAt(NamedTuple):
    """A use and where its item begins."""

    base: int
    use: Use
    container: int
    """Index of the class around its item, -1 where there is none."""
    item: Facts


@dataclass(frozen=True, eq=False)
class FileFacts:
    """All that one file says. A value: `after` gives the next.

    `leaves` are the top-level statements and the members of classes; `shells` are the classes without
    their members. So a keystroke in a method tells that method and its class's head again, and
    nothing else, however large the file.
    """

    language: str
    """Name of the language, a folder of `grammars/`."""
    leaves: Items = field(default_factory=Items)
    shells: Items = field(default_factory=Items)

    @classmethod
    def of(cls, tree: Tree) -> FileFacts:
        """From scratch."""
        shells, leaves = _told(tree, Span(0, tree.root.end_byte + 1))
        nothing = Items()
        return cls(tree.language.name, nothing.replaced(0, 0, 0, leaves), nothing.replaced(0, 0, 0, shells))

    def after(self, tree: Tree, edit: Edit, changed: list[Span]) -> tuple[FileFacts, list[Facts], list[Facts]]:
        """The facts after one edit; also those that went and those that came.

        tree: the tree after the edit. changed: the spans that `Tree.edited` told.
        """
        low = min([edit.span.start, *(s.start for s in changed)])
        high = max([edit.span.start + len(edit.new), *(s.end for s in changed)])
        low_before, high_before = low, max(high - edit.delta, edit.span.end)
        first, last = self.leaves.meeting(Span(low_before, high_before))
        # A neighbour may have grown into the gap between two items: tell it again as well.
        first, last = max(first - 1, 0), min(last + 1, len(self.leaves.facts))
        if first < last:
            low = min(low, int(self.leaves.starts[first]))
            high = max(high, int(self.leaves.ends[last - 1]) + edit.delta)
        shell_first, shell_last = self.shells.meeting(Span(low, max(high - edit.delta, low)))
        shells, leaves = _told(tree, Span(low, high))
        # What `_told` found may reach further than what was looked for; never keep what it replaces.
        if leaves:
            first = min(first, int(self.leaves.ends.searchsorted(leaves[0][0], "right")))
            last = max(last, int(self.leaves.starts.searchsorted(leaves[-1][1] - edit.delta, "left")))
        if shells:
            shell_first = min(shell_first, int(self.shells.ends.searchsorted(shells[0][0], "right")))
            shell_last = max(shell_last, int(self.shells.starts.searchsorted(shells[-1][1] - edit.delta, "left")))
        gone = [*self.leaves.facts[first:last], *self.shells.facts[shell_first:shell_last]]
        come = [f for _, _, f in leaves] + [f for _, _, f in shells]
        return (
            FileFacts(
                self.language,
                self.leaves.replaced(first, last, edit.delta, leaves),
                self.shells.replaced(shell_first, shell_last, edit.delta, shells),
            ),
            gone,
            come,
        )

    def __iter__(self) -> Iterator[tuple[int, Facts, bool]]:
        """Start, facts and "is a shell" of every item, leaves first."""
        yield from zip(self.leaves.starts.tolist(), self.leaves.facts, [False] * len(self.leaves.facts), strict=True)
        yield from zip(self.shells.starts.tolist(), self.shells.facts, [True] * len(self.shells.facts), strict=True)

    def container_of(self, offset: int) -> int:
        """Index in `shells` of the class whose span holds the offset, -1 for none."""
        index = int(self.shells.starts.searchsorted(offset, "right")) - 1
        return index if index >= 0 and offset < int(self.shells.ends[index]) else -1

    @cached_property
    def containers(self) -> list[int]:
        """`container_of` for each leaf."""
        if not self.shells.facts:
            return [-1] * len(self.leaves.facts)
        index = self.shells.starts.searchsorted(self.leaves.starts, "right") - 1
        inside = (index >= 0) & (self.leaves.starts < self.shells.ends[np.maximum(index, 0)])
        return np.where(inside, index, -1).tolist()

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every definition with its place, in the order of the text, a class before its members."""
        found = [
            Placed(base, definition, -1, facts)
            for base, facts in zip(self.shells.starts.tolist(), self.shells.facts, strict=True)
            for definition in facts.definitions
        ]
        found += [
            Placed(base, definition, container, facts)
            for base, facts, container in zip(
                self.leaves.starts.tolist(), self.leaves.facts, self.containers, strict=True
            )
            for definition in facts.definitions
        ]
        found.sort(key=lambda p: (p.base + p.definition.start, -p.definition.end))
        return tuple(found)

    @cached_property
    def by_name(self) -> dict[str, list[Placed]]:
        """`placed` by name."""
        found: dict[str, list[Placed]] = {}
        for placed in self.placed:
            found.setdefault(placed.definition.name, []).append(placed)
        return found

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that live at the top of the file."""
        names: set[str] = set()
        for facts, container in zip(self.leaves.facts, self.containers, strict=True):
            names |= facts.wide
            if container < 0:
                names |= facts.binds
        for facts in self.shells.facts:
            names |= facts.binds
        return frozenset(names)

    @cached_property
    def bound_in(self) -> list[frozenset[str]]:
        """The names that live in each class, by its index in `shells`; those of its bases are not known here."""
        names: list[set[str]] = [set() for _ in self.shells.facts]
        for item, container in zip(self.leaves.facts, self.containers, strict=True):
            if container >= 0:
                names[container] |= item.binds
        return [frozenset(one) for one in names]

    @cached_property
    def top(self) -> dict[str, list[Placed]]:
        """The definitions that other files can import, by name, in the order of the text."""
        found: dict[str, list[Placed]] = {}
        for placed in self.placed:
            if placed.container < 0 and placed.definition.parent < 0:
                found.setdefault(placed.definition.name, []).append(placed)
        return found

    @cached_property
    def imports(self) -> tuple[tuple[int, Import], ...]:
        """(item start, import) of the whole file."""
        return tuple((base, found) for base, facts, _ in self for found in facts.imports)

    @cached_property
    def uses_by_name(self) -> dict[str, list[UseAt]]:
        """Every use of the file by name, in no order of note."""
        found: dict[str, list[UseAt]] = {}
        containers = [*self.containers, *range(len(self.shells.facts))]
        for (base, facts, _), container in zip(self, containers, strict=True):
            for use in facts.uses:
                found.setdefault(use.name, []).append(UseAt(base, use, container, facts))
        return found

    def members(self, owner: Placed) -> dict[str, Placed]:
        """What a class of this file defines itself, fields that its methods assign included."""
        index = next((i for i, f in enumerate(owner.item.definitions) if f is owner.definition), -1)
        is_shell = any(facts is owner.item for facts in self.shells.facts)
        shell = self.container_of(owner.base) if is_shell else -1
        found: dict[str, Placed] = {}
        for placed in self.placed:
            definition = placed.definition
            if is_shell:
                inside = (
                    placed.container == shell and shell >= 0 and (definition.parent < 0 or definition.kind == "field")
                )
            else:
                inside = placed.item is owner.item and placed.base == owner.base and definition.parent == index
            if inside and (definition.name not in found or definition.kind != "field"):
                found[definition.name] = placed
        return found

    def dump(self) -> list[tuple[int, int, bool, Facts]]:
        """A canonical form: equal dumps, equal facts."""
        rows = [
            (int(s), int(e), shell, f)
            for items, shell in ((self.leaves, False), (self.shells, True))
            for s, e, f in zip(items.starts, items.ends, items.facts, strict=True)
        ]
        return sorted(rows, key=lambda row: row[:3])


def _told(tree: Tree, span: Span) -> tuple[list[tuple[int, int, Facts]], list[tuple[int, int, Facts]]]:
    """Tell the shells and leaves that meet the span."""
    shells: list[tuple[int, int, Facts]] = []
    leaves: list[tuple[int, int, Facts]] = []
    containers, wrappers = tree.language.containers, tree.language.wrappers
    for node in _items(tree.root, span):
        inner = node
        if node.type in wrappers:
            inner = node.child_by_field_name("definition") or node
        body = inner.child_by_field_name("body") if inner.type in containers else None
        if body is None:
            facts = tell(tree, node)
            if facts.definitions or facts.uses or facts.imports or facts.binds:
                leaves.append((node.start_byte, node.end_byte, facts))
            continue
        shells.append((node.start_byte, node.end_byte, tell(tree, node, body.start_byte)))
        for member in _items(body, span):
            facts = tell(tree, member)
            if facts.definitions or facts.uses or facts.imports or facts.binds:
                leaves.append((member.start_byte, member.end_byte, facts))
    return shells, leaves


def _items(node: Node, span: Span) -> Iterator[Node]:
    """The statements that meet the span. One mistake can wrap a whole file in an ERROR; what is in it still counts."""
    for child in _children(node, span):
        if child.is_error:
            yield from _items(child, span)
        elif not child.is_extra:
            yield child


def _children(node: Node, span: Span) -> Iterator[Node]:
    """The named children that meet the span, without a walk over those before it."""
    cursor = node.walk()
    if cursor.goto_first_child_for_byte(max(span.start - 1, 0)) is None:
        return
    while True:
        child = cursor.node
        if child is None or child.start_byte > span.end:
            return
        if child.is_named:
            yield child
        if not cursor.goto_next_sibling():
            return
