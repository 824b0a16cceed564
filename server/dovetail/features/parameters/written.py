"""The parameters of a function as they are written, and how many arguments they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.features.kin import item_at
from dovetail.features.parameters.plan import Planned, rules_of
from dovetail.graph import Symbol
from dovetail.graph.scopes import Scopes, text_of
from dovetail.graph.signature import Parameter, Signature, signature_at
from dovetail.graph.values import holds
from dovetail.syntax import Node, Tree
from dovetail.text import Span
from dovetail.world import File


@dataclass(frozen=True, slots=True)
class Written:
    """The list of parameters of one function."""

    function: Symbol
    rules: Mapping[str, Any]
    file: File
    top: Node
    """The list."""
    kinds: list[tuple[str, Node]]
    """What each of them is, and its node, in order."""


def rewritten(plan: Planned, kin: Sequence[Symbol], write: Callable[[Written], str]) -> str:
    """Change the lists of functions that take the same; why one cannot be, in words."""
    for function in kin:
        written = written_list(plan, function)
        if reason := written if isinstance(written, str) else write(written):
            return reason
    return ""


def written_list(plan: Planned, function: Symbol) -> Written | str:
    """The list as it stands; why it cannot be told, in words."""
    file = plan.snapshot.files[function.path]
    tree = file.tree
    nothing = f"the signature of {function.qualified} cannot be read"
    if tree is None or signature_at(tree, function.span, function.body) is None:
        return nothing
    head = Span(function.span.start, max(function.span.start, function.body - 1))
    matches = [m for m in tree.matches("signature", tree.named_at(function.span), head) if "parameters" in m]
    if matches:
        top = min((m["parameters"][0] for m in matches), key=lambda node: node.start_byte)
    else:
        node = tree.named_at(function.span)
        top = node.child_by_field_name("parameters")
    if top is None or top.has_error or not top.child_count:
        return nothing
    rules = rules_of(plan, function)
    untold: Mapping[str, str] = rules.get("untold", {})
    if reason := next((said for pattern, said in untold.items() if re.search(pattern, text_of(top))), ""):
        return f"{function.qualified} {reason}"
    kinds: list[tuple[str, Node]] = []
    for child in top.named_children:
        if child.is_extra:
            continue
        own = [m for m in matches if any(holds(child, n) for nodes in m.values() for n in nodes if n != top)]
        kind = next((k for k in ("rest", "rest.named", "unnamed.above", "named.below", "default")
                     if any(k in m for m in own)), "plain")  # fmt: skip
        kinds.append((kind, child))
    return Written(function, rules, file, top, kinds)


def places_of(plan: Planned, function: Symbol) -> Signature | None:
    """The parameters that a call fills by their place; None where that is not what a call does."""
    written = written_list(plan, function)
    if isinstance(written, str):
        return None
    rules = written.rules
    if "by-name" in rules:  # its own text is there, where the graph has a line in which a comment ends what is read
        tree = plan.snapshot.files[function.path].tree
        known = tree is not None and function.kind == "function"
        return signature_at(tree, function.span, function.body) if tree is not None and known else None
    found: list[Parameter] = []
    for kind, node in written.kinds:
        names = [text_of(name) for name in node.children_by_field_name(rules.get("name", "name"))]
        if kind == "rest":
            found.append(Parameter("", "rest"))
        elif not re.match(rules["no-argument"], text_of(node)):
            if rules["named"] and not names:
                return None
            default = "" if kind == "default" else None
            found += [Parameter(name, default=default) for name in names or [first_word(node)]]
    return Signature(tuple(found))


def first_word(node: Node) -> str:
    found = re.match(r"[\w$]+", text_of(node))
    return found.group() if found else ""


def arity(plan: Planned, function: Symbol) -> tuple[int, int | None] | None:
    """(how many arguments it takes at least, at most) where they go by their place."""
    taken = places_of(plan, function)
    if taken is None:
        return None
    plain = [one for one in taken.parameters if one.passed != "rest"]
    return sum(one.needed for one in plain), len(plain) if len(plain) == len(taken.parameters) else None


def head_of(plan: Planned, function: Symbol) -> str:
    """What stands before the name of a function: its modifiers."""
    return plan.snapshot.files[function.path].document.text(Span(function.span.start, function.name_span.start))


def reads(plan: Planned, function: Symbol, name: str) -> bool:
    """Whether the body, or a default, speaks of a parameter."""
    file = plan.snapshot.files[function.path]
    item = item_at(file, function.name_span.start)
    if item is None or file.tree is None:
        return True
    scopes = Scopes(file.tree, item, item.end_byte, None)
    inside = [n for n in scopes.reads if function.span.start <= n.start_byte < function.span.end]
    return any(text_of(node) == name for node in inside)


def mentions(plan: Planned, function: Symbol, name: str) -> bool:
    """Whether the body has the word, where it is neither told in a comment nor another thing's name."""
    file = plan.snapshot.files[function.path]
    item = item_at(file, function.name_span.start)
    if item is None or file.tree is None or reads(plan, function, name):
        return True
    body = file.document.slice(Span(function.body, function.span.end))
    rules, scopes = rules_of(plan, function), None
    for match in re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])".encode(), body):
        at = Span(function.body + match.start(), function.body + match.end())
        node: Node | None = file.tree.root.named_descendant_for_byte_range(at.start, at.end)
        if node is None or node.is_extra or "comment" in node.type or node.type in rules.get("no-variable", ()):
            continue
        if "string" in node.type:  # what a macro is given may name it in a text
            if "tokens" in rules and body[: match.start()].endswith(b"{"):
                return True
            continue
        scopes = scopes or Scopes(file.tree, item, item.end_byte, None)
        call = node.parent.parent if node.parent is not None else None
        matches = file.tree.matches("calls", call) if call is not None else ()
        given = any(n.id == node.id for one in matches for n in one.get("named", ()))
        if node.start_byte not in scopes.members and not given:
            return True
    return False


def looks_up(plan: Planned, function: Symbol) -> str:
    """What in a body looks names up by what they are called, as written; "" where nothing does."""
    pattern: str = rules_of(plan, function).get("looks-up", "")
    body = plan.snapshot.files[function.path].document.text(Span(function.body, function.span.end))
    found = re.search(pattern, body) if pattern else None
    return found.group() if found is not None else ""


def arguments_of(tree: Tree | None, callee: Span) -> Node | None:
    """The arguments of a call."""
    node: Node | None = tree.named_at(callee) if tree is not None else None
    for _ in range(4):
        node = node.parent if node is not None else None
        if node is None or tree is None:
            return None
        for match in tree.matches("calls", node):
            if "callee" in match and match["callee"][0].start_byte == callee.start:
                return next(iter(match.get("arguments", ())), None)
    return None


def given(arguments: Node, tokens: str = "") -> list[Node] | None:
    """What a call gives, in order; of a list of mere `tokens` the last of each, None where they cannot be told."""
    if arguments.type != tokens:
        return [node for node in arguments.named_children if not node.is_extra]
    parts: list[list[Node]] = [[]]
    for child in arguments.children[1:-1]:
        if child.type == "<":
            return None
        parts += [[]] if child.type == "," else []
        parts[-1] += [child] if child.type != "," and not child.is_extra else []
    return [part[-1] for part in parts if part]
