"""Which of the functions that share a name a call fits: by how many arguments it gives, and by their types.

Types are compared as they are written. One function is chosen where it alone takes as many, where every other wants
something that an argument surely is not, or where it alone wants exactly what every argument is; else nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dovetail.graph.file import UseAt
from dovetail.graph.scopes import text_of
from dovetail.graph.signature import signature
from dovetail.graph.symbols import Symbol
from dovetail.graph.values import Shapes, child_of, shapes
from dovetail.syntax import Node, language_for

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

_ABOVE = 5
"""Nodes from a name up to the call of it, or to where it is declared."""
_PASSES_BY = re.compile(r"\b(?:const|final|readonly|volatile|in|ref|out)\b|\bstd::|&")
"""What stands in a type and lets through all that the type does."""
_HELD = re.compile(r"<.*>")
_VARIABLE = re.compile(r"[A-Z]\d?")
"""What a type is called that a call chooses."""
_APART = re.compile("spread|array|function|structured|tuple|designation")
"""Where a name is declared that is not what the type says, but made of it or a part of it."""
_REST = re.compile(r"\.\.\.|^params\b")


def fitting(graph: Graph, groups: list[list[Symbol]], path: str, at: UseAt) -> list[list[Symbol]]:
    """Those that a call may mean; all where that cannot be told, or none fits. Reads the tree of the file."""
    call = _call(graph, path, at)
    if call is None:
        return groups
    given, table = call
    kept = [group for group in groups if any(_takes(one, len(given)) for one in group)] or groups
    if len(kept) < 2:
        return kept
    types = [_type(graph, path, node, table) for node in given]
    if not any(types):
        return kept
    wants = [[_wanted(one) for one in group] for group in kept]
    left = [
        number for number, group in enumerate(wants)
        if any(all(_may(want, types, place, table) for place in range(len(types))) for want in group)
    ]  # fmt: skip
    if len(left) > 1 and all(types):
        exact = [
            number for number in left
            if any(all(_is(want, types, place) for place in range(len(types))) for want in wants[number])
        ]  # fmt: skip
        left = exact if len(exact) == 1 else left
    return [kept[number] for number in left] or kept


def listed(symbol: Symbol) -> list[str] | None:
    """The parameters of a function as its signature writes them; None where that cannot be read."""
    match = re.search(rf"(?<!\w){re.escape(symbol.name)}\s*\(", symbol.signature)
    if match is None:
        return None
    depth, parts, last = 0, list[str](), match.end()
    for at in range(match.end(), len(symbol.signature)):
        sign = symbol.signature[at]
        if sign in "([{<":
            depth += 1
        elif sign == ")" and depth == 0:
            parts.append(symbol.signature[last:at].strip())
            return [] if parts in ([""], ["void"]) else parts
        elif sign in ")]}>":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(symbol.signature[last:at].strip())
            last = at + 1
    return None


def types_of(parameter: str) -> set[str]:
    """What may be the type of a parameter, with and without its last word: that may be its name."""
    bare = parameter.split("=")[0].strip()
    shorter = re.sub(r"\s*\w+$", "", bare)
    return {re.sub(r"\s+", "", one) for one in (bare, shorter) if one}


def _call(graph: Graph, path: str, at: UseAt) -> tuple[list[Node], Shapes] | None:
    """What the call of a name gives; None where it is no call or nobody can count it."""
    tree = graph.tree(path)
    if tree is None:
        return None
    table = shapes(graph.files[path].language)
    end = at.base + at.use.end
    node = tree.root.descendant_for_byte_range(at.base + at.use.start, end)
    for _ in range(_ABOVE):
        if node is None:
            return None
        what, spec = table.shape(node.type)
        arguments = child_of(node, spec["arguments"]) if what in ("call", "new") and "arguments" in spec else None
        if arguments is not None and arguments.start_byte >= end:
            given = [child for child in arguments.named_children if not child.is_extra]
            spread = any("spread" in child.type or "pack" in child.type for child in given)
            return None if spread else (given, table)
        node = node.parent
    return None


def _takes(symbol: Symbol, given: int) -> bool:
    language = language_for(symbol.path)
    written = signature(language, symbol.signature) if language is not None else None
    if written is not None:
        least = sum(parameter.needed for parameter in written.parameters)
        rest = any(parameter.passed == "rest" for parameter in written.parameters)
        return least <= given and (rest or given <= len(written.parameters))
    texts = listed(symbol)
    if texts is None:
        return True
    rest = any("..." in one for one in texts)
    return sum("=" not in one and "..." not in one for one in texts) <= given and (rest or given <= len(texts))


# ---- what a parameter wants ---------------------------------------------------------------------


def _wanted(symbol: Symbol) -> list[set[str]] | None:
    """Of each parameter what its type may be; None where nobody can tell which argument it gets."""
    texts = listed(symbol)
    if texts is None or any(one.startswith("this ") for one in texts):  # it extends a type: the object comes first
        return None
    return [set() if _REST.search(one) else {_plain(each) for each in types_of(_spaced(one))} for one in texts]


def _may(wants: list[set[str]] | None, types: Sequence[str], place: int, table: Shapes) -> bool:
    """Whether a parameter may take an argument: types of two groups never become one another."""
    if wants is None or place >= len(wants) or not types[place]:
        return True
    apart: Sequence[Sequence[str]] = table.protocol.get("apart", ())
    mine = [number for number, group in enumerate(apart) if types[place] in group]
    other = {number for number, group in enumerate(apart) for one in wants[place] if one in group}
    return not mine or not other or mine[0] in other


def _is(wants: list[set[str]] | None, types: Sequence[str], place: int) -> bool:
    return wants is not None and place < len(wants) and types[place] in wants[place]


# ---- what an argument is ------------------------------------------------------------------------


def _type(graph: Graph, path: str, node: Node | None, table: Shapes, depth: int = 0) -> str:
    """The type of an argument as it is written somewhere; "" where it is not plain."""
    if node is None or depth > _ABOVE or node.child_by_field_name("name") is not None and node.type == "argument":
        return ""
    what, spec = table.shape(node.type)
    literals: Mapping[str, Any] = table.protocol.get("literals", {})
    if node.type in literals:
        told: Any = literals[node.type]
        if isinstance(told, str):
            return told
        text = text_of(node)  # pattern → type
        return next((kind for pattern, kind in told.items() if re.fullmatch(pattern, text)), "")
    if what == "same" and (node.type == "argument" or "parenthesized" in node.type):  # not what leads to or from it
        return _type(graph, path, child_of(node, spec.get("child", 0)), table, depth + 1)
    if what == "new" and not any("body" in child.type for child in node.named_children):
        return _kind(child_of(node, spec["function"])) + ("*" if table.protocol.get("new-points") else "")
    if what == "cast":
        return _kind(child_of(node, spec["type"]))
    if what or node.named_child_count:
        return ""
    name = text_of(node)
    sites = graph.flow.sites(path, name, node)
    found = {_declared(graph, path, site.node, table, depth) for site in sites}
    if not sites:
        members = graph.implicit(path, name, node.start_byte)
        found = {
            _kind_of(placed.definition.type)
            for one in members if one.kind == "field" and not re.search(r"[*\[]", one.signature)
            if (placed := graph.placed(one)) is not None
        }  # fmt: skip
    return next(iter(found)) if len(found) == 1 else ""


def _declared(graph: Graph, path: str, name: Node, table: Shapes, depth: int) -> str:
    """The type that stands beside a name where it is declared."""
    node, value, points = name.parent, None, 0
    for _ in range(_ABOVE):
        if node is None:
            return ""
        if _APART.search(node.type) or node.child_by_field_name("dimensions") is not None:
            return ""
        points += node.type == "pointer_declarator"
        what, spec = table.shape(node.type)
        if node.type in table.parameters:
            what, spec = "parameter", table.parameters[node.type]
        if what not in ("assign", "parameter", "each", "") or what == "each" and "type" not in spec:
            return ""
        if "value" in spec and value is None:
            value = child_of(node, spec["value"])
        written = child_of(node, spec["type"]) if "type" in spec else None
        if written is not None:
            if text_of(written) in table.protocol.get("inferred", ()):
                return _type(graph, path, value, table, depth + 1) if what == "assign" and not points else ""
            return _kind(written) + "*" * points if _kind(written) else ""
        node = node.parent
    return ""


def _kind(written: Node | None) -> str:
    return _kind_of(text_of(written)) if written is not None else ""


def _kind_of(text: str) -> str:
    plain = _plain(_spaced(text))
    return "" if _VARIABLE.fullmatch(plain) else plain


def _spaced(text: str) -> str:
    return _PASSES_BY.sub(" ", text)


def _plain(text: str) -> str:
    return _HELD.sub("", "".join(text.split()))
