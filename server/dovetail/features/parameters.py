"""A parameter comes or goes: the function, those that it overrides, and every call, or nothing.

Which functions change is derived from the graph, callee first; no model has a part in it. Calls that the graph does
not know for certain, and a function that is handed on as a value, are told, and what could break them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dovetail.features.actions.extraction.flow import certain
from dovetail.features.renaming import by_another_name, family, item_at, owner_of, same_symbol, use_at
from dovetail.graph import Symbol
from dovetail.graph.calls import called, decorators, language_of
from dovetail.graph.scopes import Scopes, text_of
from dovetail.graph.signature import Parameter, Signature, signature_at
from dovetail.graph.values import holds
from dovetail.syntax import Language, Node, Tree
from dovetail.text import Change, Edit, Span
from dovetail.world import File, Snapshot

RULES = "parameters"
_MOST = 500
"""Calls above which a signature is not changed at once."""
_FUNCTIONS = 40
"""Functions that a parameter is handed down through."""
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class New:
    """A parameter to come."""

    name: str
    type: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A place where a function is called."""

    path: str
    at: Span
    """The name that is called."""
    arguments: Node | None
    within: Symbol | None
    signature: Signature | None
    """As it takes its arguments there; None where that is not certain."""


@dataclass
class Planned:
    """What changes where."""

    snapshot: Snapshot
    """With every file open that the change touches."""
    functions: list[Symbol] = field(default_factory=list[Symbol])
    """In the order of the plan: who is called before who calls."""
    edits: dict[str, list[Edit]] = field(default_factory=dict[str, list[Edit]])
    calls: int = 0
    left: int = 0
    """Calls that stay as they are: the default speaks for them."""
    guesses: int = 0
    """Calls that may mean it, of an object that nobody knows."""
    default: str = ""
    """What the calls get that stay as they are."""
    tops: dict[str, Scopes] = field(default_factory=dict[str, Scopes])
    """What whole files bind, where that was asked for."""

    def put(self, path: str, span: Span, new: str) -> None:
        edit = Edit(span, new.encode("utf-8", "replace"))
        if edit not in self.edits.setdefault(path, []):
            self.edits[path].append(edit)

    def change(self) -> Change:
        return Change({path: tuple(sorted(edits, key=lambda e: e.span)) for path, edits in sorted(self.edits.items())})


def asked(language: Language, text: str) -> New | None:
    """A parameter as a person writes it: `timeout`, `timeout: float = 30`."""
    rules = language.table(RULES)
    found = re.fullmatch(rules["asked"], text.strip()) if rules else None
    return New(found["name"], found["type"] or "", found["default"] or "") if found else None


def adding(snapshot: Snapshot, function: Symbol, new: New, *, hand_down: bool = False) -> Planned | str:
    """The plan for a parameter to come; or why it cannot be done, in words for a person.

    Calls where its name has a value give it. For the others there is a default, or with `hand_down` the functions that
    they are in get the parameter as well.
    """
    plan = Planned(snapshot)
    todo, plans = [function], dict[_Key, tuple[list[Symbol], list[Call]]]()
    while todo:
        one = todo.pop(0)
        if _key(one) in {_key(each) for kin, _ in plans.values() for each in kin}:
            continue
        if len(plans) >= _FUNCTIONS:
            return f"it would be handed down through more than {_FUNCTIONS} functions"
        kin = _kin(plan, one)
        if isinstance(kin, str):
            return kin
        reason = next(filter(None, (_taken(plan, each, new.name) for each in kin)), "")
        if reason:
            return reason
        calls = _calls(plan, kin)
        if isinstance(calls, str):
            return calls
        plans[_key(one)] = kin, calls
        if hand_down:
            known = [each for others, _ in plans.values() for each in others]
            missing = [c for c in calls if c.within is not None and not _visible(plan, c, new, known)]
            todo += [c.within for c in missing if c.within is not None and c.within.kind in ("function", "method")]
    every = [each for kin, _ in plans.values() for each in kin]
    plan.functions = every
    if not new.type and "by-name" not in _rules(plan, function):
        there = (_type_there(plan, call, new.name) for _, calls in plans.values() for call in calls)
        new = replace(new, type=next(filter(None, there), ""))
    for kin, calls in plans.values():
        rules = _rules(plan, kin[0])
        if "by-name" not in rules:
            if reason := _by_position(plan, kin, calls, new, every):
                return reason
            continue
        least = new.default
        seen = [call for call in calls if _visible(plan, call, new, every)]
        open_ones = [call for call in calls if call not in seen]
        if not least and (open_ones or plan.guesses or any(_is_value(plan, each) for each in kin)):
            least = rules["none"]
        for call in seen:
            if reason := _give(plan, call, new.name):
                return reason
        plan.left += len(open_ones)
        plan.default = plan.default or least
        for each in kin:
            if reason := _declare(plan, each, replace(new, default=least)):
                return reason
    return plan


def removing(snapshot: Snapshot, function: Symbol, name: str) -> Planned | str:
    """The plan for a parameter to go that no body reads; or why it cannot be done."""
    plan = Planned(snapshot)
    kin = _kin(plan, function)
    if isinstance(kin, str):
        return kin
    for each in kin:
        if _reads(plan, each, name):
            return f"{each.qualified} uses {name}"
        counts: str = _rules(plan, each).get("counts", "")
        if counts and _reads(plan, each, counts):
            return f"{each.qualified} uses {counts}"
        if _is_value(plan, each):
            return f"{each.name} is handed on as a value; whoever calls it then is not known"
    calls = _calls(plan, kin)
    if isinstance(calls, str):
        return calls
    if plan.guesses:
        many = f"{plan.guesses} call{'s' * (plan.guesses != 1)}"
        return f"{many} of a {function.name} may mean it, of objects that nobody knows"
    if not calls:
        return "nothing that is known calls it; who does, from elsewhere or by a framework, would break"
    plan.functions = kin
    for call in calls:
        if reason := _take(plan, call, name):
            return reason
    for each in kin:
        if reason := _undeclare(plan, each, name):
            return reason
    return plan


# ---- which functions and calls ------------------------------------------------------------------


def _key(symbol: Symbol) -> _Key:
    return symbol.path, symbol.name_span.start


def _rules(plan: Planned, symbol: Symbol) -> Mapping[str, Any]:
    language = language_of(plan.snapshot.graph, symbol.path)
    rules = language.table(RULES) if language else None
    assert rules is not None
    return rules


def _opened(plan: Planned, path: str) -> str:
    opened = plan.snapshot.opened(path)
    if opened is None:
        return f"the text of {path.rsplit('/', 1)[-1]} is not kept in memory; open it and ask again"
    plan.snapshot = opened
    return ""


def _kin(plan: Planned, function: Symbol) -> list[Symbol] | str:
    """The function with those that it overrides and that override it."""
    graph = plan.snapshot.graph
    language = language_of(graph, function.path)
    if function.kind not in ("function", "method") or language is None or language.table(RULES) is None:
        return "there is no function here whose parameters could be changed"
    made = function.name == language.settings.get("maker")
    if "by-name" not in _rules(plan, function) and (reason := _elsewhere(plan, function, made=made)):
        return reason
    kin = family(plan.snapshot, function) if function.kind == "method" and not made else [function]
    if isinstance(kin, str):
        return kin
    for each in kin:
        if reason := _opened(plan, each.path):
            return reason
        if not decorators(graph, each) <= set(language.settings.get("plain-decorators", ())):
            return f"a decorator may change what {each.qualified} takes"
        alike = [graph.symbol(each.path, placed) for placed in graph.files[each.path].by_name.get(each.name, ())]
        if sum(one.container == each.container and one.kind == each.kind for one in alike) > 1:
            return f"{each.qualified} is defined more than once"
    return kin


def _elsewhere(plan: Planned, function: Symbol, *, made: bool) -> str:
    """Why not all calls of a function can be known where arguments go by their place, in words for a person."""
    graph, rules = plan.snapshot.graph, _rules(plan, function)
    if function.kind == "method" and not rules["methods"]:
        return f"{function.qualified} may be what an interface asks for, which nothing here writes down"
    if made and any(graph.derived(one) for one in _targets(plan, function)[1:]):
        return f"classes derived from {function.container} call it as well"
    if function.kind == "method":
        owner = owner_of(plan.snapshot, function)
        bases = [base for _, base in graph.bases(owner)] if owner is not None else []
        if named := next((base.name for base in bases if base is not None and base.kind == "interface"), ""):
            return f"the interface {named} says what {function.name} takes"
    holder = next((one for one in graph.symbols(function.path) if one.name == function.container
                   and one.span.holds(function.span) and one.span != function.span), None)  # fmt: skip
    if holder is not None and holder.kind in ("constant", "variable", "field"):
        return f"{function.name} is kept in {holder.name}, which may be handed on"
    file = plan.snapshot.file(function.path)
    if file is None:
        return ""
    line = Span(file.document.start_of(file.document.line_at(function.name_span.start)), function.name_span.end)
    if re.search(rules["given-away"], file.document.text(line)):
        return f"{function.name} is what its file gives away, which others may call by any name"
    whole = file.tree.captures("tags").get("export.default", ()) if file.tree is not None else ()
    if any(
        text_of(node) == function.name or function.span.holds(Span(node.start_byte, node.end_byte)) for node in whole
    ):
        return f"{function.name} is what its file gives away, which others may call by any name"
    return ""


def _targets(plan: Planned, function: Symbol) -> list[Symbol]:
    """What is named where a function is called: itself; of a constructor its class and those derived."""
    graph = plan.snapshot.graph
    language = language_of(graph, function.path)
    if language is None or function.name != language.settings.get("maker"):
        return [function]
    holders = [s for s in graph.symbols(function.path) if s.kind == "class" and s.span.holds(function.span)]
    targets = [function, *([min(holders, key=lambda s: len(s.span))] if holders else [])]
    for one in targets[1:]:
        targets += [other for other in graph.derived(one) if other not in targets]
    return targets


def _calls(plan: Planned, kin: Sequence[Symbol]) -> list[Call] | str:
    """Every call of them that is certain; those that are not are counted."""
    graph = plan.snapshot.graph
    found: dict[tuple[str, int], Call] = {}
    guessed: set[tuple[str, int]] = set()
    for function in kin:
        for target in _targets(plan, function):
            places = [(r.path, r.span, r.how == "resolved") for r in graph.references(target, _MOST + 1) if r.call]
            for path, span, known in (*places, *by_another_name(plan.snapshot, target)):
                if len(found) > _MOST:
                    return f"{function.name} is called in more than {_MOST} places"
                if reason := _opened(plan, path):
                    return reason
                at = use_at(plan.snapshot, path, span)
                reached = called(graph, path, at) if at is not None else None
                if reached is not None and not any(same_symbol(reached.symbol, each) for each in kin):
                    continue
                if not known:
                    guessed.add((path, span.start))
                    continue
                within = graph.enclosing(path, span.start, ("function",))
                call = _call(plan.snapshot.files[path].tree, span)
                signature = reached.signature if reached is not None else _places(plan, function)
                found[path, span.start] = Call(path, span, call, within, signature)
        if "by-name" not in _rules(plan, function) and function.kind == "function":
            guessed |= _members(plan, function)
    plan.guesses += len(guessed - found.keys())
    return list(found.values())


def _members(plan: Planned, function: Symbol) -> set[tuple[str, int]]:
    """Where a member of its name is called on what nobody knows, which may be the file that it is in."""
    graph = plan.snapshot.graph
    return {
        (path, at.base + at.use.start)
        for path in graph.mentioners.get(function.name, ())
        for at in graph.files[path].uses_by_name.get(function.name, ())
        if at.use.role == "member-call" and not graph.resolved(path, at).symbols
    }


def _call(tree: Tree | None, callee: Span) -> Node | None:
    """The arguments of a call."""
    node: Node | None = tree.named_at(callee) if tree is not None else None
    for _ in range(3):
        node = node.parent if node is not None else None
        if node is None or tree is None:
            return None
        for match in tree.matches("calls", node):
            if "callee" in match and match["callee"][0].start_byte == callee.start:
                return next(iter(match.get("arguments", ())), None)
    return None


def _is_value(plan: Planned, function: Symbol) -> bool:
    """Whether it is named where it is not called: handed on, kept, put into a table."""
    graph = plan.snapshot.graph
    made = {(at.path, at.span.start) for at in graph.references(function, _MOST) if at.call}
    for reference in graph.references(function, _MOST):
        imported = any(
            base + found.start <= reference.span.start <= base + found.end
            for base, found in graph.files[reference.path].imports
        )
        known = reference.how == "resolved" and (reference.path, reference.span.start) not in made
        if known and not imported and not _exported(plan, reference.path, reference.span):
            return True
    return False


def _exported(plan: Planned, path: str, span: Span) -> bool:
    """Whether a name stands in a list of what a file gives away."""
    file = plan.snapshot.file(path)
    if file is None or file.tree is None or file.language is None:
        return False
    names = [name for name in ("rename", RULES) if file.language.query(name) is not None]
    return any(node.start_byte == span.start for name in names for node in file.tree.captures(name).get("exported", ()))


def _visible(plan: Planned, call: Call, new: New, changed: Sequence[Symbol]) -> bool:
    """Whether a name surely has a value where a call stands, or will have, and none of another type.

    It is bound before in its function, or in its file.
    """
    if any(_key(each) == _key(one) for each in _around(plan, call) for one in changed):
        return True
    file = plan.snapshot.files[call.path]
    item = item_at(file, call.at.start)
    if item is None or file.tree is None or file.language is None:
        return False
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
    sites = scope.names.get(new.name, ())
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


def _around(plan: Planned, call: Call) -> Iterator[Symbol]:
    """The functions around a call, the innermost first."""
    one = call.within
    while one is not None:
        yield one
        outer = plan.snapshot.graph.enclosing(call.path, max(one.span.start - 1, 0), ("function",))
        one = outer if outer is not None and outer.span.holds(one.span) and outer.span != one.span else None


# ---- what is written ----------------------------------------------------------------------------


def _written(plan: Planned, function: Symbol) -> tuple[File, Node, list[tuple[str, Node]]] | str:
    """(file, list of parameters, (kind, node) of each of them in order)."""
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
    kinds: list[tuple[str, Node]] = []
    for child in top.named_children:
        if child.is_extra:
            continue
        own = [m for m in matches if any(holds(child, n) for nodes in m.values() for n in nodes if n != top)]
        kind = next((k for k in ("rest", "rest.named", "unnamed.above", "named.below", "default")
                     if any(k in m for m in own)), "plain")  # fmt: skip
        kinds.append((kind, child))
    return file, top, kinds


def _taken(plan: Planned, function: Symbol, name: str) -> str:
    """Why a parameter of this name cannot come."""
    file = plan.snapshot.files[function.path]
    if file.tree is None or (written := signature_at(file.tree, function.span, function.body)) is None:
        return f"the signature of {function.qualified} cannot be read"
    if any(one.name == name for one in written.parameters):
        return f"{function.qualified} has a parameter {name} already"
    rules = _rules(plan, function)
    if re.fullmatch(rules["asked"], name) is None or file.language is None:
        return f"{name} is no name"
    item = item_at(file, function.name_span.start)
    scopes = Scopes(file.tree, item, item.end_byte, None) if item is not None else None
    for scope in scopes.all[1:] if scopes is not None else ():
        inside = function.span.holds(Span(scope.start, scope.end)) and not scope.is_class
        if inside and name in scope.names:
            return f"{function.qualified} gives {name} a value of its own"
    return ""


def _declare(plan: Planned, function: Symbol, new: New) -> str:
    """Write the parameter where it may stand; why it cannot, in words."""
    written = _written(plan, function)
    if isinstance(written, str):
        return written
    file, top, kinds = written
    rules = _rules(plan, function)
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
    _insert(plan, file, top, before, last, parameter)
    return ""


def _insert(plan: Planned, file: File, top: Node, before: Sequence[Node], last: Node | None, text: str) -> None:
    """Put one more thing into a list in brackets, behind `before` and in front of `last`, in the list's own lines."""
    document = file.document
    if before:
        node = before[-1]
        alone = document.line_at(node.start_byte) != document.line_at(top.start_byte)
        alone &= len(before) < 2 or document.line_at(before[-2].end_byte) != document.line_at(node.start_byte)
        gap = " "
        if alone:
            start = document.start_of(document.line_at(node.start_byte))
            head = document.text(Span(start, node.start_byte))
            gap = document.newline().decode() + head if not head.strip() else " "
        remark = _remark(file, node)
        if remark is None or not gap.strip(" "):
            plan.put(file.path, Span(node.end_byte, node.end_byte), f",{gap}{text}")
            return
        comma = any(one.type == "," and one.end_byte <= remark.start_byte for one in _behind(node))
        if not comma:
            plan.put(file.path, Span(node.end_byte, node.end_byte), ",")
        plan.put(file.path, Span(remark.end_byte, remark.end_byte), f"{gap}{text}{',' * comma}")
    elif last is not None:
        plan.put(file.path, Span(last.start_byte, last.start_byte), f"{text}, ")
    else:
        plan.put(file.path, Span(top.start_byte + 1, top.start_byte + 1), text)


def _by_position(plan: Planned, kin: Sequence[Symbol], calls: Sequence[Call], new: New, every: Sequence[Symbol]) -> str:
    """Declare and give a parameter where arguments go by their place alone; why that cannot be done, in words."""
    rules = _rules(plan, kin[0])
    if plan.guesses:
        return f"{plan.guesses} call{'s' * (plan.guesses != 1)} of a {kin[0].name} may mean it, of what nobody knows"
    for each in kin:
        if _is_value(plan, each):
            return f"{each.name} is handed on as a value; what it is given then is not known"
        if rules.get("counts") and _reads(plan, each, rules["counts"]):
            return f"{each.qualified} uses {rules['counts']}"
    seen = [call for call in calls if _visible(plan, call, new, every)]
    if not new.type and rules["needs-type"]:
        return f"nothing here says of what type {new.name} is; say it: “{rules['example'].format(name=new.name)}”"
    left = [call for call in calls if call not in seen]
    for call in calls:
        value = new.name if call in seen else "" if rules["left-out"] else new.default
        if reason := _give_at(plan, call, value, new.name):
            return reason
    plan.left += len(left) if rules["left-out"] else 0
    plan.default = plan.default or new.default or rules["none"]
    for each in kin:
        if reason := _declare_at(plan, each, new, optional=bool(left) or not calls):
            return reason
    return ""


def _type_there(plan: Planned, call: Call, name: str) -> str:
    """The type of a parameter of a function around a call, as written."""
    for one in _around(plan, call):
        tree = plan.snapshot.files[call.path].tree
        written = signature_at(tree, one.span, one.body) if tree is not None else None
        for parameter in written.parameters if written is not None else ():
            if parameter.name == name:
                return parameter.type
    return ""


def _places(plan: Planned, function: Symbol) -> Signature | None:
    """The parameters that a call fills by their place; None where that is not what a call does."""
    rules, written = _rules(plan, function), _written(plan, function)
    if isinstance(written, str):
        return None
    if "by-name" in rules:  # its own text is there, where the graph has a line in which a comment ends what is read
        tree = plan.snapshot.files[function.path].tree
        known = tree is not None and function.kind == "function"
        return signature_at(tree, function.span, function.body) if tree is not None and known else None
    found: list[Parameter] = []
    for kind, node in written[2]:
        names = [text_of(name) for name in node.children_by_field_name("name")]
        if rules["named"] and not names:
            return None
        if kind == "rest":
            found.append(Parameter("", "rest"))
        elif not re.match(rules["no-argument"], text_of(node)):
            found += [Parameter(name) for name in names or [_first_word(node)]]
    return Signature(tuple(found))


def _first_word(node: Node) -> str:
    found = re.match(r"[\w$]+", text_of(node))
    return found.group() if found else ""


def _declare_at(plan: Planned, function: Symbol, new: New, *, optional: bool) -> str:
    written = _written(plan, function)
    if isinstance(written, str):
        return written
    file, top, kinds = written
    rules = _rules(plan, function)
    if _places(plan, function) is None:
        return f"the signature of {function.qualified} cannot be read"
    before = [node for kind, node in kinds if kind != "rest"]
    rest = next((node for kind, node in kinds if kind == "rest"), None)
    behind = any(kind == "default" or node.type in rules["optional-nodes"] for kind, node in kinds)
    name = new.name
    if rules["left-out"] and not new.default and (optional or behind):
        name += rules["optional"]
    parameter = rules["typed" if new.type else "plain"].format(name=name, type=new.type)
    if new.default and rules["left-out"]:
        parameter = rules["default"].format(parameter=parameter, value=new.default)
    _insert(plan, file, top, before, rest, parameter)
    return ""


def _give_at(plan: Planned, call: Call, value: str, name: str) -> str:
    """Put a value where a new parameter stands in a call; with "" see that nothing else gets there."""
    file = plan.snapshot.files[call.path]
    where = f"the call in {call.path.rsplit('/', 1)[-1]} line {file.document.line_at(call.at.start) + 1}"
    if call.arguments is None or call.signature is None or file.language is None or file.tree is None:
        return f"what {where} gives it cannot be told"
    rules = file.language.table(RULES)
    assert rules is not None
    arguments = [node for node in call.arguments.named_children if not node.is_extra]
    spread = [n for m in file.tree.matches("calls", call.arguments) for n in m.get("spread", ())
              if m["given"][0].id == call.arguments.id]  # fmt: skip
    if spread:
        return f"{where} gives what nobody has counted"
    places = sum(p.passed != "rest" for p in call.signature.parameters)
    open_end = places < len(call.signature.parameters)
    if len(arguments) > places and not open_end:
        return f"{where} gives more than is taken, which would be taken for it"
    if not value:
        if not rules["left-out"]:
            return f"{where} has no {name} to give; say what it gives: “{rules['example'].format(name=name)}”"
        return f"{where} gives more, which would be taken for it" if len(arguments) > places else ""
    if len(arguments) < places:
        return f"{where} leaves out what stands before it"
    last = arguments[places] if len(arguments) > places else None
    _insert(plan, file, call.arguments, arguments[:places], last, value)
    plan.calls += 1
    return ""


def _give(plan: Planned, call: Call, name: str) -> str:
    """Let a call give the value that the name has there."""
    file = plan.snapshot.files[call.path]
    where = f"{call.path.rsplit('/', 1)[-1]} line {file.document.line_at(call.at.start) + 1}"
    if call.arguments is None:
        return f"the call in {where} has no brackets to write it in"
    arguments = [node for node in call.arguments.named_children if not node.is_extra]
    assert file.language is not None
    rules = file.language.table(RULES)
    assert rules is not None
    _insert(plan, file, call.arguments, arguments, None, rules["given"].format(name=name))
    plan.calls += 1
    return ""


# ---- what goes ----------------------------------------------------------------------------------


def _reads(plan: Planned, function: Symbol, name: str) -> bool:
    """Whether the body, or a default, speaks of a parameter."""
    file = plan.snapshot.files[function.path]
    item = item_at(file, function.name_span.start)
    if item is None or file.tree is None:
        return True
    scopes = Scopes(file.tree, item, item.end_byte, None)
    inside = [n for n in scopes.reads if function.span.start <= n.start_byte < function.span.end]
    return any(text_of(node) == name for node in inside)


def _undeclare(plan: Planned, function: Symbol, name: str) -> str:
    written = _written(plan, function)
    if isinstance(written, str):
        return written
    file, _, kinds = written
    rules = _rules(plan, function)
    nodes = [node for _, node in kinds]
    for number, (kind, node) in enumerate(kinds):
        names = node.children_by_field_name("name")
        own = next((place for place, one in enumerate(names) if text_of(one) == name), None)
        if len(names) > 1 and own is not None and kind in ("plain", "default"):
            _drop(plan, file, names[:own], names[own], names[own], names[own + 1 :])
            return ""
        if kind not in ("plain", "default") or re.match(r"\w*", text_of(node)).group() != name:  # pyright: ignore[reportOptionalMemberAccess]
            continue
        if number and kinds[number - 1][0] == "named.below" and number + 1 >= len(kinds):
            _drop(plan, file, [*nodes[: number - 1]], nodes[number - 1], node, nodes[number + 1 :])
        else:
            _drop(plan, file, nodes[:number], node, node, nodes[number + 1 :])
        return ""
    return (
        f"{function.qualified} has no parameter {name} that can go ({rules.get('rest', '*')}{name} takes what is left)"
    )


def _behind(node: Node) -> Iterator[Node]:
    while (following := node.next_sibling) is not None:
        yield following
        node = following


def _remark(file: File, node: Node) -> Node | None:
    """The comment behind a thing in a list, on the line where that ends."""
    line = file.document.line_at(node.end_byte)
    for one in _behind(node):
        if file.document.line_at(one.start_byte) != line or not (one.is_extra or one.type == ","):
            return None
        if one.is_extra:
            return one
    return None


def _drop_beside(file: File, before: Sequence[Node], first: Node, last: Node, after: Sequence[Node]) -> list[Span]:
    """What to take out of a list where comments stand around it, [] where none do: those of others stay."""
    document = file.document
    comma = next((one for one in _behind(last) if one.type == ","), None)
    line = document.start_of(document.line_at(first.start_byte))
    alone = not document.text(Span(line, first.start_byte)).strip()
    remark = _remark(file, last)
    if remark is not None:
        inside = comma is not None and remark.end_byte <= comma.start_byte
        others = bool(before) and before[-1].end_byte > line and not inside
        next_to = after and document.line_at(after[0].start_byte) == document.line_at(remark.end_byte)
        if others or (next_to and comma is not None and comma.end_byte <= remark.start_byte):
            remark = None
    start = before[-1].end_byte if before and not after else first.start_byte
    end = after[0].start_byte if after else last.end_byte
    between = any(one.is_extra and start <= one.start_byte < end for one in _behind(before[-1] if before else first))
    head = first
    while (lead := head.prev_sibling) is not None and lead.is_extra and lead.end_byte > line:
        head = lead  # what is said of it in front of it
    if not between and head == first and (remark is None or not alone):
        return []
    gone = sorted(Span(one.start_byte, one.end_byte) for one in (comma, remark) if one is not None)
    found = [Span(head.start_byte, last.end_byte)]
    for span in gone:
        joined = not document.text(Span(found[-1].end, span.start)).strip()
        found[-1:] = [Span(found[-1].start, span.end)] if joined else [found[-1], span]
    rest = re.match(rb"([ \t]*)(\r?\n)?", document.slice(Span(found[-1].end, len(document))))
    assert rest is not None
    if alone:
        found[-1] = Span(found[-1].start, found[-1].end + (rest.end() if rest[2] else 0))
        found[0] = Span(line, found[0].end)
    elif not rest[2]:
        space = document.text(Span(line, head.start_byte))
        found[0] = Span(head.start_byte - (len(space) - len(space.rstrip(" "))), found[0].end)
    return found


def _drop(plan: Planned, file: File, before: Sequence[Node], first: Node, last: Node, after: Sequence[Node]) -> None:
    """Take something out of a list, with the comma that it needed."""
    if spans := _drop_beside(file, before, first, last, after):
        for span in spans:
            plan.put(file.path, span, "")
    elif after:
        plan.put(file.path, Span(first.start_byte, after[0].start_byte), "")
    elif before:
        plan.put(file.path, Span(before[-1].end_byte, last.end_byte), "")
    else:
        end = last.end_byte
        tail = re.match(rb"\s*, *", file.document.slice(Span(end, min(end + 40, len(file.document)))))
        plan.put(file.path, Span(first.start_byte, end + (tail.end() if tail else 0)), "")


def _take(plan: Planned, call: Call, name: str) -> str:
    """Take away what a call gives a parameter; why that cannot be told, in words."""
    file = plan.snapshot.files[call.path]
    tree = file.tree
    where = f"{call.path.rsplit('/', 1)[-1]} line {file.document.line_at(call.at.start) + 1}"
    if call.arguments is None or call.signature is None or tree is None or file.language is None:
        return f"what the call in {where} gives it cannot be told"
    arguments = [node for node in call.arguments.named_children if not node.is_extra]
    named: dict[int, str] = {}
    for match in tree.matches("calls", call.arguments):
        if "given" not in match or match["given"][0].id != call.arguments.id:
            continue
        if "named" not in match:
            return f"the call in {where} gives what nobody has counted"
        name_node = match["named"][0]
        named.update((one.id, text_of(name_node)) for one in arguments if holds(one, name_node))
    wanted = next((node for node in arguments if named.get(node.id) == name), None)
    if wanted is None:
        places = [p.name for p in call.signature.parameters if p.passed in ("position", "either")]
        positional = [node for node in arguments if node.id not in named]
        index = places.index(name) if name in places else len(positional)
        if index >= len(positional):
            return ""  # its default spoke for it
        wanted = positional[index]
    rules = file.language.table(RULES)
    assert rules is not None
    calls = tree.captures("locals", within=Span(wanted.start_byte, wanted.end_byte)).get("call", ())
    if re.search(rules["acts"], text_of(wanted)) or any(holds(wanted, node) for node in calls):
        return f"the call in {where} gives it `{text_of(wanted)[:60]}`, which may do something; take that out first"
    number = arguments.index(wanted)
    _drop(plan, file, arguments[:number], wanted, wanted, arguments[number + 1 :])
    plan.calls += 1
    return ""
