"""Whether a piece of a function can be a function of its own, and what that takes and gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.features.actions.extraction.flow import Name, certain, ends_certain, names, wide
from dovetail.graph import Symbol
from dovetail.graph.calls import decorators
from dovetail.graph.signature import signature_at
from dovetail.syntax import Match, Node
from dovetail.text import Span
from dovetail.world import File, Snapshot

QUERY = "extract"


@dataclass(frozen=True)
class Piece:
    """What is selected: whole statements, or one expression."""

    file: File
    symbol: Symbol
    """The function around it."""
    function: Node
    span: Span
    statements: tuple[Node, ...]
    """() for an expression."""
    rules: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """A piece that can be moved, and how."""

    piece: Piece
    takes: tuple[tuple[str, str], ...]
    """(name, annotation) of its parameters."""
    gives: tuple[str, ...]
    """Names that it gives back."""
    ends: bool
    """It ends with a return, which is passed on."""
    waits: bool
    receiver: str
    """The object that it belongs to, where it becomes a method."""
    decorators: tuple[str, ...]
    verbatim: tuple[Span, ...]
    """Texts whose lines stay where they are."""
    taken: frozenset[str]
    """Names that mean something in or around the function."""


def piece(snapshot: Snapshot, path: str, selected: Span) -> Piece | str:
    """What is selected, trimmed; or why it cannot be taken, "" where that is no news."""
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None or not len(selected):
        return ""
    rules = file.language.table(QUERY)
    if rules is None or file.language.query(QUERY) is None:
        return ""
    text = file.document.slice(selected)
    start = selected.start + len(text) - len(text.lstrip())
    span = Span(start, max(start, selected.end - len(text) + len(text.rstrip())))
    if not len(span):
        return ""
    symbol = snapshot.graph.enclosing(path, span.start, ("function",))
    if symbol is None or span.end > symbol.span.end or span.start < symbol.body:
        return ""
    block: str = file.language.settings["block"]
    node: Node | None = file.tree.named_at(span)
    assert node is not None
    function = _up(node, symbol.span)
    if function is None or function.has_error:
        return "the function has a syntax error; fix that first"
    if (node.start_byte, node.end_byte) == (span.start, span.end) and _is_value(node, rules, symbol.body):
        return Piece(file, symbol, function, span, (), rules)
    while node is not None and node.type != block:
        node = node.parent
    if node is None or node.start_byte < symbol.body:
        return ""
    statements = [n for n in node.named_children if n.start_byte < span.end and n.end_byte > span.start]
    while statements and statements[-1].is_extra and len(statements) > 1 and statements[-1].end_byte > span.end:
        statements.pop()
    real = [n for n in statements if not n.is_extra]
    if not real:
        return ""
    if statements[0].start_byte == symbol.body and symbol.doc:
        return f"the documentation of {symbol.name} stays where it is"
    if statements[0].start_byte < span.start or statements[-1].end_byte > span.end:
        return "select whole statements, or one expression"
    return Piece(
        file, symbol, function, Span(statements[0].start_byte, statements[-1].end_byte), tuple(statements), rules
    )


def plan(snapshot: Snapshot, found: Piece) -> Plan | str:
    """How the piece is moved; or why that could change what the program does."""
    return _Planner(snapshot, found).plan()


class _Planner:
    def __init__(self, snapshot: Snapshot, found: Piece) -> None:
        self.snapshot, self.piece, self.file = snapshot, found, found.file
        assert self.file.tree is not None and self.file.language is not None
        self.tree, self.language, self.settings = self.file.tree, self.file.language, self.file.language.settings
        self.span = found.span
        self.conditional: Mapping[str, list[str]] = (self.language.table("validation") or {}).get("conditional", {})
        self.block: str = self.settings["block"]
        self.said: Match = self.tree.captures(QUERY, found.function)
        self.changed: frozenset[str] = frozenset()
        """Names that other functions say are not their own."""
        self.apart = [n for n in self.said.get("apart", ()) if n != found.function]
        self.body = found.statements[0].parent if found.statements else None
        """The block whose statements are selected."""
        self.place = found.statements[0] if found.statements else self.tree.named_at(found.span)

    def plan(self) -> Plan | str:
        piece, span = self.piece, self.span
        if reason := self._shares_lines():
            return reason
        ends = bool(piece.statements) and piece.statements[-1] in self.said.get("return", ())
        if reason := self._leaves(ends):
            return reason
        item = self._item()
        updates = frozenset(n.start_byte for n in self.said.get("update", ()))
        outside, self.changed = wide(self.tree, item, span)
        every = names(self.tree, item, piece.function, span, updates, self._later())
        deleted = {_text(n) for n in self.said.get("delete", ())}
        reads = self.tree.captures("locals", piece.function, span).get("read", ())
        if gone := deleted & {_text(n) for n in reads if self._in(n)}:
            return f"{min(gone)} is deleted in {piece.symbol.name}"
        takes: list[str] = []
        gives: list[str] = []
        for name in every:
            told = self._one(name, ends)
            if isinstance(told, str):
                return told
            takes += [name.text] * told[0]
            gives += [name.text] * told[1]
        for node in self._inside("update"):
            if _text(node) in outside:
                return f"{_text(node)} is not the function's own"
        bound = {text for text in outside if any(_text(n) == text for n in self._bound_inside())}
        if bound:
            return f"{', '.join(sorted(bound))} is not the function's own"
        receiver, reason = self._receiver(takes)
        if reason:
            return reason
        taken = self.snapshot.graph.files[self.file.path].bound | self.language.builtins | {n.text for n in every}
        taken |= {u.name for u in (at.use for at in self.snapshot.graph.uses_in(self.file.path, piece.symbol.span))}
        own = decorators(self.snapshot.graph, piece.symbol)
        return Plan(
            piece, self._typed([name for name in takes if name != receiver], every), tuple(gives), ends,
            bool(self._inside("wait")), receiver, tuple(d for d in piece.rules["decorators"] if d in own),
            tuple(Span(n.start_byte, n.end_byte) for n in self._inside("verbatim")), frozenset(taken),
        )  # fmt: skip

    # ---- one name ---------------------------------------------------------------------------

    def _one(self, name: Name, ends: bool) -> tuple[bool, bool] | str:
        """(is taken, is given back) of a name, or why its values cannot be followed."""
        binds_in = [n for n in name.binds if self._in(n)]
        binds_out = [n for n in name.binds if not self._in(n)]
        reads_in = [(n, later) for n, later in name.reads if self._in(n)]
        reads_out = [(n, later) for n, later in name.reads if not self._in(n)]
        if not binds_in and not reads_in:
            return False, False
        if name.text in self.changed:
            return f"{name.text} may be changed by another function"
        if binds_in and name.outer:
            return f"{name.text} belongs to a function around {self.piece.symbol.name}"
        if binds_in and any(later for _, later in reads_out):
            return f"{name.text} is read by what runs later in {self.piece.symbol.name}"
        before = not all(any(certain(b, n, self.conditional, self.block) for b in binds_in) for n, _ in reads_in)
        needs = bool(binds_out) and before
        if binds_in and not self._at_once(binds_in) and self._after_an_error(reads_out, needs):
            return f"{name.text} may be read after an error in the selection"
        loop = self._loop_around()
        moves = [n for n in binds_out if n.start_byte >= self.span.end or (loop is not None and _holds(loop, n))]
        if any(later for _, later in reads_in) and (moves or (name.outer and not name.fixed)):
            return f"{name.text} may change before what reads it in the selection is run"
        given = not ends and any(
            n.start_byte >= self.span.end or (loop is not None and _holds(loop, n)) for n, _ in reads_out
        )
        turns = before and not ends and self._turns(binds_out)
        given = bool(binds_in) and (given or turns)
        needs = needs or (given and turns)
        if given and not any(self.body and ends_certain(b, self.body, self.conditional) for b in binds_in):
            needs = True
        if needs and not name.within and not any(
            certain(b, self.place, self.conditional, self.block) for b in binds_out
        ):  # fmt: skip
            return f"{name.text} may have no value {'after the selection' if given else 'here'}"
        if given and not binds_out and not any(
            self.body and ends_certain(b, self.body, self.conditional) for b in binds_in
        ):  # fmt: skip
            return f"{name.text} may have no value after the selection"
        return needs, given

    def _later(self) -> list[Node]:
        """What is not done when its place is reached: functions, and generators but those that are used up there."""
        local = self.tree.captures("locals", self.piece.function)
        bound = {_text(n) for kind, nodes in local.items() if kind.startswith("bind") for n in nodes}
        bound |= self.snapshot.graph.files[self.file.path].bound
        uses = {_text(n) for n in self.said.get("uses", ())}
        used = self.said.get("used", ()) if not uses & bound else ()
        return [*self.said.get("apart", ()), *(n for n in self.said.get("late", ()) if n.parent not in used)]

    def _at_once(self, binds: Sequence[Node]) -> bool:
        """Whether the selection is one assignment, which is done or not: an error leaves nothing half done."""
        real = [n for n in self.piece.statements if not n.is_extra]
        if len(real) != 1 or len(binds) != 1 or binds[0] not in self.said.get("whole", ()):
            return False
        return binds[0].parent is not None and binds[0].parent.parent == real[0]

    def _after_an_error(self, reads: Sequence[tuple[Node, bool]], needs: bool) -> bool:
        """Whether something may read what an error has left half done: where it is caught, later, or a turn later.

        needs: whether the selection itself reads what was there before.
        """
        for tried in (n for n in self.said.get("tried", ()) if _holds(n, self.place)):
            left = self._left_by(tried)
            if any(tried.end_byte <= n.start_byte < (left or n.end_byte) for n, _ in reads):
                return True
            if left:
                continue
            loops = [n for n in self.said.get("loop", ()) if n.start_byte < tried.start_byte and _holds(n, tried)]
            if loops and (needs or any(_holds(loop, n) for loop in loops for n, _ in reads)):
                return True
        return False

    def _left_by(self, tried: Node) -> int:
        """Where something ends that every error in a piece of it leaves for what is around it; 0: none."""
        around = tried.parent
        if around is None or around not in self.said.get("catches", ()):
            return 0
        stays = [
            n for n in self.said.get("handler", ()) if n.parent == around and n not in self.said.get("leaving", ())
        ]
        jumps = [n for n in self.said.get("jump", ()) if _holds(around, n) and not _holds(tried, n)]
        return 0 if stays or jumps else around.end_byte

    def _turns(self, binds_out: Sequence[Node]) -> bool:
        """Whether what the selection has bound may be what it reads at its next turn in a loop."""
        loop = max(self._loops(), key=lambda n: n.start_byte, default=None)
        return loop is not None and not any(
            _holds(loop, b) and certain(b, self.place, self.conditional, self.block) for b in binds_out
        )

    def _loop_around(self) -> Node | None:
        """The outermost loop of the function that the piece is in."""
        return min(self._loops(), key=lambda n: n.start_byte, default=None)

    def _loops(self) -> list[Node]:
        return [n for n in self.said.get("loop", ()) if _holds(n, self.place) and not self._in(n)]

    # ---- the whole --------------------------------------------------------------------------

    def _shares_lines(self) -> str:
        document = self.file.document
        if not self.piece.statements:
            return ""
        first, last = document.line_at(self.span.start), document.line_at(max(self.span.end - 1, 0))
        before = document.text(Span(document.start_of(first), self.span.start))
        after = document.text(Span(self.span.end, document.line(last).end)).strip()
        mark: str = self.settings["comment"].strip()
        if before.strip() or (after and not after.startswith(mark)):
            return "the selection shares a line with other statements; break it first"
        return ""

    def _leaves(self, ends: bool) -> str:
        name = self.piece.symbol.name
        returns = self._inside("return")
        if len(returns) > ends:
            return f"the selection may leave {name} (return), and then what follows would still run"
        if self._inside("yield"):
            return f"the selection yields a value of {name}"
        for jump in self._inside("jump"):
            around = [n for n in self.said.get("loop", ()) if _holds(n, jump)]
            nearest = max(around, key=lambda n: n.start_byte, default=None)
            if nearest is None or not (self.span.start <= nearest.start_byte and nearest.end_byte <= self.span.end):
                return f"`{_text(jump)}` is about a loop outside of the selection"
        for kind, reason in (
            ("wide", "the selection says of a name that it is not the function's own"),
            ("sees", "the selection looks at all names around it"),
        ):
            if self._inside(kind, apart=True):
                return reason
        if self._inside("wait") and not any(
            n.parent == self.piece.function for n in self.said.get("async", ())
        ):  # fmt: skip
            return "the selection waits, and the function around it does not"
        inner = self._inside("inner", apart=True)
        if inner and (not self.piece.statements or any(self._in_expression_scope(n) for n in inner)):
            return f"{_text(inner[0])} gets a value inside of an expression"
        return ""

    def _in_expression_scope(self, node: Node) -> bool:
        """Whether a value is given from inside a scope that is no block, which the scope rules cannot follow."""
        around = node.parent
        while around is not None and around.type != self.block:
            if any(around.start_byte == s.start_byte and around.end_byte == s.end_byte for s in self._comprehensions()):
                return True
            around = around.parent
        return False

    def _comprehensions(self) -> list[Node]:
        blocks = self.tree.captures("locals", self.piece.function)
        return [n for n in blocks.get("scope", ()) if n not in self.said.get("apart", ())]

    def _receiver(self, takes: Sequence[str]) -> tuple[str, str]:
        """(the object that the piece needs to be a method of, why that cannot be)."""
        symbol, receivers = self.piece.symbol, self.settings.get("receivers", ())
        written = signature_at(self.tree, symbol.span, symbol.body)
        first = written.parameters[0].name if written and written.parameters else ""
        is_method = symbol.kind == "method" and first in receivers
        own, private = self._inside("own", apart=True), self._inside("private", apart=True)
        if is_method and (first in takes or own or private):
            if any(_text(n) == "__class__" for n in own):
                return "", "the selection asks for the class that it stands in"
            return first, ""
        if own:
            return "", "the selection asks for the class that it stands in"
        if private and symbol.container:
            return "", f"{_text(private[0])} means something else outside of its class"
        return "", ""

    def _typed(self, takes: Sequence[str], every: Sequence[Name]) -> tuple[tuple[str, str], ...]:
        """The parameters with the annotations that the function's own have, where they still hold that value."""
        symbol = self.piece.symbol
        written = signature_at(self.tree, symbol.span, symbol.body)
        plain = [p for p in written.parameters if p.passed not in ("rest", "rest by name")] if written else []
        said = {p.name: p.type for p in plain}
        same = {
            n.text for n in every
            if n.parameter and not n.outer and all(self._in(b) or b.start_byte < symbol.body for b in n.binds)
        }  # fmt: skip
        return tuple((name, said.get(name, "") if name in same else "") for name in takes)

    def _item(self) -> Node:
        """The item of the graph around the function: what the scope rules are told of."""
        facts = self.snapshot.graph.files[self.file.path]
        first, last = facts.leaves.meeting(self.piece.symbol.span)
        for index in range(first, last):
            start, end = int(facts.leaves.starts[index]), int(facts.leaves.ends[index])
            if start <= self.piece.symbol.span.start and self.piece.symbol.span.end <= end:
                return _up(self.tree.named_at(Span(start, end)), Span(start, end)) or self.piece.function
        return self.piece.function

    # ---- small things -----------------------------------------------------------------------

    def _in(self, node: Node) -> bool:
        return self.span.start <= node.start_byte and node.end_byte <= self.span.end

    def _bound_inside(self) -> list[Node]:
        local = self.tree.captures("locals", self.piece.function, self.span)
        return [n for kind in ("bind", "bind.outer", "bind.function") for n in local.get(kind, ()) if self._in(n)]

    def _inside(self, kind: str, *, apart: bool = False) -> list[Node]:
        """What the query found in the selection; without `apart` not what is nested in functions there."""
        found = [n for n in self.said.get(kind, ()) if self._in(n)]
        if apart or kind == "verbatim":
            return found
        inner = [a for a in self.apart if self._in(a)]
        return [n for n in found if not any(_holds(a, n) and a != n for a in inner)]


def _is_value(node: Node, rules: Mapping[str, Any], body: int) -> bool:
    """Whether a node is an expression whose value can come from elsewhere."""
    if node.type not in rules["expressions"] or node.parent is None:
        return False
    around = node.parent
    if any(around.child_by_field_name(field) == node for field in rules["not-values"].get(around.type, ())):
        return False
    child: Node | None = node
    while child is not None and child.start_byte >= body:
        if child.type in rules["not-in"]:
            return False
        child = child.parent
    return True


def _up(node: Node | None, span: Span) -> Node | None:
    """The outermost node of exactly this span, from one inside."""
    while node is not None and (node.start_byte, node.end_byte) != (span.start, span.end):
        node = node.parent
    return node


def _holds(outer: Node, node: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
