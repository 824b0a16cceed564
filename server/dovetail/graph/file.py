"""The facts of one file, kept current by telling again only the items that a change touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dovetail.graph.facts import CLASSES, OPEN, Definition, Export, Facts, Import, Use, mentioned, tell
from dovetail.graph.scopes import Piece
from dovetail.syntax import DEEPEST, Node, Tree
from dovetail.text import Edit, Span

Offsets = NDArray[np.int64]

_NEVER = 1 << 62
"""An offset that no text has."""
_DEEPEST = 8
"""Containers inside of one another; what is deeper belongs to its item."""
_MOST_COMPARED = 100
"""Nodes of an item that are compared before it is told again."""
_MOST_ABOVE = 64
"""Comments above an item that are compared before it is told again."""


def _offsets(values: list[int]) -> Offsets:
    return np.array(values, dtype=np.int64)


def digest(data: bytes) -> bytes:
    """What tells one text from another."""
    return blake2b(data, digest_size=16).digest()


Told = list[tuple[int, int, Facts]]
"""(start, end, facts) of items, in the order of the text."""


@dataclass(frozen=True, eq=False)
class Items:
    """Items in the order of the text, none overlapping another, with where each begins and ends."""

    starts: Offsets = field(default_factory=lambda: _offsets([]))
    ends: Offsets = field(default_factory=lambda: _offsets([]))
    facts: tuple[Facts, ...] = ()

    @classmethod
    def of(cls, told: Told) -> Items:
        return cls(_offsets([s for s, _, _ in told]), _offsets([e for _, e, _ in told]), tuple([f for _, _, f in told]))

    def meeting(self, span: Span) -> tuple[int, int]:
        """The index range of the items that share a byte with the span or touch it."""
        return (
            int(self.ends.searchsorted(span.start, "left")),
            int(self.starts.searchsorted(span.end, "right")),
        )

    def replaced(self, first: int, last: int, delta: int, told: Told) -> Items:
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
    """Index of the innermost shell around its item in `FileFacts.shells`, -1 where there is none."""
    item: Facts

    def beside(self, other: Placed) -> bool:
        """Whether another stands in the very same definition of the same file."""
        return (self.base, self.definition.parent) == (other.base, other.definition.parent)


class UseAt(NamedTuple):
    """A use and where its item begins."""

    base: int
    use: Use
    container: int
    """Index of the innermost shell around its item, -1 where there is none."""
    item: Facts


class Shell(NamedTuple):
    """A container without its members: a class, a namespace, an `if` at the top of a file."""

    start: int
    end: int
    facts: Facts
    around: int
    """Index of the shell around it, -1 where there is none."""


class Spanned(NamedTuple):
    """An item and where it is."""

    start: int
    end: int
    facts: Facts
    container: int
    shell: bool


@dataclass(frozen=True, eq=False)
class FileFacts:
    """All that one file says. A value: `after` gives the next.

    `leaves` are the statements of the top and the members of containers; `levels` are the containers without
    their members, the outermost first. So a keystroke in a method tells that method and the heads around it
    again, and nothing else, however large the file.
    """

    language: str
    """Name of the language, a folder of `grammars/`."""
    leaves: Items = field(default_factory=Items)
    levels: tuple[Items, ...] = ()
    """The containers by depth; those of one depth never overlap."""
    digest: bytes = b""
    """Of the text that the facts were told from, where that was read from disk."""
    tree: Tree | None = field(default=None, repr=False)
    """The tree that the facts were told from, while it lives; it does not travel to another process."""

    @classmethod
    def of(cls, tree: Tree, digest: bytes = b"") -> FileFacts:
        """From scratch."""
        levels, leaves = _told(tree, Span(0, tree.root.end_byte + 1))
        return cls(tree.language.name, Items.of(leaves), tuple(map(Items.of, levels)), digest, tree)

    def __getstate__(self) -> tuple[str, Items, tuple[Items, ...], bytes]:
        return self.language, self.leaves, self.levels, self.digest

    def __setstate__(self, state: tuple[str, Items, tuple[Items, ...], bytes]) -> None:
        for name, value in zip(("language", "leaves", "levels", "digest", "tree"), (*state, None), strict=True):
            object.__setattr__(self, name, value)

    def after(
        self, tree: Tree, edit: Edit, changed: list[Span], *, anew: bool = False
    ) -> tuple[FileFacts, list[Facts], list[Facts]]:
        """The facts after one edit; also those that went and those that came.

        tree: the tree after the edit. changed: the spans that `Tree.edited` told. anew: what is known may be wrong.
        """
        kept = None if anew else _Kept(self, edit)
        low = min([edit.span.start, *(s.start for s in changed)])
        high = max([edit.span.start + len(edit.new), *(s.end for s in changed)])
        rounds = 0
        while True:
            low_before, high_before = low, max(high - edit.delta, edit.span.end)
            first, last = self.leaves.meeting(Span(low_before, high_before))
            if rounds == 0:
                # A neighbour may have grown into the gap between two items: tell it again as well.
                first, last = max(first - 1, 0), min(last + 1, len(self.leaves.facts))
                while last < len(self.leaves.facts) and self.leaves.facts[last - 1].passes:
                    last += 1  # through attributes, to what they and a comment above them belong to
            if first < last:
                low = min(low, int(self.leaves.starts[first]))
                high = max(high, int(self.leaves.ends[last - 1]) + edit.delta)
            # What documents a container stands before it, too: the next head, where no leaf comes between.
            bound = int(self.leaves.starts[last]) if last < len(self.leaves.facts) else _NEVER
            for level in self.levels if rounds == 0 else ():
                index = int(level.starts.searchsorted(high - edit.delta, "right"))
                if index < len(level.facts) and int(level.starts[index]) <= bound:
                    high = max(high, int(level.starts[index]) + edit.delta)
            levels, leaves = _told(tree, Span(low, high), kept)
            reach = Span(low, max(high - edit.delta, low))
            known = [level.meeting(reach) for level in self.levels]
            if self._moved(known, edit) == [[(start, end) for start, end, _ in level] for level in levels if level]:
                break
            # A container came, went, grew or moved to another depth: everything in it is told again.
            spans = [
                (int(self.levels[d].starts[a]), int(self.levels[d].ends[b - 1]) + edit.delta)
                for d, (a, b) in enumerate(known)
                if a < b
            ]
            spans += [(level[0][0], level[-1][1]) for level in levels if level]
            wider = min(low, *(s for s, _ in spans)), max(high, *(e for _, e in spans))
            rounds += 1
            if rounds > 3:  # one after the other, each telling all again: the whole file costs less
                wider = min(wider[0], 0), max(wider[1], tree.root.end_byte)
            if wider == (low, high):
                break
            low, high = wider
        # What `_told` found may reach further than what was looked for; never keep what it replaces.
        if leaves:
            first = min(first, int(self.leaves.ends.searchsorted(leaves[0][0], "right")))
            last = max(last, int(self.leaves.starts.searchsorted(leaves[-1][1] - edit.delta, "left")))
        gone, come = [*self.leaves.facts[first:last]], [f for _, _, f in leaves]
        depth = max(len(self.levels), len(levels))
        after: list[Items] = []
        for d in range(depth):
            level = self.levels[d] if d < len(self.levels) else Items()
            told = levels[d] if d < len(levels) else []
            a, b = known[d] if d < len(known) else (0, 0)
            if told:
                a = min(a, int(level.ends.searchsorted(told[0][0], "right")))
                b = max(b, int(level.starts.searchsorted(told[-1][1] - edit.delta, "left")))
            gone += level.facts[a:b]
            come += [f for _, _, f in told]
            after.append(level.replaced(a, b, edit.delta, told))
        while after and not after[-1].facts:
            after.pop()
        stayed = {id(f) for f in gone} & {id(f) for f in come}
        return (
            FileFacts(self.language, self.leaves.replaced(first, last, edit.delta, leaves), tuple(after), b"", tree),
            [f for f in gone if id(f) not in stayed],
            [f for f in come if id(f) not in stayed],
        )

    def _moved(self, known: list[tuple[int, int]], edit: Edit) -> list[list[tuple[int, int]]]:
        """Where these containers, by depth, are after the edit if it only moved or filled them."""

        def moved(at: int) -> int:
            return at + edit.delta if at >= edit.span.end else at

        return [
            [
                (moved(start) if start > edit.span.start else start, moved(end))
                for start, end in zip(level.starts[a:b].tolist(), level.ends[a:b].tolist(), strict=True)
            ]
            for level, (a, b) in zip(self.levels, known, strict=True)
            if a < b
        ]

    @property
    def defined(self) -> set[str]:
        """The names of all definitions."""
        return {d.name for facts in self._all() for d in facts.definitions}

    @property
    def mentioned(self) -> set[str]:
        """`Facts.mentioned` of all items."""
        return mentioned(list(self._all()))

    def _all(self) -> Iterator[Facts]:
        return chain(self.leaves.facts, *(level.facts for level in self.levels))

    def __iter__(self) -> Iterator[tuple[int, Facts, bool]]:
        """Start, facts and "is a shell" of every item, leaves first."""
        yield from zip(self.leaves.starts.tolist(), self.leaves.facts, [False] * len(self.leaves.facts), strict=True)
        for level in self.levels:
            yield from zip(level.starts.tolist(), level.facts, [True] * len(level.facts), strict=True)

    @cached_property
    def shells(self) -> tuple[Shell, ...]:
        """The containers, outermost first, each with the one around it."""
        found: list[Shell] = []
        for depth, level in enumerate(self.levels):
            above = self._shells_around(level.starts, depth)
            found += [
                Shell(start, end, facts, around)
                for start, end, facts, around in zip(
                    level.starts.tolist(), level.ends.tolist(), level.facts, above, strict=True
                )
            ]
        return tuple(found)

    def _shells_around(self, starts: Offsets, depth: int) -> list[int]:
        """For each offset the index of the innermost shell above `depth` that holds it, -1 for none."""
        found = np.full(len(starts), -1, dtype=np.int64)
        before = 0
        for level in self.levels[:depth]:
            if level.facts:
                index = level.starts.searchsorted(starts, "right") - 1
                inside = (index >= 0) & (starts < level.ends[np.maximum(index, 0)])
                found = np.where(inside, index + before, found)
            before += len(level.facts)
        return found.tolist()

    def container_of(self, offset: int) -> int:
        """Index in `shells` of the innermost container whose span holds the offset, -1 for none."""
        around, before = -1, 0
        for level in self.levels:
            if level.facts:
                index = int(level.starts.searchsorted(offset, "right")) - 1
                if index >= 0 and offset < level.ends[index]:
                    around = index + before
            before += len(level.facts)
        return around

    @cached_property
    def containers(self) -> list[int]:
        """`container_of` for each leaf."""
        return self._shells_around(self.leaves.starts, len(self.levels))

    def named_shell(self, container: int) -> int:
        """The innermost shell from here outwards that defines something: a class or the like; -1 for none."""
        while container >= 0 and not self.shells[container].facts.definitions:
            container = self.shells[container].around
        return container

    @property
    def ordered(self) -> list[tuple[int, Facts, int]]:
        """Start, facts and container of every item, in the order of the text, a container before its members."""
        starts = np.concatenate([*(level.starts for level in self.levels), self.leaves.starts])
        items = [*((shell.facts, shell.around) for shell in self.shells)]
        items += zip(self.leaves.facts, self.containers, strict=True)
        places = starts.argsort(kind="stable")
        return [(start, *items[place]) for start, place in zip(starts[places].tolist(), places.tolist(), strict=True)]

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every definition with its place, in the order of the text, a class before its members."""
        return tuple(
            [
                Placed(base, definition, container, facts)
                for base, facts, container in self.ordered
                for definition in facts.definitions
            ]
        )

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
            if not self.in_class(container):
                names |= facts.binds
        for shell in self.shells:
            names |= shell.facts.binds
        return frozenset(names)

    @cached_property
    def spans(self) -> tuple[Spanned, ...]:
        """Every item with where it is, leaves first."""
        leaves = zip(
            self.leaves.starts.tolist(), self.leaves.ends.tolist(), self.leaves.facts, self.containers, strict=True
        )
        return (
            *(Spanned(start, end, facts, container, False) for start, end, facts, container in leaves),
            *(Spanned(shell.start, shell.end, shell.facts, shell.around, True) for shell in self.shells),
        )

    @cached_property
    def binders(self) -> dict[str, list[Spanned]]:
        """The items that bind a name in the scope around them, in the order of the text."""
        found: dict[str, list[Spanned]] = {}
        for item in sorted(self.spans, key=lambda item: item.start):
            for name in item.facts.binds:
                found.setdefault(name, []).append(item)
        return found

    @cached_property
    def named_at(self) -> dict[int, Placed]:
        """Every definition by the byte where its name begins."""
        return {placed.base + placed.definition.name_start: placed for placed in self.placed}

    def in_class(self, container: int) -> bool:
        """Whether what stands in this shell is a member of a class, and not of the file or a namespace."""
        named = self.named_shell(container)
        return named >= 0 and self.shells[named].facts.definitions[0].kind not in OPEN

    @cached_property
    def bound_in(self) -> list[frozenset[str]]:
        """The names that live in each class, by its index in `shells`; those of its bases are not known here."""
        names: list[set[str]] = [set() for _ in self.shells]
        for item, container in zip(self.leaves.facts, self.containers, strict=True):
            if (named := self.named_shell(container)) >= 0:
                names[named] |= item.binds
        for shell in self.shells:
            if (named := self.named_shell(shell.around)) >= 0:
                names[named] |= shell.facts.binds
        return [frozenset(one) for one in names]

    @cached_property
    def top(self) -> dict[str, list[Placed]]:
        """The definitions that other files can import, by name, in the order of the text."""
        found: dict[str, list[Placed]] = {}
        for placed in self.placed:
            d = placed.definition
            # a member of a class without a name, or a name inside of a block, is none of the file's
            bound = d.kind in OPEN or d.name in placed.item.binds
            if d.parent < 0 and bound and not d.of and not self.in_class(placed.container):
                found.setdefault(d.name, []).append(placed)
        return found

    @cached_property
    def spaces(self) -> frozenset[str]:
        """The namespaces or packages that the file declares to be in."""
        return frozenset(placed.definition.name for placed in self.placed if placed.definition.kind in OPEN)

    @cached_property
    def imports(self) -> tuple[tuple[int, Import], ...]:
        """(item start, import) of the whole file."""
        return tuple((base, found) for base, facts, _ in self for found in facts.imports)

    @cached_property
    def imported(self) -> dict[str, list[tuple[int, Import]]]:
        """`imports` by the name that they bind."""
        by: dict[str, list[tuple[int, Import]]] = {}
        for base, found in self.imports:
            by.setdefault(found.alias, []).append((base, found))
        return by

    @cached_property
    def exports(self) -> tuple[Export, ...]:
        """What the file says that others see; empty where its language does not say."""
        return tuple(found for _, facts, _ in self for found in facts.exports)

    @cached_property
    def listed(self) -> frozenset[str]:
        """The names that an import of everything brings, where the file lists them and nothing changes that."""
        names = frozenset(name for _, facts, _ in self for name in facts.listed)
        lists = {name for _, facts, _ in self if facts.listed for name in facts.binds}
        return names if names and lists.isdisjoint(self.uses_by_name) else frozenset()

    @cached_property
    def uses_by_name(self) -> dict[str, list[UseAt]]:
        """Every use of the file by name, in no order of note."""
        found: dict[str, list[UseAt]] = {}
        containers = [*self.containers, *range(len(self.shells))]
        for (base, facts, _), container in zip(self, containers, strict=True):
            for use in facts.uses:
                found.setdefault(use.name, []).append(UseAt(base, use, container, facts))
        return found

    @cached_property
    def _members(self) -> dict[int, dict[str, list[Placed]]]:
        """What each class defines itself, fields that its methods assign included, by where the class begins."""
        found: dict[int, dict[str, list[Placed]]] = {}
        for placed in self.placed:
            d = placed.definition
            if d.of:
                continue  # it belongs to another class than it stands in
            owner = placed.item.definitions[d.parent] if d.parent >= 0 else None
            while d.kind == "field" and owner is not None and owner.kind not in CLASSES:
                owner = placed.item.definitions[owner.parent] if owner.parent >= 0 else None
            if owner is not None:
                if owner.kind not in CLASSES:
                    continue
                at = placed.base + owner.start
            elif (named := self.named_shell(placed.container)) >= 0:
                at = self.shells[named].start + self.shells[named].facts.definitions[0].start
            else:
                continue
            found.setdefault(at, {}).setdefault(d.name, []).append(placed)
        return found

    def members_named(self, owner: Placed) -> dict[str, list[Placed]]:
        """What a class of this file defines itself, by name; a field in all places that assign it."""
        return self._members.get(owner.base + owner.definition.start, {})

    def member(self, owner: Placed, name: str) -> Placed | None:
        """What a class of this file defines itself by this name; a field of its methods only if nothing else is."""
        places = self.members_named(owner).get(name, ())
        firm = [placed for placed in places if placed.definition.kind != "field"]
        return firm[-1] if firm else next(iter(places), None)

    @cached_property
    def _mixed(self) -> dict[int, list[str]]:
        """What classes are given from within, by where the class begins."""
        found: dict[int, list[str]] = {}
        for facts, container in zip(self.leaves.facts, self.containers, strict=True):
            for inherit in facts.inherits:
                if inherit.owner < 0 and (named := self.named_shell(container)) >= 0:
                    shell = self.shells[named]
                    found.setdefault(shell.start + shell.facts.definitions[0].start, []).append(inherit.base)
        return found

    def bases(self, owner: Placed) -> list[str]:
        """What a class is derived from, as it is written: in its head, then from within."""
        definitions = owner.item.definitions
        head = [i.base for i in owner.item.inherits if i.owner >= 0 and definitions[i.owner] is owner.definition]
        return head + self._mixed.get(owner.base + owner.definition.start, [])

    def unlike(self, other: FileFacts) -> list[Facts]:
        """The facts of items that the other file does not have."""
        known = {id(facts) for _, facts, _ in other}
        return [facts for _, facts, _ in self if id(facts) not in known]

    def dump(self) -> list[tuple[int, int, int, Facts]]:
        """A canonical form: equal dumps, equal facts."""
        rows = [
            (int(s), int(e), depth, f)
            for depth, items in enumerate((self.leaves, *self.levels))
            for s, e, f in zip(items.starts, items.ends, items.facts, strict=True)
        ]
        return sorted(rows, key=lambda row: row[:3])


class _Kept:
    """Items that the parser took over from the tree before as they were: what was told of them still holds.

    A re-parse may call half a file changed where all of its functions are the very same nodes; and telling
    costs much more than looking.
    """

    def __init__(self, before: FileFacts, edit: Edit) -> None:
        self._before = before
        self._edit = edit
        settings: Mapping[str, Any] = {} if before.tree is None else before.tree.language.settings
        self._above = frozenset[str]((*settings.get("doc-comments", ()), *settings.get("doc-passes", ())))
        """What documents an item from outside."""

    def leaf(self, node: Node, deep: int) -> Facts | None:
        """None where it has to be told. deep: how deep in the tree the node is."""
        return self._of(node, self._before.leaves, deep)

    def shell(self, node: Node, depth: int, deep: int) -> Facts | None:
        """None where it has to be told."""
        return self._of(node, self._before.levels[depth], deep) if depth < len(self._before.levels) else None

    def _of(self, node: Node, items: Items, deep: int) -> Facts | None:
        tree, edit = self._before.tree, self._edit
        if tree is None:
            return None
        end_of_edit = edit.span.start + len(edit.new)
        if node.end_byte < edit.span.start:
            shift, clear = 0, -1
        elif node.start_byte > end_of_edit:
            shift, clear = edit.delta, end_of_edit
        else:
            return None
        start, end = node.start_byte - shift, node.end_byte - shift
        index = int(items.starts.searchsorted(start))
        if index == len(items.facts) or items.starts[index] != start or items.ends[index] != end:
            return None
        before = tree.root.descendant_for_byte_range(start, end)
        while before is not None and before.type != node.type:
            before = before.parent if (before.start_byte, before.end_byte) == (start, end) else None
        if before is None or not _same(before, node, shift) or not self._alike_above(before, node, shift, clear):
            return None
        if deep + node.descendant_count > DEEPEST and _depth(before) != deep:
            return None  # what it says may end at another depth
        return items.facts[index]

    def _alike_above(self, before: Node, node: Node, shift: int, clear: int) -> bool:
        """Whether what stands above an item, as far as it may document it, is what stood there.

        clear: the offset behind which nothing was edited.
        """
        for _ in range(_MOST_ABOVE) if self._above else ():
            old, new = before.prev_sibling, node.prev_sibling
            if old is None and new is None:  # the first of a block may be documented above the block
                inside, old, new = node, before.parent, node.parent
                if old is None or new is None or new.start_byte != inside.start_byte:
                    return (old is None) == (new is None)
                if old.type != new.type:
                    return False
            else:
                if old is None or new is None or old.type != new.type or new.end_byte - old.end_byte != shift:
                    return False
                if new.end_byte <= clear:
                    return False
                if new.type not in self._above:
                    return True
                if new.start_byte - old.start_byte != shift or new.start_byte <= clear:
                    return False
            before, node = old, new
        return not self._above


def _same(before: Node, after: Node, shift: int) -> bool:
    """Whether two nodes of living trees over the same text are the same syntax. Costs what is not shared memory."""
    todo = [(before, after)]
    for _ in range(_MOST_COMPARED):
        if not todo:
            return True
        one, two = todo.pop()
        if one.type != two.type or two.start_byte - one.start_byte != shift or two.end_byte - one.end_byte != shift:
            return False
        ones, twos = one.children, two.children
        if len(ones) != len(twos):
            return False
        # A node that the parser takes over keeps its children where they are in memory, and so their identity.
        todo += [(a, b) for a, b in zip(ones, twos, strict=True) if a.id != b.id]
    return False


def _depth(node: Node) -> int:
    """How deep in its tree a node is."""
    found = 0
    while (above := node.parent) is not None:
        node, found = above, found + 1
    return found


def _told(tree: Tree, span: Span, kept: _Kept | None = None) -> tuple[list[Told], Told]:
    """The containers, by depth, and the leaves that meet the span."""
    found: list[_Found] = []
    _find_items(tree, tree.root, span, 0, found, kept, 1)
    whole = kept is None and span.start <= 0 and span.end > tree.root.end_byte
    fresh = iter(tell(tree, [piece for piece, _, facts in found if facts is None], whole=whole))
    levels: list[Told] = []
    leaves: Told = []
    for (_, start, _, end, _), depth, facts in found:
        facts = facts or next(fresh)
        if depth >= 0:
            while depth >= len(levels):
                levels.append([])
            levels[depth].append((start, end, facts))
        elif facts.says:
            leaves.append((start, end, facts))
    return levels, leaves


_Found: TypeAlias = tuple[Piece, int, Facts | None]
"""An item; the depth of a container, -1 for a leaf; None where it has to be told."""


def _find_items(
    tree: Tree, parent: Node, span: Span, depth: int, found: list[_Found], kept: _Kept | None, below: int
) -> None:
    """below: how deep in the tree the children of the node are."""
    language = tree.language
    heads = language.block_heads if parent.type in language.blocks else ()
    apart = {head.id for name in heads if (head := parent.child_by_field_name(name)) is not None}
    for node, deep in _items(parent, span, below):
        if node.id not in apart:
            _find_item(tree, node, span, depth, found, kept, deep)


def _find_item(
    tree: Tree, node: Node, span: Span, depth: int, found: list[_Found], kept: _Kept | None, deep: int
) -> None:
    """deep: how deep in the tree the node is."""
    body = tree.language.body(node) if depth < _DEEPEST else None
    start, end = node.start_byte, node.end_byte
    if body is None:
        found.append((Piece(node, start, end, end, deep), -1, kept and kept.leaf(node, deep)))
        return
    found.append((Piece(node, start, body.start_byte, end, deep), depth, kept and kept.shell(node, depth, deep)))
    below, outer = deep + 1, body
    while outer.id != node.id and (around := outer.parent) is not None:
        below, outer = below + 1, around
    _find_items(tree, body, span, depth + 1, found, kept, below)
    after = body.next_named_sibling if body.id != node.id else None  # `else`, `except`: beside the body
    while after is not None and after.start_byte <= span.end:
        if after.end_byte >= span.start and not after.is_extra:
            _find_item(tree, after, span, depth + 1, found, kept, below - 1)
        after = after.next_named_sibling


def _items(node: Node, span: Span, below: int) -> Iterator[tuple[Node, int]]:
    """The statements that meet the span. One mistake can wrap a whole file in an ERROR; what is in it still counts."""
    for child in _children(node, span):
        if child.is_error:
            yield from _items(child, span, below + 1)
        elif not child.is_extra:
            yield child, below


def _children(node: Node, span: Span) -> Iterator[Node]:
    """The named children that meet the span, without a walk over those before it."""
    if span.start <= node.start_byte and node.end_byte <= span.end:
        yield from node.named_children
        return
    cursor = node.walk()
    # none is found at the byte of a token that the tree hides, as a line end can be: then the next byte, then all
    if cursor.goto_first_child_for_byte(max(span.start - 1, 0)) is None:
        if cursor.goto_first_child_for_byte(span.start) is None and not cursor.goto_first_child():
            return
    while True:
        child = cursor.node
        if child is None or child.start_byte > span.end:
            return
        if child.is_named and child.end_byte >= span.start:
            yield child
        if not cursor.goto_next_sibling():
            return
