"""The places of a local name; of a parameter also where callers give it by its name, and where it is documented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dovetail.features.kin import item_at, owner_of, relatives, same_symbol, use_at, with_derived
from dovetail.features.quoted import texts
from dovetail.features.renaming.found import (
    RULES,
    Renaming,
    make_open,
    note,
    places_of,
    reached,
    rules_of,
    settle,
    short,
)
from dovetail.graph import Reference, Symbol
from dovetail.graph.calls import called, decorators, language_of
from dovetail.graph.documentation import read_documentation
from dovetail.graph.file import UseAt
from dovetail.graph.scopes import Scope, Scopes, text_of
from dovetail.graph.signature import signature
from dovetail.model.ask import Steps
from dovetail.syntax import Node
from dovetail.text import Span
from dovetail.world import File, Snapshot


def of_local(found: Renaming, file: File, scopes: Scopes, scope: Scope) -> Steps[str]:
    """Its places in the function; of a parameter also where callers name it, and where it is documented."""
    old = found.named.text
    if any(site.parameter for site in scope.names[old]) and (function := _function_of(found, file, scope)) is not None:
        return (yield from _of_parameter(found, function))
    return in_scope(found, file, scopes, scope)


def in_scope(found: Renaming, file: File, scopes: Scopes, scope: Scope) -> str:
    """The places of a local name; why the new one cannot stand in them."""
    old, new = found.named.text, found.new
    reads = list(zip(scopes.reads, scopes.around([n.start_byte for n in scopes.reads]), strict=True))
    places = [site.node for site in scope.names[old]]
    places += [n for n, inner in reads if text_of(n) == old and scopes.bound_in(old, inner) is scope]
    for inner in scopes.all:
        if old in inner.wide and inner.outer is not None:
            return f"{old} is also bound through a declaration inside"
    looking = rules_of(file.language)["looks-up"] if file.language is not None else ()
    for node, inner in reads:
        if text_of(node) in looking and scope.start <= node.start_byte < scope.end:
            if node.start_byte in scopes.calls and scopes.bound_in(text_of(node), inner) is None:
                return f"{text_of(node)}() there may look {old} up by what it is called"
    if new in scope.names:
        return f"{new} is bound in the same place already"
    for node, inner in reads:
        where = scopes.bound_in(new, inner) if text_of(node) == new else None
        if text_of(node) == new and scope.start <= node.start_byte < scope.end and where is not scope:
            if where is None or not (scope.start < where.start):
                return f"{new} means something else there"
        if node in places and (hidden := scopes.bound_in(new, inner)) is not None and hidden.start > scope.start:
            return f"{new} means something else in a function inside"
    kept = found.sure.setdefault(file.path, set())
    kept.update(Span(n.start_byte, n.end_byte) for n in places)
    for text in texts(file.tree, old) if file.tree is not None and b'"' in file.document.data else ():
        inside = text.how == "type" and not text.before and scope.start <= text.span.start < scope.end
        if inside and scopes.bound_in(old, scopes.around([text.span.start])[0]) is scope:
            kept.add(text.span)
    return ""


def named_arguments(found: Renaming, takers: Sequence[Symbol], others: Sequence[Symbol] = ()) -> Steps[str]:
    """Where callers give the argument by its name.

    takers: the functions that take it, or a class that is made of its fields. others: of their kin, those that do not.
    """
    old, new = found.named.text, found.new
    for function in (*takers, *others):
        for target in _targets(found, function):
            references = yield from places_of(found, target, others=True)
            if isinstance(references, str):
                return references
            for path, callee, certain in [(r.path, r.span, r.how == "resolved") for r in references if r.call]:
                if reason := (yield from reached(found, path)):
                    return reason
                at = use_at(found.before, path, callee)
                given, spread = _arguments(found.before, path, callee)
                meant = _meant(found, path, at, target, function)
                taken = any(same_symbol(meant, one) for one in takers)
                if not taken and not _takes_any(found, meant):
                    continue
                spans = [span for name, span in given if name == old]
                if taken and any(name == new for name, _ in given):
                    return f"a call in {short(path)} gives {new} already"
                if taken and certain and spread and not spans:
                    note(found, f"a call in {short(path)} gives what a mapping holds, which may name {old}")
                if spans:
                    kept = found.sure if taken and certain else found.maybe
                    kept.setdefault(path, set()).update(spans)
            if reason := _made_again(found, target, function) or (yield from _handed_on(found, references)):
                return reason
    settle(found)
    return ""


def _function_of(found: Renaming, file: File, scope: Scope) -> Symbol | None:
    return next(
        (s for s in found.before.graph.symbols(file.path) if (s.span.start, s.span.end) == (scope.start, scope.end)),
        None,
    )


def _of_parameter(found: Renaming, function: Symbol) -> Steps[str]:
    """A parameter of a function and of those that override it or that it overrides, where they call it the same."""
    graph, old = found.before.graph, found.named.text
    language = language_of(graph, function.path)
    kin = [function]
    if function.kind == "method" and language is not None and function.name != language.settings.get("maker"):
        kin, reason = relatives(found.before, function)
        if reason:
            note(found, reason)
        kin += [] if function in kin else [function]
    takers: list[Symbol] = []
    others: list[Symbol] = []
    for each in kin:
        if reason := make_open(found, each.path):
            return reason
        file = found.before.files[each.path]
        item = item_at(file, each.name_span.start)
        if item is None or file.tree is None or each.kind == "field":
            continue
        scopes = Scopes(file.tree, item, item.end_byte, None)
        scope = next((s for s in scopes.all if s.outer and Span(s.start, s.end) == each.span), None)
        if scope is None or not any(site.parameter for site in scope.names.get(old, ())):
            others.append(each)
            continue
        if "overload" in decorators(graph, each):
            return f"{each.qualified} has several signatures"
        if reason := in_scope(found, file, scopes, scope):
            return reason if each == function else f"{each.qualified}: {reason}"
        _documented(found, file, each, old)
        takers.append(each)
    return (yield from named_arguments(found, takers, others))


def _made_again(found: Renaming, target: Symbol, function: Symbol) -> str:
    """Where a class makes objects of itself, or of one derived from it, by no name."""
    old = found.named.text
    if target.kind != "class":
        return ""
    if reason := make_open(found, target.path):
        return reason
    tree = found.before.files[target.path].tree
    made = [m for m in tree.matches(RULES, tree.named_at(target.span)) if "remade" in m] if tree is not None else []
    own = _meant(found, target.path, None, target, function)
    every = with_derived(found.before, [target])
    below = [other for other in every if _meant(found, other.path, None, other, function) != own]
    for node in (node for match in made for node in match["remade.name"] if text_of(node) == old):
        around = next((p for _, p in found.before.graph.classes_around(target.path, node.start_byte)), None)
        mine = around is not None and same_symbol(found.before.graph.symbol(target.path, around), target)
        if mine and (own == function or below):
            kept = found.maybe if below or own != function else found.sure
            kept.setdefault(target.path, set()).add(Span(node.start_byte, node.end_byte))
    return ""


def _handed_on(found: Renaming, references: Iterable[Reference]) -> Steps[str]:
    """Where it is handed on together with an argument of the name, to be called later."""
    for reference in references:
        if reference.call or reference.other or reference.how != "resolved":
            continue
        if reason := (yield from reached(found, reference.path)):
            return reason
        tree = found.before.files[reference.path].tree
        given = tree.named_at(reference.span).parent if tree is not None else None
        call = given.parent if given is not None else None
        for match in tree.matches("calls", call) if tree is not None and call is not None else ():
            if given is not None and "named" in match and match["given"][0].id == given.id:
                spans = {Span(n.start_byte, n.end_byte) for n in match["named"] if text_of(n) == found.named.text}
                if spans:
                    found.maybe.setdefault(reference.path, set()).update(spans)
    return ""


def _targets(found: Renaming, function: Symbol) -> list[Symbol]:
    """What is named where a function is called: itself; of a constructor or a class also those derived."""
    holder = function if function.kind == "class" else owner_of(found.before, function)
    language = language_of(found.before.graph, function.path)
    made = language is not None and function.name == language.settings.get("maker")
    if holder is None or not (made or holder is function):
        return [function]
    classes = with_derived(found.before, [holder])
    return [function, *classes] if made else classes


def _meant(found: Renaming, path: str, at: UseAt | None, target: Symbol, function: Symbol) -> Symbol:
    """What a call runs that names one of the targets of a function."""
    graph = found.before.graph
    reached = called(graph, path, at) if at is not None else None
    if reached is not None:
        return reached.symbol if reached.symbol.kind != "class" else function
    language = language_of(graph, target.path)
    maker = language.settings.get("maker") if language is not None else None
    own = graph.member(target, maker) if target.kind == "class" and maker else None
    return own or function


def _takes_any(found: Renaming, function: Symbol) -> bool:
    """Whether a function takes arguments by names that it does not say."""
    language = language_of(found.before.graph, function.path)
    taken = signature(language, function.signature) if language is not None and function.kind != "class" else None
    return taken is not None and any(one.passed == "rest by name" for one in taken.parameters)


def _arguments(snapshot: Snapshot, path: str, callee: Span) -> tuple[list[tuple[str, Span]], bool]:
    """(name, where) of the arguments that a call gives by name; whether it also gives those of a mapping."""
    file = snapshot.file(path)
    node: Node | None = file.tree.named_at(callee) if file is not None and file.tree is not None else None
    for _ in range(3):
        node = node.parent if node is not None else None
        if node is None or file is None or file.tree is None:
            break
        matches = file.tree.matches("calls", node)
        own = next((m for m in matches if "arguments" in m and m["callee"][0].start_byte == callee.start), None)
        if own is not None:
            given = own["arguments"][0].id
            its = [m for m in matches if "given" in m and m["given"][0].id == given]
            named = [(text_of(n), Span(n.start_byte, n.end_byte)) for m in its for n in m.get("named", ())]
            return named, any("spread.named" in m for m in its)
    return [], False


def _documented(found: Renaming, file: File, function: Symbol, old: str) -> None:
    """The entry of a parameter in its function's documentation."""
    assert file.tree is not None and file.language is not None
    rules = file.language.table("docstrings")
    if not function.doc or rules is None or old not in read_documentation(function.doc, rules).parameters:
        return
    said = read_documentation(function.doc, rules).parameters[old]
    line = function.doc.split("\n")[said.first].strip()
    body = Span(function.body, function.span.end)
    for match in file.tree.matches("tags", within=body):
        if "documents" not in match or match["documents"][0].start_byte != function.body:
            continue
        for node in match["doc"]:
            start = (node.text or b"").find(line.encode())
            inside = re.search(rf"\b{re.escape(old)}\b", line)
            if start >= 0 and inside is not None:
                at = node.start_byte + start + len(line[: inside.start()].encode())
                found.sure[file.path].add(Span(at, at + len(old.encode())))
