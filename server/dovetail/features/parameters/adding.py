"""A parameter comes: with its type and default into the signature, with a value into every call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dovetail.features.kin import item_at
from dovetail.features.parameters.brackets import insert
from dovetail.features.parameters.nominal import by_text, overloaded, plain_macro
from dovetail.features.parameters.plan import (
    FUNCTIONS,
    RULES,
    Call,
    Key,
    New,
    Planned,
    asked,
    doubtful,
    key_of,
    may_be_left_out,
    rules_of,
    where,
)
from dovetail.features.parameters.reach import calls_of, is_value, kin_of
from dovetail.features.parameters.seen import type_there, visible
from dovetail.features.parameters.unbound import unbound
from dovetail.features.parameters.written import Written, given, looks_up, places_of, reads, rewritten
from dovetail.graph import Symbol
from dovetail.graph.scopes import Scopes
from dovetail.graph.signature import signature_at
from dovetail.model.ask import Steps
from dovetail.text import Span
from dovetail.world import Snapshot


def adding(snapshot: Snapshot, function: Symbol, new: New, *, hand_down: bool = False) -> Steps[Planned | str]:
    """The plan for a parameter to come; or why it cannot be done, in words for a person.

    Calls where its name has a value give it. For the others there is a default, or with `hand_down` the functions that
    they are in get the parameter as well. Others go first between files.
    """
    plan = Planned(snapshot)
    todo, plans = [function], dict[Key, tuple[list[Symbol], list[Call]]]()
    while todo:
        one = todo.pop(0)
        if key_of(one) in {key_of(each) for kin, _ in plans.values() for each in kin}:
            continue
        if len(plans) >= FUNCTIONS:
            return f"it would be handed down through more than {FUNCTIONS} functions"
        kin = yield from kin_of(plan, one)
        if isinstance(kin, str):
            return kin
        reason = next(filter(None, (_taken(plan, each, new.name) for each in kin)), "")
        if reason:
            return reason
        calls = yield from calls_of(plan, kin)
        if isinstance(calls, str):
            return calls
        plans[key_of(one)] = kin, calls
        if hand_down:
            known = [each for others, _ in plans.values() for each in others]
            missing = [c for c in calls if c.within is not None and not visible(plan, c, new, known)]
            todo += [c.within for c in missing if c.within is not None and c.within.kind in ("function", "method")]
    every = [each for kin, _ in plans.values() for each in kin]
    plan.functions = every
    if not new.type and "by-name" not in rules_of(plan, function):
        there = (type_there(plan, call, new.name) for _, calls in plans.values() for call in calls)
        new = replace(new, type=next(filter(None, there), ""))
    for kin, calls in plans.values():
        rules = rules_of(plan, kin[0])
        if "by-name" not in rules:
            if reason := (yield from _by_position(plan, kin, calls, new, every)):
                return reason
            continue
        least = new.default
        seen = [call for call in calls if visible(plan, call, new, every)]
        open_ones = [call for call in calls if call not in seen]
        optional = bool(open_ones or plan.guesses.get(key_of(kin[0])))
        for each in () if least or optional else kin:
            optional = optional or (yield from is_value(plan, each))
        least = least or (rules["none"] if optional else "")
        for call in seen:
            if reason := _give(plan, call, new.name):
                return reason
        plan.left += len(open_ones)
        plan.default = plan.default or least
        if reason := rewritten(plan, kin, partial(_declare, plan, replace(new, default=least))):
            return reason
    return plan


def _by_position(
    plan: Planned, kin: Sequence[Symbol], calls: Sequence[Call], new: New, every: Sequence[Symbol]
) -> Steps[str]:
    """Declare and give a parameter where arguments go by their place alone; why that cannot be done, in words."""
    rules = rules_of(plan, kin[0])
    if reason := doubtful(plan, kin[0], "what nobody knows"):
        return reason
    for each in kin:
        if (yield from is_value(plan, each)):
            return f"{each.name} is handed on as a value; what it is given then is not known"
        for counts in rules["counts"]:
            if reads(plan, each, counts):
                return f"{each.qualified} uses {counts}"
        if reason := (yield from by_text(plan, each)):
            return reason
    seen = [call for call in calls if visible(plan, call, new, every)]
    if not new.type and rules["needs-type"]:
        return f"nothing here says of what type {new.name} is; say it: “{rules['example'].format(name=new.name)}”"
    left = [call for call in calls if call not in seen]
    leaves = may_be_left_out(rules, new)
    if plan.implied and not leaves:
        return f"{plan.implied} calls it without saying so; write that call first"
    if reason := overloaded(plan, kin, 1):
        return reason
    for call in calls:
        value = new.name if call in seen else "" if leaves else new.default
        if reason := _give_at(plan, call, value, new.name, leaves=leaves):
            return reason
    plan.left += len(left) if leaves else 0
    plan.default = plan.default or new.default or rules["none"]
    optional = bool(left) or not calls
    return rewritten(plan, kin, partial(_declare_at, plan, new, optional))


def _taken(plan: Planned, function: Symbol, name: str) -> str:
    """Why a parameter of this name cannot come."""
    file = plan.snapshot.files[function.path]
    if file.tree is None or (written := signature_at(file.tree, function.span, function.body)) is None:
        return f"the signature of {function.qualified} cannot be read"
    if any(one.name == name for one in written.parameters):
        return f"{function.qualified} has a parameter {name} already"
    rules = rules_of(plan, function)
    if looked := looks_up(plan, function):
        return f"{function.qualified} may look it up by what it is called ({looked})"
    if file.language is None or asked(file.language, name) is None:
        return f"{name} is no name"
    item = item_at(file, function.name_span.start)
    scopes = Scopes(file.tree, item, item.end_byte, None) if item is not None else None
    for scope in scopes.all[1:] if scopes is not None else ():
        inside = function.span.holds(Span(scope.start, scope.end)) and not scope.is_class
        if inside and name in scope.names:
            return f"{function.qualified} gives {name} a value of its own"
    if rules.get("hides", True) and reads(plan, function, name) and not unbound(plan.snapshot, function, name):
        return f"{function.qualified} uses {name} from elsewhere, which the parameter would hide"
    return ""


def _declare(plan: Planned, new: New, written: Written) -> str:
    """Write the parameter where it may stand."""
    rules, kinds = written.rules, written.kinds
    said = new.type
    if said and new.default == rules["none"] and not re.search(r"\bNone\b|\bAny\b", said):
        said = rules["missing"].format(type=said)
    parameter = rules["typed" if said else "plain"].format(name=new.name, type=said)
    if new.default:
        form = rules["typed-default" if said else "default"]
        parameter = form.format(parameter=parameter, value=new.default)
    by_name = any(kind in ("rest", "named.below") for kind, _ in kinds)
    if not new.default and not by_name and any(kind == "default" for kind, _ in kinds):
        parameter = f"{rules['by-name']}, {parameter}"
    before = [node for kind, node in kinds if kind != "rest.named"]
    last = next((node for kind, node in kinds if kind == "rest.named"), None)
    insert(plan, written.file, written.top, before, last, parameter)
    return ""


def _declare_at(plan: Planned, new: New, optional: bool, written: Written) -> str:
    """Write it behind the others; why it cannot stand there, in words."""
    function, rules, kinds = written.function, written.rules, written.kinds
    if places_of(plan, function) is None:
        return f"the signature of {function.qualified} cannot be read"
    before = [node for kind, node in kinds if kind != "rest"]
    rest = next((node for kind, node in kinds if kind == "rest"), None)
    behind = any(kind == "default" or node.type in rules["optional-nodes"] for kind, node in kinds)
    name = new.name
    if rules["left-out"] and not new.default and "optional" not in rules and behind:
        said = rules["example"].format(name=name)
        return f"one that may be left out stands before it in {function.qualified}; say what it is then: “{said}”"
    if rules["left-out"] and not new.default and "optional" in rules and (optional or behind):
        name += rules["optional"]
    parameter = rules["typed" if new.type else "plain"].format(name=name, type=new.type)
    if new.default and rules["left-out"]:
        parameter = rules["default"].format(parameter=parameter, value=new.default)
    insert(plan, written.file, written.top, before, rest, parameter)
    return ""


def _give_at(plan: Planned, call: Call, value: str, name: str, *, leaves: bool) -> str:
    """Put a value where a new parameter stands in a call; with "" see that nothing else gets there."""
    file, told = plan.snapshot.files[call.path], where(plan, call)
    if call.arguments is None or call.signature is None or file.language is None or file.tree is None:
        return f"what {told} gives it cannot be told"
    rules = file.language.table(RULES)
    assert rules is not None
    arguments = given(call.arguments, rules.get("tokens", ""))
    if arguments is None or not plain_macro(plan, call):
        return f"{told} stands in a macro, which may make anything of it"
    own = [m for m in file.tree.matches("calls", call.arguments)
           if "given" in m and m["given"][0].id == call.arguments.id]  # fmt: skip
    if any("spread" in match for match in own):
        return f"{told} gives what nobody has counted"
    by_name = any("named" in match for match in own)
    plain = [p for p in call.signature.parameters if p.passed != "rest"]
    places = len(plain) + call.receiver
    open_end = len(plain) < len(call.signature.parameters)
    if len(arguments) > places and not open_end:
        return f"{told} gives more than is taken, which would be taken for it"
    if not value:
        if not leaves:
            return f"{told} has no {name} to give; say what it gives: “{rules['example'].format(name=name)}”"
        return f"{told} gives more, which would be taken for it" if len(arguments) > places else ""
    form: str = rules.get("given-by-name", "")
    if by_name or len(arguments) < places:
        if not form or (open_end and not by_name):
            return f"{told} leaves out what stands before it"
        value = form.format(name=name.removeprefix(rules.get("sigil", "")), value=value)
        places = len(arguments)
    last = arguments[places] if len(arguments) > places else None
    insert(plan, file, call.arguments, arguments[:places], last, value)
    plan.calls += 1
    return ""


def _give(plan: Planned, call: Call, name: str) -> str:
    """Let a call give the value that the name has there."""
    file = plan.snapshot.files[call.path]
    if call.arguments is None:
        return f"{where(plan, call)} has no brackets to write it in"
    arguments = [node for node in call.arguments.named_children if not node.is_extra]
    assert file.language is not None
    rules = file.language.table(RULES)
    assert rules is not None
    insert(plan, file, call.arguments, arguments, None, rules["given"].format(name=name))
    plan.calls += 1
    return ""
