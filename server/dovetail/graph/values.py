"""What an expression may stand for: a function, a class, an instance of it, a module, a list of them.

And how a language says so: the tables of `flow.toml`. What they come to is worked out in `flow.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dovetail.syntax import Node, languages

if TYPE_CHECKING:
    pass


class Def(NamedTuple):
    """A function or a class; `at` is the byte where its name begins."""

    path: str
    at: int


class Lambda(NamedTuple):
    """A function without a name."""

    path: str
    start: int


class Instance(NamedTuple):
    of: Def


class Bound(NamedTuple):
    """A method, and what it was taken from."""

    method: Def
    receiver: Instance | Def


class Super(NamedTuple):
    """An instance as the bases of a class see it."""

    of: Def
    receiver: Instance | Def


class Module(NamedTuple):
    path: str


class Space(NamedTuple):
    """A namespace or package that several files make up."""

    paths: tuple[str, ...]


class Inside(NamedTuple):
    """The first parts of a namespace that is declared by several names at once."""

    of: Def
    taken: int


class Folder(NamedTuple):
    """A folder that is a package without a file of its own."""

    path: str


class Items(NamedTuple):
    """What is written as a list, a map or a comprehension."""

    path: str
    start: int
    end: int


class View(NamedTuple):
    """What something holds, seen in another way: its values, its pairs, one of them, each with its number."""

    path: str
    start: int
    end: int
    what: str


class Yields(NamedTuple):
    """What a generator function gives one after another."""

    of: Def | Lambda


class Later(NamedTuple):
    """What a function gives that has to be waited for."""

    of: Def | Lambda


class Results(NamedTuple):
    """What the functions return that a builtin calls one after another."""

    path: str
    start: int
    end: int


class Constant(NamedTuple):
    text: str


class Outside(NamedTuple):
    """Something that is not in the workspace, by its full name."""

    name: str


Value = (
    Def
    | Lambda
    | Instance
    | Bound
    | Super
    | Module
    | Space
    | Inside
    | Folder
    | Items
    | View
    | Yields
    | Later
    | Results
    | Constant
    | Outside
)
Values = frozenset[Value]
NOTHING: Values = frozenset()
_NO_FIELDS: Mapping[str, Any] = {}


class Defined(NamedTuple):
    """A place where a name is defined: the bytes of the name; the file's beginning for a module."""

    path: str
    start: int
    end: int


class Part(NamedTuple):
    """A member that a pattern takes out."""

    name: str


class Local(NamedTuple):
    """Where a name is bound: in a function or block, at the top of an item, or by an import."""

    path: str
    node: Node
    parameter: bool


@dataclass(frozen=True)
class Shapes:
    """`flow.toml` of one language, by node type."""

    of: Mapping[str, tuple[str, Any]]
    protocol: Mapping[str, Any]
    types: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Mapping[str, Any]]
    leads: Mapping[str, tuple[str, ...]]
    """By keyword the nodes that it begins or leaves."""
    keyed: bool = False
    """Whether `value["name"]` is `value.name`."""

    def shape(self, kind: str) -> tuple[str, Mapping[str, Any]]:
        """(group, fields) of a node type; ("", {}) where nothing is said of it."""
        return self.of.get(kind, ("", _NO_FIELDS))


@lru_cache(maxsize=64)
def shapes(language: str) -> Shapes:
    known = next((known for known in languages() if known.name == language), None)
    table = dict(known.table("flow") or {}) if known is not None else {}
    apart = ("protocol", "type", "parameter", "leads")
    return Shapes(
        {kind: (what, spec) for what, rows in table.items() if what not in apart for kind, spec in rows.items()},
        table.get("protocol", {}),
        table.get("type", {}),
        table.get("parameter", {}),
        {keyword: tuple(kinds) for keyword, kinds in table.get("leads", {}).items()},
        any(row.get("members") for row in table.get("map", {}).values()),
    )


def child_of(node: Node, key: str | int) -> Node | None:
    """A child by the name of its field, by its type, or by its place among the named ones."""
    if isinstance(key, int):
        return node.named_child(key) if key < node.named_child_count else None
    found = node.child_by_field_name(key)
    return found or next((child for child in node.named_children if child.type == key), None)


def in_own_value(name: Node, at: int, table: Shapes) -> bool:
    """Whether a place is in the value that a binding gives its name: `let x = x + 1` reads the x before."""
    node = name.parent
    while node is not None and table.shape(node.type)[0] not in ("assign", "function"):
        node = node.parent
    spec = table.shape(node.type if node is not None else "")[1]
    value = child_of(node, spec["value"]) if node is not None and "value" in spec else None
    return value is not None and value.start_byte <= at < value.end_byte


def holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
