"""Small edits of a function that may make a wrong answer right, likeliest first.

The queries of `grammars/<language>/repair.scm` say what stands where, `repair.toml` what it may be taken for. Here is
only how the two are combined; nothing is known of the program or of what it should do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.syntax import Node, Tree
from dovetail.text import Document, Edit, Span

_LONGEST = 40
"""Characters of an expression that is put in another's place."""
_NAMES = 14
_POOL = 40


@dataclass(frozen=True, slots=True)
class Mutation:
    """One edit, and how likely such an edit is."""

    kind: str
    edit: Edit
    weight: float


def mutations(
    tree: Tree, document: Document, function: Span, suspicion: Callable[[int], float], rules: Mapping[str, Any]
) -> list[Mutation]:
    """Every mutation of a function with its share of probability, the likeliest first. suspicion: of a line, 0 to 1."""
    maker = _Maker(tree, document, function, rules)
    maker.operators()
    maker.values()
    maker.conditions()
    maker.order()
    maker.callees()
    maker.statements()
    best: dict[tuple[Span, bytes], Mutation] = {}
    for each in maker.made:
        score = each.weight * (0.15 + suspicion(document.line_at(each.edit.span.start)))
        key = (each.edit.span, each.edit.new)
        if key not in best or best[key].weight < score:
            best[key] = Mutation(each.kind, each.edit, score)
    # how often a mistake is of a kind, shared among all the edits that would mend one of that kind
    sums: dict[str, float] = {}
    for each in best.values():
        sums[each.kind] = sums.get(each.kind, 0.0) + each.weight
    likely: Mapping[str, float] = rules["likely"]
    found = [Mutation(m.kind, m.edit, likely[m.kind] * m.weight / sums[m.kind]) for m in best.values() if m.weight > 0]
    return sorted(found, key=lambda one: -one.weight)


def names_in_scope(tree: Tree, document: Document, function: Span) -> list[str]:
    """Names bound in a function and in the functions around it, parameters first."""
    found: dict[str, None] = {}
    around = [
        node
        for match in tree.matches("repair", within=function)
        for node in match.get("function", ())
        if node.start_byte <= function.start and function.end <= node.end_byte
    ]
    around.sort(key=lambda node: -node.start_byte)
    for node in around or [tree.named_at(function)]:
        span = Span(node.start_byte, node.end_byte)
        for kind in ("bind.parameter", "bind"):
            for bound in tree.captures("locals", within=span).get(kind, ()):
                if span.start <= bound.start_byte < span.end:
                    found.setdefault(_text(bound))
    return list(found)[:_NAMES]


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


class _Maker:
    def __init__(self, tree: Tree, document: Document, function: Span, rules: Mapping[str, Any]) -> None:
        self.tree, self.document, self.function, self.rules = tree, document, function, rules
        self.made: list[Mutation] = []
        self.names = names_in_scope(tree, document, function)
        self.atoms = frozenset(rules["atoms"])
        self.matches = [
            match
            for match in tree.matches("repair", within=function)
            if all(
                function.start <= node.start_byte and node.end_byte <= function.end
                for key, nodes in match.items()
                if not key.startswith("function")
                for node in nodes
            )
        ]
        block = tree.language.settings["block"]
        bodies = [n for m in self.matches for n in m.get("function.body", ())]
        inside = [b for b in bodies if function.start <= b.start_byte and b.end_byte <= function.end]
        self.body = min((b.start_byte for b in inside), default=function.start)
        self.block_type: str = block
        pool: dict[str, Node] = {}
        for node in self.each("argument", "returned", "assigned", "operand", "index", "element", "condition", "walked"):
            if len(_text(node)) <= _LONGEST and node.type not in rules["not-values"]:
                pool.setdefault(_text(node), node)
        for node in self.each("receiver"):
            pool.setdefault(_text(node), node)
        self.pool = list(pool.items())[:_POOL]

    def each(self, *captures: str) -> Iterator[Node]:
        seen: set[int] = set()
        for match in self.matches:
            for capture in captures:
                for node in match.get(capture, ()):
                    if node.id not in seen and node.start_byte >= self.body:
                        seen.add(node.id)
                        yield node

    def pairs(self, capture: str) -> Iterator[Mapping[str, list[Node]]]:
        return (m for m in self.matches if capture in m and m[capture][0].start_byte >= self.body)

    def put(self, kind: str, at: Node | Span, new: str, weight: float) -> None:
        span = at if isinstance(at, Span) else Span(at.start_byte, at.end_byte)
        data = new.encode("utf-8", "replace")
        if self.document.slice(span) != data:
            self.made.append(Mutation(kind, Edit(span, data), weight))

    def whole(self, node: Node | str) -> str:
        """An expression as part of a larger one."""
        if isinstance(node, str):
            return node if re.fullmatch(r"[\w.]+|[\w.]*(\([^()]*\)|\[[^\[\]]*\])", node) else f"({node})"
        return _text(node) if node.type in self.atoms else f"({_text(node)})"

    # ---- operators ------------------------------------------------------------------------------

    def operators(self) -> None:
        for kind in ("binary", "comparison", "boolean", "augmented"):
            for match in self.pairs(kind):
                operator = match["operator"][0]
                old = _text(operator)
                for group in self.rules["operators"]:
                    if old in group:
                        # the contrary is rarely meant; what is next to it often is
                        kind_of = "contrary" if group in self.rules["contraries"] else "operator"
                        weight = 0.75 if len(group) < 4 else 0.6
                        for new in group:
                            self.put(kind_of, operator, new, weight)
        for match in self.pairs("binary"):
            self.shortened(match["left"][0], match["right"][0])
        for match in self.pairs("assignment"):
            target, value = match["target"][0], match["value"][0]
            between = Span(target.start_byte, value.end_byte)
            form = {"a": _text(target), "b": _text(value)}
            if self.document.slice(between).replace(b" ", b"") == f"{form['a']}={form['b']}".replace(" ", "").encode():
                self.put("operator", between, self.rules["augment"].format(**form), 0.3)
        for match in self.pairs("augmented"):
            target, value = match["target"][0], match["value"][0]
            form = {"a": _text(target), "b": _text(value)}
            self.put("operator", Span(target.start_byte, value.end_byte), self.rules["assign"].format(**form), 0.3)
        for match in self.pairs("comparison"):
            self.bounds(match["comparison"][0], match["left"][0], match["operator"][0], match["right"][0])

    def shortened(self, left: Node, right: Node) -> None:
        """A chain without what stands in its middle, bound as it then binds: `a ** c` for `a ** b * c`."""
        for side in (left, right):
            one, two = side.child_by_field_name("left"), side.child_by_field_name("right")
            if side.type == "binary_operator" and one is not None and two is not None:
                middle = Span(two.start_byte, right.start_byte) if side is left else Span(left.end_byte, one.end_byte)
                self.put("unwrapped", middle, "", 0.25)

    def bounds(self, whole: Node, left: Node, operator: Node, right: Node) -> None:
        """A bound and its operator together: `== 0` for `<= 1`."""
        bounds: Sequence[str] = self.rules["bounds"]
        if right.type != "integer" or _text(operator) not in bounds or not _text(right).isdecimal():
            return
        number = int(_text(right))
        for symbol in bounds:
            for near in (number - 1, number + 1):
                if near >= 0:
                    self.put("bound", whole, f"{_text(left)} {symbol} {near}", 0.2)

    # ---- values ---------------------------------------------------------------------------------

    def values(self) -> None:
        rules = self.rules
        roles: dict[int, tuple[Node, set[str]]] = {}
        for role in ("argument", "index", "returned", "assigned", "walked", "operand", "element"):
            for node in self.each(role):
                roles.setdefault(node.id, (node, set()))[1].add(role)
        targets = {
            m["value"][0].id: _text(m["target"][0])
            for kind in ("assignment", "augmented")
            for m in self.pairs(kind)
        }  # fmt: skip
        for node, kinds in roles.values():
            if node.type in rules["not-values"]:
                continue
            text, whole = _text(node), self.whole(node)
            exact = bool(kinds & {"argument", "index", "operand"})
            if node.type not in rules["not-numbers"]:
                brackets = self.closer(node)
                self.stepped(node, text, whole, 0.5 if exact else 0.25, brackets)
                for form in rules["calculations"]:
                    for name in self.names:
                        if name != text:
                            weight = 0.2 if "argument" in kinds else 0.1
                            self.put("calculation", node, brackets.format(form.format(e=whole, n=name)), weight)
                if node.type in self.atoms:
                    self.put("calculation", node, f"{text} * {text}", 0.06)
            elif "returned" in kinds or "assigned" in kinds:
                for name in self.names:
                    self.put("calculation", node, rules["calculations"][2].format(e=whole, n=name), 0.15)
                    self.put("calculation", node, rules["calculations"][0].format(e=whole, n=name), 0.12)
            if node.type not in ("comparison_operator", "boolean_operator", "not_operator", "true", "false", "none"):
                for form in rules["calls"]:
                    self.put("wrapped", node, form.format(e=text if "(" in form else whole), 0.1)
            self.limited(node, kinds, text, targets.get(node.id))
            if node.type in ("identifier", "attribute", "call", "subscript"):
                for form in rules["slices"]:
                    self.put("slice", node, form.format(e=text), 0.13)
                for form in rules["slices-by"]:
                    for name in self.names:
                        if name != text:
                            self.put("slice", node, form.format(e=text, n=name), 0.1 if "walked" in kinds else 0.05)
            if text in rules["containers"]:
                for form in rules["filled"]:
                    for name in self.names if "{n}" in form else ("",):
                        self.put("value", node, form.format(n=name), 0.22 if "returned" in kinds else 0.1)
            for name in self.names:
                if node.type != "identifier":
                    self.put("value", node, name, 0.12)
            for other, _ in self.pool:
                self.put("reused", node, other, 0.12)
        self.replaced()
        for match in self.pairs("wrapping"):
            self.put("unwrapped", match["wrapping"][0], _text(match["inner"][0]), 0.35)
        for kind in ("binary", "boolean"):
            for match in self.pairs(kind):
                for side in ("left", "right"):
                    self.put("unwrapped", match[kind][0], _text(match[side][0]), 0.25)
        for node in self.each("number"):
            number = _text(node)
            if number.isdecimal():
                for near in dict.fromkeys((int(number) + 1, int(number) - 1, 0, 1, 2)):
                    self.put("number", node, str(near), 0.5 if abs(near - int(number)) == 1 else 0.2)
        for node in self.each("index"):
            if _text(node) in ("0", "1"):  # the last, or the last but one
                self.put("number", node, f"-{int(_text(node)) or 1}", 0.3)
            elif _text(node) == "-1":
                self.put("number", node, "0", 0.3)
        for node in self.each("sliced"):
            for one, two in self.rules["ends-cut"]:
                if _text(node) in (one, two):
                    self.put("slice", node, two if _text(node) == one else one, 0.3)
        for node in self.each("truth"):
            for other in ("True", "False"):
                self.put("value", node, other, 0.3)

    def closer(self, node: Node) -> str:
        """What keeps a sum together where it stands in a larger expression."""
        around = node.parent
        if around is None or around.type not in self.rules["binds"]:
            return "{}"
        operator = around.child_by_field_name("operator")
        loose = operator is not None and _text(operator) in self.rules["sums"]
        return "{}" if loose and around.children[0].id == node.id else "({})"

    def stepped(self, node: Node, text: str, whole: str, weight: float, brackets: str) -> None:
        for form in self.rules["steps"]:
            if node.type != "integer":
                new = form.format(e=text if node.type == "binary_operator" and brackets == "{}" else whole)
                self.put("off by one", node, brackets.format(new), weight)

    def limited(self, node: Node, kinds: set[str], text: str, target: str | None) -> None:
        """No more, or no less, than something: the value so far, a neighbour, nothing."""
        if node.type in self.rules["not-numbers"] or not kinds & {"assigned", "returned", "argument"}:
            return
        if target is not None:
            for form in self.rules["limits"]:
                self.put("limit", node, form.format(e=text, n=target), 0.22)
        for form in self.rules["limits-fixed"]:
            self.put("limit", node, form.format(e=text), 0.12)
        if "argument" not in kinds:
            for form in self.rules["limits"]:
                for name in self.names:
                    self.put("limit", node, form.format(e=text, n=name), 0.06)

    def replaced(self) -> None:
        """A name for another; what is assigned to for something else that the function speaks of."""
        locals_ = self.tree.captures("locals", within=self.function)
        skipped = {
            n.id for key in ("bind", "bind.parameter", "bind.outer", "skip", "member") for n in locals_.get(key, ())
        }
        called = {n.id for n in self.each("called")}
        for node in locals_.get("read", ()):
            inside = self.body <= node.start_byte and node.end_byte <= self.function.end
            if not inside or node.id in skipped or node.id in called:
                continue
            for name in self.names:
                self.put("name", node, name, 0.45)
        for kind in ("assignment", "augmented"):
            for match in self.pairs(kind):
                target = match["target"][0]
                for other, node in self.pool:
                    if node.type in ("identifier", "attribute", "subscript"):
                        self.put("target", target, other, 0.15)
                for name in self.names:
                    self.put("target", target, name, 0.12)

    # ---- conditions -----------------------------------------------------------------------------

    def conditions(self) -> None:
        rules = self.rules
        for node in self.each("condition"):
            text = _text(node)
            whole = self.whole(node)
            constant = node.type in ("true", "false", "integer")
            self.put("negated", node, rules["negation"].format(e=whole), 0.35)
            receivers: dict[str, None] = {}
            for receiver in self.each("receiver"):
                if node.start_byte <= receiver.start_byte and receiver.end_byte <= node.end_byte:
                    receivers.setdefault(_text(receiver))
            joined = f"({text})" if node.type == "boolean_operator" else text
            for name in receivers:
                for form in rules["guards-of-receiver"]:
                    self.put("guarded", node, form.format(e=joined, n=name), 0.4)
            for name in self.names:
                for form in rules["conditions"]:
                    self.put("condition", node, form.format(n=name), 0.3 if constant else 0.08)
                if not constant:
                    for form in rules["extensions"]:
                        self.put("extended", node, form.format(e=joined, n=name), 0.14)
            for other, kind in self.pool:
                if kind.type in ("comparison_operator", "boolean_operator", "not_operator", "call"):
                    self.put("condition", node, other, 0.12)
                    if not constant and kind.type != "call":
                        self.put("extended", node, f"{joined} and {self.whole(kind)}", 0.06)
                        self.put("extended", node, f"{joined} or {self.whole(kind)}", 0.06)
        for node in self.each("truth"):
            if node.parent is not None and node.parent.type == "return_statement":
                for name in self.names:
                    for form in rules["answers"]:
                        self.put("answer", node, form.format(n=name), 0.16)

    # ---- order and callees ----------------------------------------------------------------------

    def order(self) -> None:
        """Things side by side, exchanged."""
        for kind in ("binary", "comparison"):
            for match in self.pairs(kind):
                if _text(match["operator"][0]) not in self.rules["commutes"]:
                    self.exchanged(match["left"][0], match["right"][0], 0.35)
        beside: dict[int, list[Node]] = {}
        for node in self.each("beside"):
            if node.parent is not None:
                beside.setdefault(node.parent.id, []).append(node)
        for group in beside.values():
            for number, one in enumerate(group[:6]):
                for two in group[number + 1 : 6]:
                    self.exchanged(one, two, 0.55)

    def exchanged(self, one: Node, two: Node, weight: float) -> None:
        one, two = sorted((one, two), key=lambda node: node.start_byte)
        between = self.document.slice(Span(one.end_byte, two.start_byte)).decode("utf-8", "replace")
        self.put("order", Span(one.start_byte, two.end_byte), f"{_text(two)}{between}{_text(one)}", weight)

    def callees(self) -> None:
        known = {_text(n) for m in self.tree.matches("repair") for n in m.get("function.name", ())}
        members: dict[bool, dict[str, None]] = {True: {}, False: {}}
        called = {n.id for m in self.tree.matches("repair") for n in m.get("called.member", ())}
        for match in self.tree.matches("repair"):
            for node in match.get("member", ()):
                members[node.id in called].setdefault(_text(node))
        for node in [*self.each("called"), *self.each("called.member")]:
            for group in self.rules["functions"]:
                if _text(node) in group:
                    for other in group:
                        self.put("function", node, other, 0.5)
        for node in self.each("called.member"):
            call = node.parent.parent if node.parent is not None else None
            given = call.child_by_field_name("arguments") if call is not None else None
            if given is not None and _text(node) in self.rules["either-end"] and _text(given) in ("()", "(0)"):
                self.put("function", given, "()" if _text(given) == "(0)" else "(0)", 0.5)
        for node in [*self.each("called"), *self.each("called.member")]:
            self.turned(node)
        for node in self.each("called"):
            for other in known:
                self.put("function", node, other, 0.1)
        for node in self.each("member"):
            for other in members[node.id in called]:
                self.put("member", node, other, 0.35 if node.id not in called else 0.12)
            for other in _opposite(_text(node), self.rules["opposites"]):
                self.put("member", node, other, 0.25)

    def turned(self, node: Node) -> None:
        """What sorts, the other way round."""
        form: str = self.rules["descending"]
        call = node.parent if node.parent is None or node.parent.type == "call" else node.parent.parent
        given = call.child_by_field_name("arguments") if call is not None else None
        if given is None or _text(node) not in self.rules["sorts"]:
            return
        told = [_text(each) for each in given.named_children]
        kept = [each for each in told if each.replace(" ", "") != form]
        self.put("function", given, f"({', '.join([*kept, form] if kept == told else kept)})", 0.3)

    # ---- statements -----------------------------------------------------------------------------

    def statements(self) -> None:
        nodes = [n for n in self.each("statement") if n.type != "comment"]
        blocks: dict[int, list[Node]] = {}
        for node in nodes:
            if node.parent is not None:
                blocks.setdefault(node.parent.id, []).append(node)
        simple = [n for n in nodes if b"\n" not in (n.text or b"") and not _has(n, self.block_type)]
        lines = self.new_lines(simple)
        for group in blocks.values():
            for number, node in enumerate(group):
                if number + 1 < len(group):
                    self.exchanged_lines(node, group[number + 1])
                if len(group) > 1:
                    self.put("removed", self.line_of(node), "", 0.12)
                else:
                    self.put("removed", node, self.rules["no-operation"], 0.06)
                for text, (weight, kind) in lines:
                    self.insert(node, text, weight, kind)
            last = group[-1]
            for text, (weight, kind) in lines:
                self.insert(last, text, weight, kind, behind=True)
            self.moved_out(group)
        self.guarded(blocks.values())

    def line_of(self, node: Node) -> Span:
        first, last = (
            self.document.line_at(node.start_byte),
            self.document.line_at(max(node.start_byte, node.end_byte - 1)),
        )
        return self.document.full_lines(first, last)

    def indent(self, node: Node) -> str:
        start = self.document.start_of(self.document.line_at(node.start_byte))
        before = self.document.slice(Span(start, node.start_byte)).decode("utf-8", "replace")
        return before if not before.strip() else ""

    def insert(self, node: Node, text: str, weight: float, kind: str, *, behind: bool = False) -> None:
        """A line of its own before a statement, or behind the last of a block."""
        indent = self.indent(node)
        if not indent:
            return
        place = self.line_of(node)
        newline = self.document.newline().decode()
        at = place.end if behind else place.start
        head = newline if behind and self.document.data[place.end - 1 : place.end] not in (b"\n", b"\r") else ""
        new = f"{head}{indent}{text.replace(chr(10), newline + indent)}{newline}"
        self.put(kind, Span(at, at), new, weight)

    def new_lines(self, simple: Iterable[Node]) -> list[tuple[str, tuple[float, str]]]:
        """Statements that may be missing: like one that is there, about another name; what keeps a collection."""
        made: dict[str, tuple[float, str]] = {}
        for match in self.pairs("comparison"):
            if _text(match["operator"][0]) in self.rules["membership"]:
                for form in self.rules["grows"]:
                    made[form.format(c=_text(match["right"][0]), x=_text(match["left"][0]))] = (0.3, "kept")
        for node in simple:
            text = _text(node)
            if not re.search(r"[=(]", text) or len(text) > 2 * _LONGEST:
                continue
            made.setdefault(text, (0.08, "inserted"))
            for old in dict.fromkeys(re.findall(r"(?<![.\w])[^\W\d]\w*", text)):
                if old in self.names:
                    for new in self.names:
                        made.setdefault(re.sub(rf"(?<![.\w]){re.escape(old)}\b", new, text), (0.12, "inserted"))
        for one in self.names:
            for two in self.names:
                if one != two:
                    made.setdefault(self.rules["assign"].format(a=one, b=two), (0.07, "inserted"))
        for word in self.rules["leaves"]:
            made.setdefault(word, (0.04, "inserted"))
        return sorted(made.items(), key=lambda pair: -pair[1][0])[:240]

    def exchanged_lines(self, one: Node, two: Node) -> None:
        first, second = self.line_of(one), self.line_of(two)
        if first.end <= second.start:
            old = [self.document.slice(span).decode("utf-8", "replace") for span in (first, second)]
            between = self.document.slice(Span(first.end, second.start)).decode("utf-8", "replace")
            if old[1].endswith("\n"):
                self.put("moved", Span(first.start, second.end), f"{old[1]}{between}{old[0]}", 0.2)

    def moved_out(self, group: Sequence[Node]) -> None:
        """The last statement of a block, behind the block."""
        last = group[-1]
        owner = last.parent.parent if last.parent is not None else None
        if owner is None or len(group) < 2 or owner.start_byte < self.body:
            return
        inner, outer = self.indent(last), self.indent(owner)
        if len(outer) < len(inner):
            span = self.line_of(last)
            old = self.document.slice(span).decode("utf-8", "replace")
            new = "".join(line.replace(inner, outer, 1) for line in old.splitlines(keepends=True))
            self.put("moved", span, new, 0.2)

    def guarded(self, blocks: Iterable[Sequence[Node]]) -> None:
        """A case that is answered at once, where a function or a block begins."""
        answers = [_text(n) for n in self.each("returned") if len(_text(n)) <= _LONGEST]
        names = self.names[:6]
        values = list(dict.fromkeys([*answers, *self.rules["returned"]]))
        step = "    " if b"\t" not in self.document.data[:4000] else "\t"
        first = min((group[0] for group in blocks), key=lambda node: node.start_byte, default=None)
        if first is None:
            return
        for form in self.rules["guards"]:
            for name in names:
                for value in values:
                    answer = self.rules["returns"].format(v=value.format(n=name) if "{n}" in value else value)
                    weight = 0.09 if value in answers else 0.05
                    self.insert(first, f"{form.format(n=name)}\n{step}{answer}", weight, "case")


def _has(node: Node, kind: str) -> bool:
    return any(child.type == kind or _has(child, kind) for child in node.children)


def _opposite(name: str, opposites: Sequence[Sequence[str]]) -> Iterator[str]:
    parts = name.split("_")
    for one, two in opposites:
        for old, new in ((one, two), (two, one)):
            if old in parts:
                yield "_".join(new if part == old else part for part in parts)
            elif name in (f"{old}s", f"{old}es"):
                yield f"{new}s"
