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
from dovetail.graph.scopes import Scope, Scopes, Site, text_of
from dovetail.graph.signature import signature_at
from dovetail.graph.values import child_of
from dovetail.syntax import Language, Node, Tree
from dovetail.text import Span

_AROUND_ONE = ("expression_list", "variable_name", "parenthesized_expression")
"""What may stand around a single name or value."""


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
    if not rules.get("exact") and new.type and not _of_type(rules, sites, new.type):
        return False
    span = Span(scope.start, min(scope.end, file.tree.root.end_byte))
    gone = file.tree.captures("extract", within=span).get("delete", ()) if file.language.query("extract") else ()
    if any(text_of(node) == new.name for node in gone):
        return False
    conditional: Mapping[str, list[str]] = (file.language.table("validation") or {}).get("conditional", {})
    if scope is scopes.top:
        sure = [site.node.start_byte for site in sites if _in_any_case(file.tree, site.node, conditional)]
        return bool(sure) and (call.within is not None or sure[0] < call.at.start)
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


def _in_any_case(tree: Tree, bind: Node, conditional: Mapping[str, list[str]]) -> bool:
    """Whether a file that is read binds a name in any case."""
    around = bind.parent
    while around is not None and around != tree.root:
        if around.type in conditional:
            return False
        around = around.parent
    return True


def _of_type(rules: Mapping[str, Any], sites: Sequence[Site], said: str) -> bool:
    """Whether all that a name is bound to is of a type, as far as it is written; what is not written is not known."""
    declared, fitting = 0, 0
    for site in sites:
        of, known = _type_of(rules, site.node)
        if of and not any(_takes(said, one, rules) for one in of):
            return False
        declared += bool(of) and known
        fitting += bool(of) and not (site.parameter and not known)
    return bool(declared) or fitting == len(sites)


def _type_of(rules: Mapping[str, Any], bind: Node) -> tuple[Sequence[str], bool]:
    """(what a name is of where it is bound, of a literal all that this fits; whether it is declared)."""
    statement = bind.parent
    while statement is not None and statement.type in _AROUND_ONE and statement.named_child_count == 1:
        bind, statement = statement, statement.parent
    if statement is None:
        return (), False
    declared = statement.child_by_field_name("type")
    literals: Mapping[str, Sequence[str]] = rules.get("literals", {})
    value = next((found for name in ("value", "right", "default_value")
                  if (found := statement.child_by_field_name(name)) is not None), None)  # fmt: skip
    while value is not None and value.type in _AROUND_ONE and value.named_child_count == 1:
        value = value.named_children[0]
    its = literals.get(value.type, ()) if value is not None else ()
    if declared is not None:
        written = text_of(declared).lstrip(": ").strip("\"'")
        return ((written,) if not its or any(_takes(written, one, rules) for one in its) else (), True)
    target = next((found for name in ("left", "name", "pattern")
                   if (found := statement.child_by_field_name(name)) is not None), None)  # fmt: skip
    loop = any(one in statement.type for one in ("for", "range"))
    return (its, False) if target == bind and not loop else ((), False)


def _takes(said: str, given: str, rules: Mapping[str, Any]) -> bool:
    """Whether a type as written takes what is of another."""
    plain = "".join(said.split())
    taken = {plain, *(plain.split("|") if not re.search(r"[(\[<{]", plain) else ())}
    literals: Mapping[str, Sequence[str]] = rules.get("literals", {})
    fits = {one for row in literals.values() if row[0] == given for one in row}
    return "".join(given.split()) in taken or bool(fits & taken)


def type_there(plan: Planned, call: Call, name: str) -> str:
    """The type of a parameter of a function around a call, as written."""
    for one in around_call(plan, call):
        tree = plan.snapshot.files[call.path].tree
        written = signature_at(tree, one.span, one.body) if tree is not None else None
        for parameter in written.parameters if written is not None else ():
            if parameter.name == name:
                return parameter.type
    return ""
