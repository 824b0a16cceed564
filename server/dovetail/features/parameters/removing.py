"""A parameter that no body reads goes: out of the signature, and out of every call."""

from __future__ import annotations

import re
from functools import partial

from dovetail.features.parameters.brackets import drop
from dovetail.features.parameters.nominal import by_text, overloaded, plain_macro
from dovetail.features.parameters.plan import RULES, Call, Planned, doubtful, rules_of, where
from dovetail.features.parameters.reach import calls_of, is_value, kin_of
from dovetail.features.parameters.written import Written, first_word, looks_up, mentions, reads, rewritten
from dovetail.graph import Symbol
from dovetail.graph.scopes import text_of
from dovetail.graph.values import holds
from dovetail.model.ask import Steps
from dovetail.text import Span
from dovetail.world import Snapshot


def removing(snapshot: Snapshot, function: Symbol, name: str) -> Steps[Planned | str]:
    """The plan for a parameter to go that no body reads; or why it cannot be done. Others go first between files."""
    plan = Planned(snapshot)
    kin = yield from kin_of(plan, function)
    if isinstance(kin, str):
        return kin
    for each in kin:
        if mentions(plan, each, name):
            return f"{each.qualified} uses {name}"
        if looked := looks_up(plan, each):
            return f"{each.qualified} may look {name} up by what it is called ({looked})"
        for counts in rules_of(plan, each).get("counts", ()):
            if reads(plan, each, counts):
                return f"{each.qualified} uses {counts}"
        if (yield from is_value(plan, each)):
            return f"{each.name} is handed on as a value; whoever calls it then is not known"
        if reason := (yield from by_text(plan, each)):
            return reason
    calls = yield from calls_of(plan, kin)
    if isinstance(calls, str):
        return calls
    if reason := doubtful(plan, kin[0], "objects that nobody knows"):
        return reason
    if not calls:
        return "nothing that is known calls it; who does, from elsewhere or by a framework, would break"
    if reason := overloaded(plan, kin, -1):
        return reason
    plan.functions = kin
    for call in calls:
        if reason := _take(plan, call, name):
            return reason
    return rewritten(plan, kin, partial(_undeclare, plan, name)) or plan


def _undeclare(plan: Planned, name: str, written: Written) -> str:
    """Take it out of the list; why that cannot be done, in words."""
    file, function, rules, kinds = written.file, written.function, written.rules, written.kinds
    nodes = [node for _, node in kinds]
    for number, (kind, node) in enumerate(kinds):
        names = node.children_by_field_name(rules.get("name", "name"))
        own = next((place for place, one in enumerate(names) if text_of(one) == name), None)
        if len(names) > 1 and own is not None and kind in ("plain", "default"):
            drop(plan, file, names[:own], names[own], names[own], names[own + 1 :])
            return ""
        called = text_of(names[0]) if len(names) == 1 and "name" in rules else first_word(node)
        if kind not in ("plain", "default") or called != name:
            continue
        if node.type in rules.get("kept", ()):
            return f"{name} is a field of what {function.qualified} makes as well"
        if number and kinds[number - 1][0] == "named.below" and number + 1 >= len(kinds):
            drop(plan, file, [*nodes[: number - 1]], nodes[number - 1], node, nodes[number + 1 :])
        else:
            drop(plan, file, nodes[:number], node, node, nodes[number + 1 :])
        return ""
    for kind, node in kinds:
        pattern = node.child_by_field_name("pattern") or node
        if re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text_of(pattern)) is None:
            continue
        if kind.startswith("rest"):
            why = f"{rules.get('rest', '*')}{name} takes what is left"
        elif text_of(pattern) == name:
            return f"{name} is a field of what {function.qualified} makes as well"
        else:
            why = f"it is a part of `{' '.join(text_of(pattern).split())[:60]}`"
        return f"{function.qualified} has no parameter {name} that can go ({why})"
    return f"{function.qualified} has no parameter {name}"


def _take(plan: Planned, call: Call, name: str) -> str:
    """Take away what a call gives a parameter; why that cannot be told, in words."""
    file = plan.snapshot.files[call.path]
    tree = file.tree
    told = where(plan, call)
    if call.arguments is None or call.signature is None or tree is None or file.language is None:
        return f"what {told} gives it cannot be told"
    if not plain_macro(plan, call) or call.arguments.type == (file.language.table(RULES) or {}).get("tokens"):
        return f"{told} stands in a macro; write it outside of that first"
    arguments = [node for node in call.arguments.named_children if not node.is_extra]
    named: dict[int, str] = {}
    for match in tree.matches("calls", call.arguments):
        if "given" not in match or match["given"][0].id != call.arguments.id:
            continue
        if "named" not in match:
            return f"{told} gives what nobody has counted"
        name_node = match["named"][0]
        named.update((one.id, text_of(name_node)) for one in arguments if holds(one, name_node))
    rules = file.language.table(RULES)
    assert rules is not None
    bare = name.removeprefix(rules.get("sigil", ""))
    wanted = next((node for node in arguments if named.get(node.id) == bare), None)
    if wanted is None:
        places = [p.name for p in call.signature.parameters if p.passed in ("position", "either")]
        positional = [node for node in arguments if node.id not in named]
        if not rules.get("left-out", "by-name" in rules) and len(positional) < len(places) + call.receiver:
            return f"{told} gives fewer than are taken: one of them stands for several"
        index = places.index(name) + call.receiver if name in places else len(positional)
        if index >= len(positional):
            return ""  # its default spoke for it
        wanted = positional[index]
    calls = tree.captures("locals", within=Span(wanted.start_byte, wanted.end_byte)).get("call", ())
    if re.search(rules["acts"], text_of(wanted)) or any(holds(wanted, node) for node in calls):
        return f"{told} gives it `{text_of(wanted)[:60]}`, which may do something; take that out first"
    number = arguments.index(wanted)
    drop(plan, file, arguments[:number], wanted, wanted, arguments[number + 1 :])
    plan.calls += 1
    return ""
