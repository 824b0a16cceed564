"""Whether a name has a value where a call stands, and one that fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dovetail.features.actions.extraction.flow import certain
from dovetail.features.kin import item_at
from dovetail.features.parameters.plan import RULES, Call, New, Planned, key_of
from dovetail.features.parameters.reach import around_call
from dovetail.graph import Symbol
from dovetail.graph.scopes import Scope, Scopes, text_of
from dovetail.graph.signature import signature_at
from dovetail.graph.values import child_of
from dovetail.syntax import Language, Node, Tree
from dovetail.text import Span


def visible(plan: Planned, call: Call, new: New, changed: Sequence[Symbol]) -> bool:
    """Whether a name surely has a value where a call stands, or will have, and none of another type.

    It is bound before in its function, or in its file.
    """
    file = plan.snapshot.files[call.path]
    item = item_at(file, call.at.start)
    if item is None or file.tree is None or file.language is None:
        return False
    rules: Mapping[str, Any] = file.language.table(RULES) or {}
    walls = _walls(file.tree, call.at, rules)
    around = {key_of(each) for each in around_call(plan, call) if walls.holds(each.span)}
    if any(key_of(one) in around for one in changed):
        return not _moves(rules, new)
    scopes = Scopes(file.tree, item, item.end_byte, None)
    scope = scopes.bound_in(new.name, scopes.around([call.at.start])[0])
    if scope is None:
        if file.facts is None or new.name not in file.facts.bound:
            return False
        # what a file binds at its top is there once a function runs; what runs while the file is read comes in order
        if call.path not in plan.tops:
            plan.tops[call.path] = Scopes(file.tree, file.tree.root, file.tree.root.end_byte, None)
        scopes = plan.tops[call.path]
        scope = scopes.top
    if not walls.holds(Span(scope.start, min(scope.end, walls.end))) and not (scope is scopes.top and not walls.start):
        return False
    sites = scope.names.get(new.name, ())
    if rules.get("exact") and (not _fits(file.language, scope, new) or _changes(file.tree, scope, new, call.at, rules)):
        return False
    if any(_of_another_type(file.language, site.node, new.type) for site in sites):
        return False
    conditional: Mapping[str, list[str]] = (file.language.table("validation") or {}).get("conditional", {})
    if scope is scopes.top:
        return call.within is not None or any(_read_first(file.tree, s.node, call.at, conditional) for s in sites)
    before = [site for site in sites if site.node.start_byte < call.at.start]
    if "by-name" not in (file.language.table(RULES) or {}):
        return bool(before)  # a name is there in the block that declares it, and nowhere else
    place, block = file.tree.named_at(call.at), file.language.settings.get("block", "")
    return any(site.parameter or certain(site.node, place, conditional, block) for site in before)


def _walls(tree: Tree, at: Span, rules: Mapping[str, Any]) -> Span:
    """The stretch around a place whose names can be seen there: all of it where no function is closed."""
    closed, written = rules.get("closed", ()), rules.get("closed-where", "")
    node: Node | None = tree.named_at(at) if closed else None
    while node is not None and not (node.type in closed and re.match(written, text_of(node))):
        node = node.parent
    return Span(node.start_byte, node.end_byte) if node is not None else Span(0, tree.root.end_byte)


def _changes(tree: Tree, scope: Scope, new: New, at: Span, rules: Mapping[str, Any]) -> bool:
    """Whether a function without a name would take along what gets another value, which the language forbids."""
    node: Node | None = tree.named_at(at)
    while node is not None and node.start_byte > scope.start and node.type not in rules.get("takes-once", ()):
        node = node.parent
    if node is None or node.start_byte <= scope.start:
        return False
    text = tree.root.text or b""
    given = re.findall(
        rf"\b{re.escape(new.name)}\s*(?:[-+*/%&|^]|<<|>>>?)?=(?!=)|(?:\+\+|--)\s*{re.escape(new.name)}\b"
        rf"|\b{re.escape(new.name)}\s*(?:\+\+|--)",
        text[scope.start : scope.end].decode("utf-8", "replace"),
    )
    return len(given) > (not scope.names[new.name][0].parameter)


def _fits(language: Language, scope: Scope, new: New) -> bool:
    """Whether a name is bound once, to a value, and is of a type as written; and can be given as often as it is."""
    rules: Mapping[str, Any] = language.table(RULES) or {}
    sites = scope.names.get(new.name, ())
    if len(sites) != 1 or _moves(rules, new):
        return False
    node = sites[0].node
    statement = next((one for one in (node.parent, node.parent and node.parent.parent) if one is not None
                      and one.child_by_field_name("type") is not None), None)  # fmt: skip
    said = statement.child_by_field_name("type") if statement is not None else None
    if said is not None and text_of(said) not in rules["untyped"]:
        given = node.parent is not None and (
            sites[0].parameter or child_of(node.parent, "value") or child_of(node.parent, 1)
        )
        return new.type in ("", text_of(said)) and bool(given)
    holder = node.parent
    value = (child_of(holder, "value") or child_of(holder, 1)) if holder is not None else None
    literals: Mapping[str, list[str]] = rules["literals"]
    return value is not None and value != node and literals.get(value.type, [" "])[0].startswith(new.type)


def _moves(rules: Mapping[str, Any], new: New) -> bool:
    """Whether a value is gone once it is given."""
    return bool(new.type) and re.match(rules.get("moves", "$."), new.type) is not None


def _read_first(tree: Tree, bind: Node, at: Span, conditional: Mapping[str, list[str]]) -> bool:
    """Whether a file binds a name in any case before it comes to a place."""
    around = bind.parent
    while around is not None and around != tree.root:
        if around.type in conditional:
            return False
        around = around.parent
    return bind.start_byte < at.start


def _of_another_type(language: Language, bind: Node, said: str) -> bool:
    """Whether what a name is bound to is, as written, of another type than is said."""
    literals: Mapping[str, list[str]] = (language.table(RULES) or {}).get("literals", {})
    statement = _unlisted(bind.parent, up=True)
    if statement is None or not any(said in fits for fits in literals.values()):
        return False
    declared = statement.child_by_field_name("type")
    if declared is not None:
        known = [fits for fits in literals.values() if fits[0] == text_of(declared).lstrip(": ")]
        return bool(known) and not any(said in fits for fits in known)
    value = statement.child_by_field_name("value") or statement.child_by_field_name("right")
    value = _unlisted(value, up=False)
    return value is not None and value.type in literals and said not in literals[value.type]


def _unlisted(node: Node | None, *, up: bool) -> Node | None:
    """What holds a list of one, or is all that it holds."""
    if node is not None and node.type == "expression_list" and node.named_child_count == 1:
        return node.parent if up else node.named_children[0]
    return node


def type_there(plan: Planned, call: Call, name: str) -> str:
    """The type of a parameter of a function around a call, as written."""
    for one in around_call(plan, call):
        tree = plan.snapshot.files[call.path].tree
        written = signature_at(tree, one.span, one.body) if tree is not None else None
        for parameter in written.parameters if written is not None else ():
            if parameter.name == name:
                return parameter.type
    return ""
