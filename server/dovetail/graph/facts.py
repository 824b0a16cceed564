"""What one item of a file (a top-level statement, a member of a class) says: plain, picklable facts.

Every offset is relative to the item's start, so that an item that merely moves keeps its facts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from inspect import cleandoc
from typing import Literal, NamedTuple, cast

from dovetail.syntax import Node, Tree
from dovetail.text import Span

Kind = Literal["function", "class", "variable", "field"]
Role = Literal["read", "call", "member", "member-call"]

_SPACE = re.compile(r"\s+")


class Definition(NamedTuple):
    """A named thing. Offsets are bytes from the item's start."""

    name: str
    kind: Kind
    start: int
    end: int
    name_start: int
    name_end: int
    body: int
    """Where the body begins; `end` where there is none."""
    parent: int
    """Index of the definition around it in the same item, -1 at the item's top."""
    signature: str
    doc: str


class Use(NamedTuple):
    """A name that is read, and is not a variable or parameter inside the item."""

    name: str
    start: int
    end: int
    role: Role
    receiver: str
    """What stands before the dot, "" for a plain name."""
    owner: int
    """Index of the function or class around it, -1 at the item's top."""
    nested: bool
    """Defined by a function or class inside the item."""


class Import(NamedTuple):
    """`from module import name as alias`. Offsets are bytes from the item's start."""

    module: str
    """As written, leading dots included."""
    name: str
    """"" for the module itself, "*" for everything."""
    alias: str
    """The name that it binds; "" for "*"."""
    start: int
    end: int


class Inherit(NamedTuple):
    """A base of a class."""

    owner: int
    base: str


@dataclass(frozen=True)
class Facts:
    """What one item says."""

    definitions: tuple[Definition, ...]
    uses: tuple[Use, ...]
    imports: tuple[Import, ...]
    inherits: tuple[Inherit, ...]
    binds: frozenset[str]
    """Names that the item binds in the scope around it."""
    wide: frozenset[str]
    """Names that the item binds in the file from inside a function (`global`)."""

    @cached_property
    def defined(self) -> frozenset[str]:
        return frozenset(d.name for d in self.definitions)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        return frozenset(u.name for u in self.uses) | frozenset(i.name for i in self.imports if i.name not in ("", "*"))

    @cached_property
    def free(self) -> frozenset[str]:
        """Plain names that must come from outside the item."""
        return frozenset(u.name for u in self.uses if u.role in ("read", "call") and not u.nested)

    @cached_property
    def free_in_bodies(self) -> frozenset[str]:
        """Those of `free` that a function's body reads: there the names of a class are not seen."""
        return frozenset(
            u.name
            for u in self.uses
            if u.role in ("read", "call")
            and not u.nested
            and u.owner >= 0
            and self.definitions[u.owner].kind == "function"
            and u.start >= self.definitions[u.owner].body
        )


_LONGEST_RECEIVER = 80
"""Bytes before a dot that are kept."""
_DOC_OPENS = 8
"""Bytes into a body within which the text of its documentation begins: a prefix and three quotes."""


def tell(tree: Tree, node: Node, head: int | None = None) -> Facts:
    """The facts of one item. With `head`, only what begins before that byte: a class without its members."""
    base = node.start_byte
    limit = node.end_byte if head is None else head
    within = None if head is None else Span(base, head + _DOC_OPENS)
    definitions, imports, inherits, fields = _structure(tree, node, base, limit, within)
    scopes = _Scopes(tree, node, limit, within)
    definitions = [d for d in definitions if scopes.visible(d, base) or d.kind in ("function", "class")]
    definitions.extend(fields)
    definitions.sort(key=lambda d: (d.start, -d.end, d.name_start))
    placed = _nest(definitions)
    return Facts(
        definitions=tuple(placed),
        uses=tuple(scopes.uses(placed, base)),
        imports=tuple(imports),
        inherits=tuple(
            Inherit(next((i for i, d in enumerate(placed) if d.start == at), -1), name) for at, name in inherits
        ),
        binds=scopes.binds,
        wide=scopes.wide,
    )


def _text(node: Node) -> str:
    raw = node.text
    return raw.decode("utf-8", "replace") if raw else ""


def _structure(
    tree: Tree, node: Node, base: int, limit: int, within: Span | None
) -> tuple[list[Definition], list[Import], list[tuple[int, str]], list[Definition]]:
    found: dict[tuple[int, int], Definition] = {}
    fields: list[Definition] = []
    imports: list[Import] = []
    inherits: list[tuple[int, str]] = []
    docs: dict[int, str] = {}
    trim = tree.language.settings.get("signature-end", "")
    receivers = tree.language.settings.get("receivers", ())
    source = node.text or b""
    for match in tree.matches("tags", node, within):
        if "documents" in match:
            block = match["documents"][0]
            docs.setdefault(block.start_byte - base, cleandoc("".join(_text(n) for n in match["doc"])))
        elif "import" in match:
            statement = match["import"][0]
            if base <= statement.start_byte < limit:
                imports.append(_import(match, statement, base))
        elif "inherits" in match:
            owner = match["inherits"][0]
            if base <= owner.start_byte < limit:
                inherits.append((owner.start_byte - base, _SPACE.sub("", _text(match["base"][0]))))
        else:
            capture = next(name for name in match if name.startswith("definition."))
            whole, name = match[capture][0], match["name"][0]
            if not base <= whole.start_byte < limit:
                continue
            kind = cast(Kind, capture.removeprefix("definition."))
            start, end = whole.start_byte - base, whole.end_byte - base
            body = match["body"][0].start_byte - base if "body" in match else end
            if kind == "field" and _text(match["receiver"][0]) not in receivers:
                continue
            head = source[start:body] if "body" in match else source[start : start + 120].split(b"\n")[0]
            signature = _SPACE.sub(" ", head.decode("utf-8", "replace")).strip()
            if trim and "body" in match:
                signature = signature.removesuffix(trim).rstrip()
            definition = Definition(
                _text(name), kind, start, end, name.start_byte - base, name.end_byte - base,
                body, -1, signature, "",
            )  # fmt: skip
            if kind == "field":
                fields.append(definition)
            else:
                found[(start, name.start_byte)] = definition
    whole = [d._replace(doc=docs.get(d.body, "")) if d.body < d.end else d for d in found.values()]
    return whole, imports, inherits, fields


def _import(match: dict[str, list[Node]], statement: Node, base: int) -> Import:
    module = _SPACE.sub("", _text(match["module"][0]))
    where = match.get("imported", match.get("all", match["module"]))[0]
    name = _SPACE.sub("", _text(match["imported"][0])) if "imported" in match else ""
    if "all" in match:
        name, alias = "*", ""
    elif "alias" in match:
        alias = _text(match["alias"][0])
    else:
        alias = name or _text(match["module"][0].children[0] if match["module"][0].children else where)
    return Import(module, name, alias, where.start_byte - base, where.end_byte - base)


def _nest(definitions: list[Definition]) -> list[Definition]:
    """Give each definition the index of the one around it."""
    placed: list[Definition] = []
    around: list[int] = []
    for definition in definitions:
        while around and placed[around[-1]].end <= definition.start:
            around.pop()
        placed.append(definition._replace(parent=around[-1] if around else -1))
        if definition.body < definition.end:
            around.append(len(placed) - 1)
    return placed


class _Scope:
    __slots__ = ("defined", "end", "is_class", "lookup", "names", "outer", "start", "wide")

    def __init__(self, start: int, end: int, outer: _Scope | None, kind: str = "") -> None:
        self.start, self.end, self.outer = start, end, outer
        self.is_class = kind == "class"
        # what is evaluated outside of the scope that it is written in, as a default is
        outside = kind == "outside" and outer is not None and outer.lookup is not None
        self.lookup: _Scope | None = outer.lookup if outside and outer is not None else outer
        self.names: set[str] = set()
        self.defined: set[str] = set()
        """Those of `names` that functions and classes bind."""
        self.wide: set[str] = set()


class _Scopes:
    """Which of the item's names are local, and which come from outside."""

    def __init__(self, tree: Tree, node: Node, limit: int, within: Span | None) -> None:
        captures = tree.captures("locals", node, within)
        base = node.start_byte
        self.top = _Scope(base, node.end_byte, None)
        self.all = [self.top]
        opening = [
            (n, kind)
            for name, kind in (("scope", ""), ("scope.class", "class"), ("scope.outside", "outside"))
            for n in captures.get(name, ())
            if n.start_byte >= base and n.end_byte <= node.end_byte
        ]
        # where a node is both, what is evaluated outside goes first: its own names are inside
        opening.sort(key=lambda pair: (pair[0].start_byte, -pair[0].end_byte, pair[1] != "outside"))
        around = self.top
        for scope, kind in opening:
            while around.outer is not None and around.end <= scope.start_byte:
                around = around.outer
            around = _Scope(scope.start_byte, scope.end_byte, around, kind)
            self.all.append(around)
        self.local_at: dict[int, _Scope] = {}
        claimed: set[int] = set()
        marked = [
            (n.start_byte, name, n)
            for name in ("bind", "bind.parameter", "bind.outer", "global")
            for n in captures.get(name, ())
            if base <= n.start_byte < limit
        ]
        marked.sort(key=lambda entry: entry[0])
        around_each = self._around([at for at, _, _ in marked])
        for (at, name, n), scope in zip(marked, around_each, strict=True):
            claimed.add(at)
            text = _text(n)
            if name == "bind.outer" and scope.outer is not None:
                scope = scope.outer
                scope.defined.add(text)
            if name == "global":
                scope.wide.add(text)
            else:
                scope.names.add(text)
                self.local_at[at] = scope
        self.members = {n.start_byte: n for n in captures.get("member", ()) if base <= n.start_byte < limit}
        self.calls = {n.start_byte for n in captures.get("call", ())}
        skipped = {n.start_byte for n in captures.get("skip", ())}
        skipped |= claimed | self.members.keys()
        self.reads = [
            n for n in captures.get("read", ()) if n.start_byte not in skipped and base <= n.start_byte < limit
        ]
        self.binds = frozenset(self.top.names)
        self.wide = frozenset(name for scope in self.all for name in scope.wide)

    def _around(self, offsets: list[int]) -> list[_Scope]:
        """The innermost scope around each of the offsets, which come in order."""
        found: list[_Scope] = []
        around, ahead = self.top, 1
        for at in offsets:
            while True:
                while around.outer is not None and around.end <= at:
                    around = around.outer
                if ahead == len(self.all) or self.all[ahead].start > at:
                    break
                around = self.all[ahead]
                ahead += 1
            found.append(around)
        return found

    def visible(self, definition: Definition, base: int) -> bool:
        """A variable counts as a definition at the item's top or in a class, not in a function."""
        scope = self.local_at.get(base + definition.name_start)
        return scope is not None and (scope is self.top or scope.is_class)

    def uses(self, definitions: list[Definition], base: int) -> list[Use]:
        found: list[tuple[int, int, str, Role, str, bool]] = []
        for n, scope in zip(self.reads, self._around([n.start_byte for n in self.reads]), strict=True):
            name, at = _text(n), n.start_byte
            where = self._bound_in(name, scope)
            nested = where is not None and name in where.defined
            if where is None or nested:
                found.append((at, n.end_byte, name, "call" if at in self.calls else "read", "", nested))
        for at, n in self.members.items():
            holder = n.parent.child_by_field_name("object") if n.parent is not None else None
            if holder is None:
                receiver = ""
            elif holder.end_byte - holder.start_byte > _LONGEST_RECEIVER:
                receiver = "…"  # a long chain's text, read for each of its links, would cost the square of it
            else:
                receiver = _SPACE.sub("", _text(holder))
            role: Role = "member-call" if at in self.calls else "member"
            found.append((at, n.end_byte, _text(n), role, receiver, False))
        found.sort()
        uses: list[Use] = []
        around: list[int] = []
        ahead = 0
        for at, end, name, role, receiver, nested in found:
            here = at - base
            while ahead < len(definitions) and definitions[ahead].start <= here:
                if definitions[ahead].kind in ("function", "class"):
                    around.append(ahead)
                ahead += 1
            while around and definitions[around[-1]].end <= here:
                around.pop()
            uses.append(Use(name, here, end - base, role, receiver, around[-1] if around else -1, nested))
        return uses

    def _bound_in(self, name: str, innermost: _Scope) -> _Scope | None:
        """The scope inside the item that binds a name; None where it comes from outside."""
        while innermost.lookup is not innermost.outer and innermost.lookup is not None:
            innermost = innermost.lookup
        scope: _Scope | None = innermost
        while scope is not None and scope is not self.top:
            if name in scope.wide:
                return None
            # the names of a class are seen in its own body, not in its methods
            if name in scope.names and (scope is innermost or not scope.is_class):
                return scope
            scope = scope.lookup
        return None
