"""Which functions a parameter changes, and every call of them that is known for certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dovetail.features.kin import family, owner_of, same_symbol, under_other_names, use_at
from dovetail.features.parameters.nominal import (
    by_type,
    holder_of,
    is_maker,
    made,
    marked,
    members_of,
    of_this_number,
    related,
    sharing,
    unknown,
    unknown_makers,
)
from dovetail.features.parameters.plan import MOST, RULES, Call, Key, Planned, key_of, line_of, open_file, rules_of
from dovetail.features.parameters.written import arguments_of, head_of, places_of, written_list
from dovetail.graph import Reference, Symbol, surest
from dovetail.graph.calls import called, decorators, language_of
from dovetail.graph.scopes import text_of
from dovetail.model.ask import Stage, Steps
from dovetail.text import Span


def kin_of(plan: Planned, function: Symbol) -> Steps[list[Symbol] | str]:
    """The function with those that it overrides and that override it."""
    graph = plan.snapshot.graph
    language = language_of(graph, function.path)
    if function.kind not in ("function", "method") or language is None or language.table(RULES) is None:
        return "there is no function here whose parameters could be changed"
    rules, maker = rules_of(plan, function), is_maker(plan, function)
    if reason := open_file(plan, function.path):
        return reason
    if _called_elsewhere(plan, function):
        return (
            f"{function.qualified} is called where no call says so: by the language, or by what is not in this project"
        )
    if "by-name" not in rules and (reason := _elsewhere(plan, function, maker=maker)):
        return reason
    if "promised" in rules:
        kin = yield from related(plan, function)
    else:
        kin = family(plan.snapshot, function) if function.kind == "method" and not maker else [function]
    if isinstance(kin, str):
        return kin
    for each in kin:
        if reason := open_file(plan, each.path) or marked(plan, each):
            return reason
        if "promised" in rules and isinstance(written := written_list(plan, each), str):
            return written
        if not _plain(plan, each):
            return f"a decorator may change what {each.qualified} takes"
        alike = [graph.symbol(each.path, placed) for placed in graph.files[each.path].by_name.get(each.name, ())]
        several = sum(one.container == each.container and one.kind == each.kind for one in alike) > 1
        if several and (not rules.get("overloads") or isinstance(sharing(plan, each), str)):
            return f"{each.qualified} is defined more than once"
        if reason := _beside(plan, each):
            return reason
    if function.kind == "method" and not maker and (reason := (yield from _structural(plan, kin))):
        return reason
    return kin


def _beside(plan: Planned, function: Symbol) -> str:
    """Why a file beside this one says what it takes as well, in words for a person."""
    graph, path = plan.snapshot.graph, function.path
    for written, other in rules_of(plan, function).get("beside", ()):
        beside = f"{path.removesuffix(written)}{other}"
        if path.endswith(written) and beside in graph.files and function.name in graph.files[beside].by_name:
            return f"{beside.rsplit('/', 1)[-1]} says what {function.name} takes as well; change both by hand"
    return ""


def _structural(plan: Planned, kin: Sequence[Symbol]) -> Steps[str]:
    """Why a type may ask for a method without its class saying so: one that is called alike promises the name."""
    graph, kinds, function = plan.snapshot.graph, rules_of(plan, kin[0]).get("structural", {}), kin[0]
    for other in graph.named(function.name) if kinds else ():
        family = graph.kin(graph.files[other.path].language) == graph.kin(graph.files[function.path].language)
        if not family or any(same_symbol(other, each) for each in kin):
            continue
        yield Stage("LOCATE")
        tree = plan.snapshot.files[other.path].tree if not open_file(plan, other.path) else None
        node = tree.named_at(other.name_span).parent if tree is not None else None
        if node is not None and node.type in kinds and re.search(kinds[node.type], text_of(node)):
            return f"{line_of(plan, other.path, other.name_span.start)} promises a {other.name}, which may be this one"
    return ""


def may_change(plan: Planned, function: Symbol) -> bool:
    """Whether nothing about a function alone speaks against another signature: cheap enough for a menu."""
    return not _called_elsewhere(plan, function) and _plain(plan, function)


def _plain(plan: Planned, function: Symbol) -> bool:
    language = language_of(plan.snapshot.graph, function.path)
    plain = language.settings.get("plain-decorators", ()) if language is not None else ()
    return decorators(plan.snapshot.graph, function) <= set(plain)


def _called_elsewhere(plan: Planned, function: Symbol) -> bool:
    """Whether the language itself calls a function, or reads it as a field."""
    rules, method = rules_of(plan, function), function.kind == "method"
    if re.search(rules["called-elsewhere"], f".{function.name}" if method else function.name):
        return True
    return method and re.search(rules.get("read-as-field", "$."), head_of(plan, function)) is not None


def _elsewhere(plan: Planned, function: Symbol, *, maker: bool) -> str:
    """Why not all calls of a function can be known where arguments go by their place, in words for a person."""
    graph, rules = plan.snapshot.graph, rules_of(plan, function)
    if function.kind == "method" and not rules["methods"]:
        return f"{function.qualified} may be what an interface asks for, which nothing here writes down"
    if "promised" in rules:
        return ""
    if maker and any(graph.derived(one) for one in targets_of(plan, function)[1:]):
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


def targets_of(plan: Planned, function: Symbol) -> list[Symbol]:
    """What is named where a function is called: itself; of a constructor its class and those derived."""
    graph, rules = plan.snapshot.graph, rules_of(plan, function)
    if not is_maker(plan, function):
        return sharing(plan, function) if rules.get("overloads") else [function]
    holder = holder_of(plan, function)
    classes = [holder] if holder is not None else []
    for one in classes:
        for other in graph.derived(one) if rules.get("inherited-maker", True) else ():
            own = "promised" in rules and any(is_maker(plan, each) for each in members_of(plan, other))
            classes += [other] if other not in classes and not own else []
    return [function, *classes]


def calls_of(plan: Planned, kin: Sequence[Symbol]) -> Steps[list[Call] | str]:
    """Every call of them that is certain; those that are not are counted."""
    graph = plan.snapshot.graph
    found: dict[tuple[str, int], Call] = {}
    guessed: set[Key] = set()
    for function in kin:
        nominal = "promised" in rules_of(plan, function)
        for target in targets_of(plan, function):
            named = yield from _named(plan, target)
            places = [(r.path, r.span, r.how == "resolved") for r in named if r.call or nominal]
            for path, span, known in places:
                if len(found) > MOST:
                    return f"{function.name} is called in more than {MOST} places"
                if plan.snapshot.file(path) is None:
                    yield Stage("LOCATE")
                if reason := open_file(plan, path):
                    return reason
                at = use_at(plan.snapshot, path, span)
                reached = called(graph, path, at) if at is not None else None
                if reached is not None and not any(same_symbol(reached.symbol, each) for each in kin):
                    continue
                tree = plan.snapshot.files[path].tree
                given = arguments_of(tree, span)
                if nominal and given is None and known:
                    continue  # what is named without being called is looked at elsewhere
                if nominal and given is not None and not of_this_number(plan, function, path, given, span):
                    continue
                if not known:
                    guessed.add((path, span.start))
                    continue
                within = graph.enclosing(path, span.start, ("function",))
                signature = reached.signature if reached is not None else places_of(plan, function)
                receiver = given is not None and by_type(plan, function, path, span)
                found[path, span.start] = Call(path, span, given, within, signature, receiver)
        if nominal:
            if is_maker(plan, function):
                more = yield from made(plan, function)
                if isinstance(more, str):
                    return more
                found |= {(call.path, call.at.start): call for call in more}
                guessed |= unknown_makers(plan, function)
            else:
                loose, more_guessed = unknown(plan, function)
                found |= {(call.path, call.at.start): call for call in loose}
                guessed |= more_guessed
        elif "by-name" not in rules_of(plan, function) and function.kind == "function":
            guessed |= _members(plan, function)
    plan.guesses[key_of(kin[0])] = guessed - found.keys()
    return list(found.values())


def _named(plan: Planned, target: Symbol) -> Steps[list[Reference]]:
    """The places that name something, those that are certain first."""
    found: list[Reference] = []
    for some in plan.snapshot.graph.references_by_file(target):
        found += some
        if len(found) > MOST:
            break
        yield Stage("LOCATE")
    return surest(found[: MOST + 1])


def _members(plan: Planned, function: Symbol) -> set[tuple[str, int]]:
    """Where a member of its name is called on what nobody knows, which may be the file that it is in."""
    graph = plan.snapshot.graph
    return {
        (path, at.base + at.use.start)
        for path in graph.mentioners.get(function.name, ())
        for at in graph.files[path].uses_by_name.get(function.name, ())
        if at.use.role == "member-call" and not graph.resolved(path, at).symbols
    }


def is_value(plan: Planned, function: Symbol) -> Steps[bool]:
    """Whether it is named where it is not called: handed on, kept, put into a table."""
    graph = plan.snapshot.graph
    nominal = "promised" in rules_of(plan, function)
    if nominal and is_maker(plan, function):
        return False
    for path, span, call in under_other_names(plan.snapshot, function):
        if not call and not _exported(plan, path, span):
            return True
    named = yield from _named(plan, function)
    calls = {(at.path, at.span.start) for at in named if at.call}
    for reference in named:
        imported = any(
            base + found.start <= reference.span.start <= base + found.end
            for base, found in graph.files[reference.path].imports
        )
        known = reference.how == "resolved" and (reference.path, reference.span.start) not in calls
        if known and nominal and not open_file(plan, reference.path):
            known = arguments_of(plan.snapshot.files[reference.path].tree, reference.span) is None
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


def around_call(plan: Planned, call: Call) -> Iterator[Symbol]:
    """The functions around a call, the innermost first."""
    one = call.within
    while one is not None:
        yield one
        outer = plan.snapshot.graph.enclosing(call.path, max(one.span.start - 1, 0), ("function",))
        one = outer if outer is not None and outer.span.holds(one.span) and outer.span != one.span else None
