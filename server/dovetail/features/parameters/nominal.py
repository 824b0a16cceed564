"""Where a language writes down what each class is made of: overriding, overloads, constructors, who else may call.

Java, C#, PHP and Rust in their own words: `parameters.toml` and `parameters.scm`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dovetail.features.kin import names_of, with_derived
from dovetail.features.parameters.plan import RULES, Call, Key, Planned, key_of, line_of, open_file, rules_of
from dovetail.features.parameters.written import arguments_of, arity, given, head_of, places_of
from dovetail.graph import Symbol
from dovetail.graph.calls import language_of
from dovetail.graph.modules import modules
from dovetail.graph.scopes import text_of
from dovetail.model.ask import Stage, Steps
from dovetail.syntax import Node
from dovetail.text import Span

_HOLDERS = ("class", "interface", "enum")
_READ = 200
"""Files that are read for what has no name in the graph."""


# ---- who belongs together -----------------------------------------------------------------------


def holder_of(plan: Planned, function: Symbol) -> Symbol | None:
    """The class, interface or trait that a function is written in."""
    graph = plan.snapshot.graph
    for path, around in graph.classes_around(function.path, function.name_span.start):
        one = graph.symbol(path, around)
        if path == function.path and one.kind in _HOLDERS and one.span.holds(function.span):
            return one
    return None


def is_maker(plan: Planned, function: Symbol) -> bool:
    """Whether a function is called to make an object."""
    language = language_of(plan.snapshot.graph, function.path)
    rules = language.table(RULES) if language is not None else None
    if language is None or rules is None or function.kind != "method":
        return False
    maker: str = rules.get("maker", language.settings.get("maker", ""))
    return function.name == maker.format(holder=function.container.rsplit(".", 1)[-1])


def members_of(plan: Planned, holder: Symbol, name: str = "") -> list[Symbol]:
    """The functions of a class itself; of one name, where that is given."""
    every = plan.snapshot.graph.symbols(holder.path)
    inside = [one for one in every if one.kind == "method" and holder.span.holds(one.span)]
    return [one for one in inside if (not name or one.name == name) and holder_of(plan, one) == holder]


def related(plan: Planned, function: Symbol) -> Steps[list[Symbol] | str]:
    """A function with all that have to take what it takes; or why these are not known, in words."""
    rules = rules_of(plan, function)
    holder, maker = holder_of(plan, function), is_maker(plan, function)
    head = head_of(plan, function)
    if maker and holder is not None and holder.kind == "enum":
        return f"the values of {holder.name} are made by it, where no call says so"
    if function.kind == "function" or holder is None or maker or re.search(rules["alone"], head):
        return [function]
    found: dict[Key, Symbol] = {}
    seen = set[Key]()
    todo = [holder]
    while todo:
        one = todo.pop()
        if key_of(one) in seen:
            continue
        seen.add(key_of(one))
        if reason := open_file(plan, one.path):
            return reason
        own = [each for each in members_of(plan, one, function.name)
               if not re.search(rules["alone"], head_of(plan, each)) and _alike(plan, each, function)]  # fmt: skip
        found.update({key_of(each): each for each in own})
        if not own and one != holder:
            continue
        for below in with_derived(plan.snapshot, [one]):
            above = [below, *bases_of(plan, below)]
            for each in above:
                if named := foreign(plan, each):
                    why = "which is not in this project and may have a"
                    return f"{each.name} is derived from {named}, {why} {function.name}"
            todo += [each for each in above if members_of(plan, each, function.name)]
    kin = [function, *(each for each in found.values() if key_of(each) != key_of(function))]
    for each in kin:
        if reason := open_file(plan, each.path):
            return reason
        if (mark := rules.get("overrides", "")) and re.search(mark, head_of(plan, each)):
            above = bases_of(plan, holder_of(plan, each) or holder)
            if not any(holder_of(plan, other) in above for other in kin):
                return f"{each.qualified} overrides what is not in this project"
        if reason := (yield from handed_on(plan, each)):
            return reason
    return kin


def _alike(plan: Planned, one: Symbol, other: Symbol) -> bool:
    """Whether two functions of a name override one another, as far as their number of parameters tells."""
    return not rules_of(plan, one).get("overloads") or arity(plan, one) == arity(plan, other)


def bases_of(plan: Planned, one: Symbol) -> list[Symbol]:
    """What a class takes over from, to any depth."""
    found: list[Symbol] = []
    todo = [one]
    while todo:
        bases = [base for _, base in plan.snapshot.graph.bases(todo.pop()) if base is not None]
        todo += [base for base in bases if base not in found]
        found += [base for base in bases if base not in found]
    return found


def foreign(plan: Planned, one: Symbol) -> str:
    """What a class is derived from that is not in the project, "" where nothing is that has members of its own."""
    plain = rules_of(plan, one)["plain-bases"]
    named = (re.split(r"[<(\[]", written)[0] for written, base in plan.snapshot.graph.bases(one) if base is None)
    return next((name for name in named if re.split(r"\.|\\|::", name)[-1] not in plain), "")


def sharing(plan: Planned, function: Symbol) -> list[Symbol]:
    """The functions that share a name where calls tell them apart, itself included: overloads, inherited ones too."""
    holder = holder_of(plan, function)
    if holder is None:
        return [function]
    around = [*with_derived(plan.snapshot, [holder]), *bases_of(plan, holder)]
    classes = [holder] if is_maker(plan, function) else around
    return [function, *(
        each for one in classes for each in members_of(plan, one, function.name) if key_of(each) != key_of(function)
    )]  # fmt: skip


def overloaded(plan: Planned, kin: Sequence[Symbol], more: int) -> str:
    """Why calls could mean another function of the name, before or with `more` parameters; "" where they cannot."""
    for function in kin:
        own = arity(plan, function)
        others = [each for each in sharing(plan, function) if key_of(each) not in {key_of(one) for one in kin}]
        for other in others if rules_of(plan, function).get("overloads") else ():
            if reason := open_file(plan, other.path):
                return reason
            taken = arity(plan, other)
            if own is None or taken is None:
                return f"what another {function.name} takes cannot be read"
            least, most = own
            for low, high in ((least, most), (least + more, None if most is None else most + more)):
                if (taken[1] is None or low <= taken[1]) and (high is None or taken[0] <= high):
                    return f"there is another {function.name} that takes {_many(taken)}, which calls could mean then"
    return ""


def _many(taken: tuple[int, int | None]) -> str:
    least, most = taken
    return f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"


# ---- calls --------------------------------------------------------------------------------------


def of_this_number(plan: Planned, function: Symbol, path: str, arguments: Node, callee: Span) -> bool:
    """Whether a call gives as many as a function takes, where those that do not mean another."""
    rules, taken = rules_of(plan, function), arity(plan, function)
    values = given(arguments, rules.get("tokens", ""))
    if not rules["counted"] or taken is None or values is None:
        return True
    many = len(values) - by_type(plan, function, path, callee)
    return taken[0] <= many and (taken[1] is None or many <= taken[1])


def by_type(plan: Planned, function: Symbol, path: str, callee: Span) -> bool:
    """Whether a call names the type of a method and gives the object first: `Type::method(&object, 1)`."""
    tree = plan.snapshot.files[path].tree
    pattern: str = rules_of(plan, function).get("receiver", "")
    if tree is None or not pattern:
        return False
    own = plan.snapshot.files[function.path].document
    if re.search(pattern, own.text(Span(function.name_span.end, max(function.body, function.name_span.end)))) is None:
        return False
    before = plan.snapshot.files[path].document.slice(Span(max(0, callee.start - 2), callee.start))
    return before == b"::"


def unknown(plan: Planned, function: Symbol) -> tuple[list[Call], set[Key]]:
    """(calls by a path, where else the name is called that leads nowhere and may be the function)."""
    graph, rules = plan.snapshot.graph, rules_of(plan, function)
    sure: list[Call] = []
    found = set[Key]()
    names = names_of(plan.snapshot, function)
    for path, name in sorted({(path, one) for one in names for path in graph.mentioners.get(one, ())}):
        if language_of(graph, path) is not language_of(graph, function.path):
            continue
        for at in graph.files[path].uses_by_name.get(name, ()):
            if name != function.name and not at.use.role.startswith("member"):
                continue
            loose = "tokens" in rules and at.use.role == "mention"
            if not (loose or at.use.role.endswith("call")) or graph.resolved(path, at) or graph.by_value(path, at):
                continue
            if open_file(plan, path):
                continue
            callee = Span(at.base + at.use.start, at.base + at.use.end)
            file = plan.snapshot.files[path]
            before = re.search(r"(\w*)(::|\\)$", file.document.text(Span(max(0, callee.start - 80), callee.start)))
            if function.kind == "function" and at.use.role == "member-call" and before is None:
                continue
            arguments = arguments_of(file.tree, callee)
            if arguments is None or not of_this_number(plan, function, path, arguments, callee):
                named = arguments is None and (not loose or before is not None)
                found |= {(path, callee.start)} if named else set()
                continue
            written = before[1] if loose and before is not None else at.use.receiver
            meant = _by_path(plan, function, path, written, name)
            if meant is False:
                continue
            if meant:
                within = graph.enclosing(path, callee.start, ("function",))
                receiver = by_type(plan, function, path, callee)
                sure.append(Call(path, callee, arguments, within, places_of(plan, function), receiver))
            else:
                found.add((path, callee.start))
    return sure, found


def unknown_makers(plan: Planned, function: Symbol) -> set[Key]:
    """Where an object is made of a class of that name which nobody knows."""
    graph, holder = plan.snapshot.graph, holder_of(plan, function)
    found = set[Key]()
    for path in graph.mentioners.get(holder.name, ()) if holder is not None else ():
        if language_of(graph, path) is not language_of(graph, function.path):
            continue
        for at in graph.files[path].uses_by_name.get(holder.name if holder is not None else "", ()):
            if not at.use.role.endswith("call") or graph.resolved(path, at) or graph.by_value(path, at):
                continue
            callee = Span(at.base + at.use.start, at.base + at.use.end)
            arguments = arguments_of(plan.snapshot.files[path].tree, callee) if not open_file(plan, path) else None
            if arguments is not None and of_this_number(plan, function, path, arguments, callee):
                found.add((path, callee.start))
    return found


def _by_path(plan: Planned, function: Symbol, path: str, written: str, called: str) -> bool | None:
    """Whether a path like `crate::shop::Cart` leads to where a function is; None where nobody knows."""
    graph, holder = plan.snapshot.graph, holder_of(plan, function)
    language = language_of(graph, path)
    separator: str = language.settings.get("imports", {}).get("separator", "") if language is not None else ""
    target = holder if function.kind == "method" else function
    if not written or not separator or target is None:
        return None
    before, _, name = written.rpartition(separator) if function.kind == "method" else (written, "", called)
    places = modules(graph, path, before) if before else (path,)
    meant = [one for place in places for one in graph.plain(place, name).symbols]
    if any(one.path == target.path and one.name == target.name for one in meant):
        return True
    return False if meant and all(one.kind != "module" for one in meant) else None


def made(plan: Planned, function: Symbol) -> Steps[list[Call] | str]:
    """Calls of a constructor that do not name its class: from another one, from those derived, by the type expected."""
    graph, holder = plan.snapshot.graph, holder_of(plan, function)
    if holder is None:
        return f"what {function.name} makes is not known"
    found: list[Call] = []
    rules, derived = rules_of(plan, function), with_derived(plan.snapshot, [holder])[1:]
    for one in (holder, *derived):
        if reason := open_file(plan, one.path):
            return reason
        tree = plan.snapshot.files[one.path].tree
        if tree is None:
            continue
        makers = [each for each in members_of(plan, one) if is_maker(plan, each)]
        calls = [
            (name, match[name][0], match["made.arguments"][0])
            for match in tree.matches(RULES, tree.named_at(one.span)) if "made.arguments" in match
            for name in ("made.own", "made.above", "made.derived") if name in match
        ]  # fmt: skip
        for name, node, arguments in calls:
            span = Span(node.start_byte, node.end_byte)
            within = graph.enclosing(one.path, span.start, ("function",))
            if within is None or holder_of(plan, within) != one:
                continue
            inherits = bool(rules.get("inherited-maker")) and not makers
            own = one == holder or inherits
            if name == "made.derived" and any(is_maker(plan, e) for b in derived for e in members_of(plan, b)):
                return f"a class derived from {holder.name} may be what {line_of(plan, one.path, span.start)} makes"
            mine = own if name != "made.above" else holder in bases_of(plan, one)[:1]
            if mine and of_this_number(plan, function, one.path, arguments, span):
                found.append(Call(one.path, span, arguments, within, places_of(plan, function)))
        if one != holder and holder in [base for _, base in graph.bases(one)] and rules.get("implied-maker"):
            implied = [each for each in makers if not any(
                within is not None and key_of(within) == key_of(each)
                for name, node, _ in calls if name in ("made.above", "made.own")
                for within in [graph.enclosing(one.path, node.start_byte, ("function",))])]  # fmt: skip
            taken = arity(plan, function)
            if (implied or not makers) and taken is not None and taken[0] == 0:
                plan.implied = one.name
    for path in sorted({holder.path, *_concerned(plan, holder)})[:_READ]:
        if language_of(graph, path) is not language_of(graph, holder.path):
            continue
        yield Stage("LOCATE")
        if reason := open_file(plan, path):
            return reason
        tree = plan.snapshot.files[path].tree
        matches = tree.matches(RULES) if tree is not None else []
        said = {m["made.expected"][0].id: m["made.type"][0] for m in matches if "made.type" in m}
        for match in matches:
            if "made.expected" in match and "made.type" not in match:
                node, arguments = match["made.expected"][0], match["made.arguments"][0]
                span = Span(node.start_byte, arguments.start_byte)
                if not of_this_number(plan, function, path, arguments, span):
                    continue
                if node.id not in said:
                    return f"what {line_of(plan, path, span.start)} makes is not said there"
                if text_of(said[node.id]).rsplit(".", 1)[-1] == holder.name:
                    within = graph.enclosing(path, span.start, ("function",))
                    found.append(Call(path, span, arguments, within, places_of(plan, function)))
            if "made.handed" in match and text_of(match["made.handed"][0]) == holder.name:
                return f"the constructor of {holder.name} is handed on as a value; what it is given then is not known"
    return found


# ---- who else may call --------------------------------------------------------------------------


def marked(plan: Planned, function: Symbol) -> str:
    """Why something that a function is marked with may call it, or change what it takes; "" where nothing does."""
    file, rules = plan.snapshot.files[function.path], rules_of(plan, function)
    if "plain-marks" not in rules or file.tree is None or file.language is None:
        return ""
    start, passes = function.span.start, file.language.settings.get("doc-passes", ())
    node = file.tree.named_at(function.span).prev_named_sibling
    while node is not None and (node.is_extra or node.type in passes):
        start, node = node.start_byte, node.prev_named_sibling
    marks = file.tree.captures(RULES, within=Span(start, max(start, function.body))).get("mark", ())
    names = (text_of(node) for node in marks if start <= node.start_byte < function.body)
    other = next((name for name in names if name not in rules["plain-marks"]), "")
    return f"{function.qualified} is marked {other}, which may call it" if other else ""


def handed_on(plan: Planned, function: Symbol) -> Steps[str]:
    """Why a function may be given where it is not named: as a function without a name, or in a class without one."""
    graph, holder = plan.snapshot.graph, holder_of(plan, function)
    rules = rules_of(plan, function)
    if holder is None or not rules.get("unnamed"):
        return ""
    many = len(places.parameters) if (places := places_of(plan, function)) is not None else -1
    single = holder.kind == "interface" and len(_promises(plan, holder)) == 1
    for path in sorted(_concerned(plan, holder) if single else graph.mentioners.get(holder.name, ()))[:_READ]:
        if language_of(graph, path) is not language_of(graph, holder.path):
            continue
        yield Stage("LOCATE")
        if reason := open_file(plan, path):
            return reason
        tree = plan.snapshot.files[path].tree
        captures = tree.captures(RULES) if tree is not None else {}
        for node in captures.get("unnamed.class", ()):
            if text_of(node).rsplit(".", 1)[-1] == holder.name:
                return (
                    f"{line_of(plan, path, node.start_byte)} writes its own {function.name} in a class without a name"
                )
        for node in captures.get("unnamed.function", ()) if single else ():
            takes = node.child_by_field_name("parameters")
            if takes is not None and max(takes.named_child_count, not takes.child_count) != many:
                continue
            told = line_of(plan, path, node.start_byte)
            return f"{told} has a function without a name, which may stand for {holder.name}"
    return ""


def _promises(plan: Planned, holder: Symbol) -> list[Symbol]:
    """The functions of an interface that have no body."""
    file = plan.snapshot.files[holder.path]
    opens = file.language.settings.get("opens-block", "{") if file.language is not None else "{"
    return [one for one in members_of(plan, holder) if opens not in file.document.text(one.span)]


def _concerned(plan: Planned, holder: Symbol) -> set[str]:
    """The files that name a type, or a function whose signature does."""
    graph = plan.snapshot.graph
    found = set(graph.mentioners.get(holder.name, ()))
    for path in list(found):
        for one in graph.symbols(path):
            if re.search(rf"\b{re.escape(holder.name)}\b", one.signature):
                found |= set(graph.mentioners.get(one.name, ()))
    return found


def by_text(plan: Planned, function: Symbol) -> Steps[str]:
    """Where a text holds the name alone, or it is written in other letters, in a language that calls by these."""
    graph, holder = plan.snapshot.graph, holder_of(plan, function)
    if not rules_of(plan, function).get("texts"):
        return ""
    own = language_of(graph, function.path)
    name = re.escape(function.name.encode())
    called = re.escape(holder.name.encode()) if holder is not None and is_maker(plan, function) else name
    words = {function.name.lower().encode(), *([holder.name.lower().encode()] if called != name and holder else [])}
    quoted = re.compile(rb"""["'](?:[\w\\]+::)?""" + name + rb"""["']""")
    any_case = re.compile(rb"(?i)(?<![\w$])" + called + rb"(?=\s*\()")
    for path in sorted({*plan.snapshot.files, *plan.snapshot.texts}):
        file = plan.snapshot.file(path)
        data = file.document.data if file is not None else plan.snapshot.texts[path]
        if language_of(graph, path) is not own or not any(word in data.lower() for word in words):
            continue
        yield Stage("LOCATE")
        if (found := quoted.search(data)) is not None and not open_file(plan, path):
            told = line_of(plan, path, found.start())
            return f"{told} has its name in a text, by which it may be called"
        other = next((m for m in any_case.finditer(data) if re.fullmatch(called, m.group()) is None), None)
        if other is not None and not open_file(plan, path):
            told = line_of(plan, path, other.start())
            return f"{told} calls it {other.group().decode()}, which is the same to the language"
    for path in sorted(graph.mentioners.get(holder.name, ()))[:_READ] if holder is not None else ():
        tree = plan.snapshot.files[path].tree if language_of(graph, path) is own and not open_file(plan, path) else None
        for node in tree.captures(RULES).get("renamed", ()) if tree is not None else ():
            if text_of(node) == function.name:
                return f"{line_of(plan, path, node.start_byte)} gives it another name"
    return ""


def plain_macro(plan: Planned, call: Call) -> bool:
    """Whether a call stands where it is what it looks like: not in a macro that may make anything of it."""
    file = plan.snapshot.files[call.path]
    rules = (file.language.table(RULES) or {}) if file.language is not None else {}
    node = call.arguments
    while node is not None and "tokens" in rules:
        if node.type == rules["tokens"] and node.parent is not None and node.parent.type != rules["tokens"]:
            name = node.parent.named_children[0] if node.parent.named_children else None
            return name is not None and text_of(name) in rules["plain-macros"]
        node = node.parent
    return True
