"""What one item of a file (a top-level statement, a member of a class) says: plain, picklable facts.

Every offset is relative to the item's start, so that an item that merely moves keeps its facts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from inspect import cleandoc
from itertools import chain
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from dovetail.graph.scopes import Piece, Scope, Scopes, Site, gathered, text_of
from dovetail.graph.values import Shapes, in_own_value, shapes
from dovetail.syntax import Language, Match, Node, Tree
from dovetail.text import Span

Kind = Literal["function", "class", "interface", "enum", "type", "module", "variable", "constant", "field"]
CLASSES: frozenset[str] = frozenset(("class", "interface", "enum", "type", "module"))
"""What has members."""
OPEN: frozenset[str] = frozenset(("module",))
"""What has members that the file around it sees as its own: namespaces."""
_BARE: frozenset[str] = frozenset(("variable", "constant"))
"""What is a definition at the top and in a class, and a mere local name in a function."""
_KINDS: Mapping[str, Kind] = {f"definition.{kind}": kind for kind in get_args(Kind)}
Role = Literal["read", "call", "member", "member-call", "mention", "mention-call"]

_COMMENT = re.compile(r"^\s*(?:/\*\*?|\*(?!/)|//[/!]?|#+|--+|;+)? ?")
"""What a line of a comment begins with."""


_MARKS = "\"':"
"""What stands around a name that is written as a text or a symbol."""


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
    type: str = ""
    """The type that is written for it, or that it is written to return."""
    of: str = ""
    """The type that it belongs to although it stands outside of it (Go's methods)."""


class Use(NamedTuple):
    """A name that is read, and is not a variable or parameter inside the item."""

    name: str
    start: int
    end: int
    role: Role
    """`mention`: it may be read, nobody can tell (an argument of a macro)."""
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
    at: int
    """Where the name that it binds is written."""


class Export(NamedTuple):
    """`export { local as name } from module`."""

    name: str
    """What others see; "*" for everything, "default" for the default."""
    local: str
    """What it is called where it comes from; "" for a value without a name."""
    module: str
    """Where it comes from, "" for this file."""


class Inherit(NamedTuple):
    """A base of a class."""

    owner: int
    """Index of the class, -1 where it is the one around the item: a mixin."""
    base: str


class Facts(msgspec.Struct, frozen=True, dict=True, array_like=True):
    """What one item says. Made, written and read in a fraction of a dataclass's time; `dict` is for what is cached."""

    definitions: tuple[Definition, ...]
    uses: tuple[Use, ...]
    imports: tuple[Import, ...]
    inherits: tuple[Inherit, ...]
    binds: frozenset[str]
    """Names that the item binds in the scope around it."""
    wide: frozenset[str]
    """Names that the item binds in the file from inside a function (`global`)."""
    exports: tuple[Export, ...] = ()
    passes: bool = False
    """Whether it is an attribute, or the like, that stands between a definition and its documentation."""
    listed: tuple[str, ...] = ()
    """The names that an import of everything brings, where the file lists them."""

    @property
    def says(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.definitions or self.uses or self.imports or self.binds or self.exports or self.passes)

    @cached_property
    def defined(self) -> frozenset[str]:
        return frozenset(d.name for d in self.definitions)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The names that it uses, or gets from elsewhere and passes on."""
        return frozenset(mentioned((self,)))

    @cached_property
    def outline(self) -> tuple[tuple[str, str, str], ...]:
        """(name, kind, what it is in) of all that other items may see of this one, sorted.

        The kind is "" for what reaches further than its name: imports, exports, bases.
        """
        d = self.definitions
        return tuple(
            sorted(
                [
                    *((o.name, o.kind, f"{o.of or (d[o.parent].name if o.parent >= 0 else '')} {o.name in self.binds}")
                      for o in d),
                    *((i.alias, "", f"{i.module} {i.name}") for i in self.imports),
                    *((e.name, "", f"{e.module} {e.local}") for e in self.exports),
                    *((i.base, "", str(i.owner)) for i in self.inherits),
                    *((name, "", "*") for name in self.listed),
                ]
            )
        )  # fmt: skip

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


def mentioned(items: Sequence[Facts]) -> set[str]:
    """`Facts.mentioned` of several."""
    names = {use.name for facts in items for use in facts.uses}
    names.update(i.name for facts in items for i in facts.imports)
    names.update(e.local for facts in items for e in facts.exports if e.module)
    return names - {"", "*"}  # a name that the parser misses is empty


_LONGEST_HEAD = 120
"""Bytes of what has no body that are kept as its signature."""
_COMMENTED = re.compile(rb"#|//|/\*|--")
"""What may begin a comment in a head."""
_LONGEST_RECEIVER = 80
"""Bytes before a dot that are kept."""
_DOC_OPENS = 8
"""Bytes into a body within which the text of its documentation begins: a prefix and three quotes."""


def tell(tree: Tree, pieces: Sequence[Piece], *, whole: bool = False) -> list[Facts]:
    """The facts of items that do not overlap, in the order of the text. Of a container what stands before its body.

    whole: they are all that the tree has, which one walk over it costs less than a walk over each.
    """
    if not pieces:
        return []
    tags, captures, holders = gathered(
        tree.language,
        tree.numbered("tags", "locals", tree.root)
        if whole
        else chain.from_iterable(_matches(tree, piece) for piece in pieces),
    )
    scopes = Scopes.of(tree, pieces, captures)
    told = _told(tree, pieces, tags, scopes)
    placed = [_nest(one.definitions) if one.definitions else () for one in told]
    uses = _uses(tree, scopes, pieces, placed, holders)
    habits = _habits(tree.language)
    return [
        Facts(
            tuple(definitions),
            named,
            one.imports,
            tuple([Inherit(_owner(definitions, at), name) for at, name in one.inherits]),
            frozenset(top.names),
            frozenset(scopes.wide[top]) if top in scopes.wide else _NO_NAMES,
            one.exports,
            piece.node.type in habits.passes,
            one.listed,
        )
        for piece, top, one, definitions, named in zip(pieces, scopes.tops, told, placed, uses, strict=True)
    ]


def _matches(tree: Tree, piece: Piece) -> list[tuple[int, Match]]:
    """What both queries say of one item: of a container's body how it is documented, and nothing else."""
    node, start, limit, end, depth = piece
    if limit == end:
        return tree.numbered("tags", "locals", node, depth=depth)
    says = _says(tree.language)
    found: list[tuple[int, Match]] = []
    for number, match in tree.numbered("tags", "locals", node, Span(start, limit + _DOC_OPENS), depth=depth):
        what = says[number][0] if number < len(says) else next(iter(match), "")
        if what == "documents" or what in match and match[what][0].start_byte < limit:
            found.append((number, match))
    return found


_NO_NAMES: frozenset[str] = frozenset()
_NO_OWNER = (1 << 62, 1 << 62, -1)
"""Begins behind every text."""


@cache
def _says(language: Language) -> tuple[tuple[str, Kind | None], ...]:
    """By pattern of `tags` the capture that it tells of, "" where it tells nothing; what it defines."""
    patterns, first = language.patterns("tags", "locals")
    found: list[tuple[str, Kind | None]] = []
    for names in patterns[:first]:
        kind: Kind | None = next((_KINDS[name] for name in names if name in _KINDS), None)
        found.append((f"definition.{kind}" if kind else next((name for name in _TOLD if name in names), ""), kind))
    return tuple(found)


_TOLD = ("documents", "import", "inherits", "export", "export.default", "listed")


def _text(tree: Tree, node: Node) -> str:
    """What a node says; asking the node itself costs more."""
    return tree.bytes_of(node.start_byte, node.end_byte).decode("utf-8", "replace")


def _plain(tree: Tree, node: Node) -> str:
    """A name or a path as it is meant: without space and quotes."""
    return _dense(_text(tree, node)).strip("\"'`<>")


def _dense(text: str) -> str:
    """Without space."""
    return "".join(text.split())


def _line(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


@dataclass(frozen=True, eq=False)
class _Habits:
    """What `language.toml` says of definitions and imports."""

    trim: str
    receivers: frozenset[str]
    comments: frozenset[str]
    noise: re.Pattern[str] | None
    passes: frozenset[str]
    wrappers: frozenset[str]
    separator: str
    package: str


@cache
def _habits(language: Language) -> _Habits:
    settings = language.settings
    return _Habits(
        settings.get("signature-end", ""),
        frozenset(settings.get("receivers", ())),
        frozenset(settings.get("doc-comments", ())),
        re.compile(settings["doc-noise"]) if "doc-noise" in settings else None,
        frozenset(settings.get("doc-passes", ())),
        language.wrappers,
        settings.get("imports", {}).get("separator", "."),
        settings.get("imports", {}).get("package", ""),
    )


def _told(tree: Tree, pieces: Sequence[Piece], tags: Iterable[tuple[int, Match]], scopes: Scopes) -> list[_Told]:
    """What the queries of `tags.scm` say of each item."""
    says = _says(tree.language)
    habits = _habits(tree.language)
    told = [_Told(tree, habits, piece.start) for piece in pieces]
    starts = [piece.start for piece in pieces]
    docs: dict[int, list[Node]] = {}
    for number, match in tags:
        what, kind = says[number]
        if what not in match:
            continue
        node = match[what][0]
        at = node.start_byte
        if what == "documents":
            docs.setdefault(at, match["doc"])
            continue
        place = bisect_right(starts, at) - 1
        if place < 0 or at >= pieces[place].limit:
            continue
        one = told[place]
        if "item" in match and match["item"][0].start_byte != one.base:
            continue  # it says so only at the top of a file
        if kind is not None:
            # a variable counts as a definition at the item's top or in a class, not in a function
            if kind not in _BARE or _visible(scopes, match["name"][0]):
                one.define(match, kind, node)
        elif what == "import":
            one.imports += (one.imported(match, node),)
        elif what == "inherits":
            one.inherits += ((at - one.base, _plain(tree, match["base"][0])),)
        elif what == "export":
            one.export(match)
        elif what == "listed":
            one.listed += (_plain(tree, node),)
        else:
            one.exports += (Export("default", _plain(tree, node), ""),)
    for one in told:
        one.finish(docs)
    return told


class _Told:
    """What the queries of `tags.scm` say of one item."""

    imports: tuple[Import, ...] = ()
    inherits: tuple[tuple[int, str], ...] = ()
    exports: tuple[Export, ...] = ()
    listed: tuple[str, ...] = ()
    definitions: Sequence[Definition] = ()

    def __init__(self, tree: Tree, habits: _Habits, base: int) -> None:
        self.tree = tree
        self.habits = habits
        self.base = base
        self._found: dict[tuple[int, int], Definition] = {}

    def _plain(self, node: Node) -> str:
        return _plain(self.tree, node)

    def _module(self, node: Node) -> str:
        """A path as it is meant; `<string.h>` is not `"string.h"`."""
        return _dense(_text(self.tree, node)).strip("\"'`")

    def define(self, match: Match, kind: Kind, whole: Node) -> None:
        definition = self._definition(match, kind, whole)
        if definition is not None:
            key = (definition.start, definition.name_start)
            known = self._found.get(key)
            # `const f = () => …` is a function, although it is a constant as well
            if known is None or definition.body < definition.end and known.body == known.end:
                self._found[key] = definition

    def finish(self, docs: Mapping[int, list[Node]]) -> None:
        """docs: what documents, by where the body begins that it opens."""
        if not self._found:
            return
        self.definitions = list(self._found.values())
        if docs:
            self.definitions = [
                d._replace(doc=cleandoc("".join(self.tree.texts(docs[self.base + d.body]))))
                if d.body < d.end and not d.doc and self.base + d.body in docs
                else d
                for d in self.definitions
            ]
        if len(self.definitions) > 1:
            self.definitions.sort(key=lambda d: (d.start, -d.end, d.name_start))

    def _definition(self, match: Match, kind: Kind, whole: Node) -> Definition | None:
        habits, tree, base = self.habits, self.tree, self.base
        if "receiver" in match and _text(self.tree, match["receiver"][0]) not in habits.receivers:
            return None
        name = match["name"][0]
        begin, stop = whole.start_byte, whole.end_byte
        body = match["body"][0] if "body" in match else None
        if body is not None:
            signature = _line(self._head(whole, begin, body.start_byte).decode("utf-8", "replace"))
            if habits.trim:
                signature = signature.removesuffix(habits.trim).rstrip()
        else:
            head = tree.bytes_of(begin, min(begin + _LONGEST_HEAD, stop))
            signature = _line(head.split(b"\n", 1)[0].decode("utf-8", "replace"))
        written = match.get("type") or match.get("returns")
        text = _text(self.tree, name)
        bare = text.strip(_MARKS) or text  # `attr_reader :id`
        at = name.start_byte - base + (len(text[: text.index(bare)].encode()) if bare != text else 0)
        return Definition(
            bare, kind, begin - base, stop - base, at, at + (len(bare) if bare.isascii() else len(bare.encode())),
            (stop if body is None else body.start_byte) - base, -1, signature,
            self._documentation(whole) if habits.comments else "",
            _line(_text(self.tree, written[0])) if written else "",
            self._plain(match["receiver.type"][0]) if "receiver.type" in match else "",
        )  # fmt: skip

    def _head(self, whole: Node, begin: int, end: int) -> bytes:
        """A signature without its comments; of one that is broken, the lines before the one where it breaks."""
        head = self.tree.bytes_of(begin, end)
        if not whole.has_error and _COMMENTED.search(head) is None:
            return head
        comments: list[tuple[int, int]] = []
        waiting: list[Node] = [whole]
        while waiting:
            node = waiting.pop()
            if node.start_byte >= end or node.end_byte <= begin:
                continue
            if "comment" in node.type:
                comments.append((node.start_byte, node.end_byte))
            elif node.is_error and (line := head.find(b"\n")) >= 0:
                end = min(end, max(node.start_byte, begin + line))
            else:
                waiting += node.children
        kept, at = b"", begin
        for start, stop in sorted(comments):
            kept += self.tree.bytes_of(at, min(start, end)) if at < end else b""
            at = max(at, stop)
        return kept + (self.tree.bytes_of(at, end) if at < end else b"")

    def _documentation(self, whole: Node) -> str:
        """The comments that stand right before a definition."""
        node = whole
        # the first in a group has what stands before the group as well, the others only what stands before themselves
        while node.parent is not None and node.parent.type in self.habits.wrappers:
            before = node.prev_named_sibling
            if before is not None and (before.type == node.type or before.type in self.habits.comments):
                break
            node = node.parent
        # … or stands before the block of which it is the first
        while (
            node.prev_sibling is None
            and node.parent is not None
            and node.parent.parent is not None
            and node.parent.start_byte == node.start_byte
        ):
            node = node.parent
        lines: list[str] = []
        row = node.start_point.row
        before = node.prev_sibling
        while (
            before is not None
            and (before.type in self.habits.comments or before.type in self.habits.passes)
            and before.end_point.row >= row - 1 - (before.end_point.column == 0)
        ):
            row = before.start_point.row
            above = before.prev_sibling
            if before.type in self.habits.comments:
                if above is not None and above.end_point.row == row and above.end_point.column:
                    break  # it tells of what it stands behind
                lines[:0] = _text(self.tree, before).splitlines()
            before = above
        text = "\n".join(_COMMENT.sub("", line).removesuffix("*/").rstrip() for line in lines)
        if self.habits.noise is not None:  # what a group holds stays
            text = self.habits.noise.sub(lambda found: found[found.lastindex] if found.lastindex else "", text)
        return cleandoc(text).strip()

    def imported(self, match: Match, statement: Node) -> Import:
        module = self.habits.separator.join(self._module(n) for n in match["module"]) if "module" in match else ""
        if "relative" in match and not module.startswith("."):
            module = f"./{module.lstrip('/')}"
        default = match.get("imported.default")
        named = match.get("imported") or default
        where = (named or match.get("all") or match.get("module") or [statement])[0]
        name = "default" if default else self._plain(match["imported"][0]) if "imported" in match else ""
        if "all" in match:
            name, alias = "*", self._plain(match["alias"][0]) if "alias" in match else ""
        elif "alias" in match:
            alias = self._plain(match["alias"][0])
        elif default:
            alias = self._plain(default[0])
        elif name:
            alias = name.rsplit(self.habits.separator, 1)[-1]
        else:
            first = match["module"][0]
            alias = (
                self._plain(first.children[0]) if first.children and first.children[0].is_named else self._plain(first)
            )
            if self.habits.package and (found := re.search(self.habits.package, module)):
                alias = found.group(1)
        binds = match["alias"][0] if "alias" in match else where
        return Import(
            module, name, alias, where.start_byte - self.base, where.end_byte - self.base, binds.start_byte - self.base
        )

    def export(self, match: Match) -> None:
        module = self._plain(match["module"][0]) if "module" in match else ""
        if "all" in match:
            self.exports += (Export(self._plain(match["alias"][0]) if "alias" in match else "*", "*", module),)
        elif "exported" in match:
            local = self._plain(match["exported"][0])
            self.exports += (Export(self._plain(match["alias"][0]) if "alias" in match else local, local, module),)


def _nest(definitions: Sequence[Definition]) -> list[Definition]:
    """Give each definition the index of the one around it."""
    placed: list[Definition] = []
    around: list[int] = []
    for definition in definitions:
        while around and placed[around[-1]].end <= definition.start:
            around.pop()
        placed.append(definition._replace(parent=around[-1]) if around else definition)
        if definition.body < definition.end:
            around.append(len(placed) - 1)
    if len(placed) == 1:
        return placed
    return [_at_home(placed, d) if d.kind == "field" and not d.of else d for d in placed]


def _at_home(placed: list[Definition], field: Definition) -> Definition:
    """A field that a method sets belongs to the class of the method, also where that stands outside of it."""
    owner = field.parent
    while owner >= 0 and placed[owner].kind not in CLASSES:
        if placed[owner].of:
            return field._replace(of=placed[owner].of)
        owner = placed[owner].parent
    return field


def _owner(placed: Sequence[Definition], at: int) -> int:
    """The class that begins at a place, or else the innermost one around it; -1 where none is in the item."""
    exact = next((i for i, d in enumerate(placed) if d.start == at), -1)
    if exact >= 0:
        return exact
    return max((i for i, d in enumerate(placed) if d.kind in CLASSES and d.start < at < d.end), default=-1)


def _visible(scopes: Scopes, name: Node) -> bool:
    """Whether a name is bound at the item's top or in a class."""
    scope = scopes.local_at.get(name.start_byte)
    return scope is not None and (scope.outer is None or scope.is_class)


def _holder(member: Node) -> Node | None:
    """What stands before a member's dot: the first child beside it, seen through a node that holds it alone."""
    node = member
    for _ in range(3):
        parent = node.parent
        if parent is None:
            return None
        first = parent.named_child(0)
        if first is None or first.id != node.id:
            return first
        unnamed = parent.child(0)  # `this` is a keyword in some grammars
        if unnamed is not None and unnamed.id != node.id and text_of(unnamed).isidentifier():
            return unnamed
        node = parent
    return None


def _called_in(scopes: Scopes, where: Scope, name: str, at: int, table: Shapes | None, *, apart: bool) -> Scope | None:
    """The scope that binds a name that is called, where it is bound by then; None where it comes from outside.

    apart: what is called is never a variable.
    """
    found: Scope | None = where
    while found is not None and name not in found.defined:
        if not apart and (table is None or any(not _later(site, at, table) for site in found.names[name])):
            return found
        found = scopes.bound_in(name, found.lookup) if found.lookup is not None else None
    return found


def _later(site: Site, at: int, table: Shapes) -> bool:
    """Whether a name is bound behind a place, or by a value that the place is in: `let x = x(1)`."""
    if site.parameter or site.node.start_byte > at:
        return not site.parameter
    return in_own_value(site.node, at, table)


def _uses(
    tree: Tree,
    scopes: Scopes,
    pieces: Sequence[Piece],
    definitions: Sequence[Sequence[Definition]],
    holders: Mapping[int, Node],
) -> list[tuple[Use, ...]]:
    """Of each item the names that it reads, in the order of the text."""
    found: list[tuple[int, int, str, Role, str, bool]] = []
    calls, mentions, reads = scopes.calls, scopes.mentions, scopes.reads
    inner = scopes.inner
    known: dict[tuple[Scope, str], Scope | None] = {}
    around = scopes.around(scopes.read_at)
    told_of: Mapping[str, Any] = tree.language.settings.get("scope", {})
    ordered, apart = bool(told_of.get("declared-first")), bool(told_of.get("calls-apart"))
    table = shapes(tree.language.name)
    for at, n, name, scope in zip(scopes.read_at, reads, tree.texts(reads), around, strict=True):
        nested = False
        if name in inner:
            key = (scope, name)
            if key in known:
                where = known[key]
            else:
                where = known[key] = scopes.bound_in(name, scope)
            if where is not None and at in calls and (ordered or apart):
                where = _called_in(scopes, where, name, at, table if ordered else None, apart=apart)
            if where is not None and not (nested := name in where.defined):
                continue
        said: Role = "call" if at in calls else "read"
        if mentions and at in mentions:
            said = "mention-call" if said == "call" else "mention"
        found.append((at, n.end_byte, name, said, "", nested))
    own = {piece.start + d.name_start for piece, defined in zip(pieces, definitions, strict=True) for d in defined}
    members = scopes.members
    texts, numbers = tree.texts(members.values()), scopes.number(list(members))
    for (at, n), name, number in zip(members.items(), texts, numbers, strict=True):
        if at in own:
            continue  # `void Order::total()` defines it
        holder = holders.get(at) or _holder(n)
        # in broken code what stands before may belong to another item
        if holder is None or holder.start_byte < pieces[number].start:
            receiver = ""
        elif at in mentions or holder.end_byte - holder.start_byte > _LONGEST_RECEIVER:
            receiver = "…"  # a long chain's text, read for each of its links, would cost the square of it
        else:
            receiver = _dense(_text(tree, holder))
        found.append((at, n.end_byte, name, "member-call" if at in calls else "member", receiver, False))
    found.sort()
    uses: list[tuple[Use, ...]] = [()] * len(pieces)
    told, last = list[Use](), -1
    owners: list[tuple[int, int, int]] = []
    around_it: list[tuple[int, int, int]] = []
    base = ahead = 0
    for (at, end, name, role, receiver, nested), number in zip(
        found, scopes.number([row[0] for row in found]), strict=True
    ):
        if number != last:
            if told:
                uses[last] = tuple(told)
            told, last, base, ahead, around_it = [], number, pieces[number].start, 0, []
            owners = [
                (d.start, d.end, index)
                for index, d in enumerate(definitions[number])
                if d.kind == "function" or d.kind in CLASSES
            ]
            owners.append(_NO_OWNER)
        here = at - base
        while owners[ahead][0] <= here:
            around_it.append(owners[ahead])
            ahead += 1
        while around_it and around_it[-1][1] <= here:
            around_it.pop()
        owner = around_it[-1][2] if around_it else -1
        told.append(Use(name, here, end - base, role, receiver, owner, nested))
    if told:
        uses[last] = tuple(told)
    return uses
