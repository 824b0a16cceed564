"""A name inside of a text, and of a field outside of its class."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dovetail.features.kin import item_at, owner_of, same_symbol, with_derived
from dovetail.features.quoted import naming, quoting, texts
from dovetail.features.renaming.found import RULES, Renaming, make_open, rules_of
from dovetail.graph import Found, Symbol
from dovetail.graph.calls import language_of
from dovetail.graph.scopes import Scopes, text_of
from dovetail.model.ask import Stage, Steps
from dovetail.syntax import Node
from dovetail.text import Span
from dovetail.world import File


def in_texts(found: Renaming, kin: Sequence[Symbol], *, member: bool) -> Steps[str]:
    """Where texts name it: annotations in quotes and lists of names surely, what may be looked up as a guess."""
    graph, old = found.before.graph, found.named.text
    language = language_of(graph, kin[0].path) if kin else None
    if language is None:
        return ""
    owners = owners_of(found, kin) if member else []
    holders = {one.container for one in (*kin, *owners)} | {one.name for one in owners}
    holders |= set() if member else {one.path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for one in kin}
    for file in naming(found.before, language, old, quoting(old)):
        if file is None or file.tree is None:
            yield Stage("LOCATE")
            continue
        kept: list[Span] = []
        maybe: list[Span] = []
        for text in texts(file.tree, old):
            last = text.before.rstrip(".").rpartition(".")[2]
            match text.how:
                case "type" | "export":
                    bound = bound_at(file, text.span.start, f"{text.before}{old}".split(".")[0])
                    if bound is None:
                        meant = _written(found, file, f"{text.before}{old}")
                        if any(same_symbol(one, each) for one in meant.symbols for each in kin):
                            kept.append(text.span)
                        elif not meant and not text.before and not member:
                            maybe.append(text.span)
                    elif not text.before and bound & found.sure.get(file.path, set()):
                        kept.append(text.span)
                case "slot":
                    around = next((p for _, p in graph.classes_around(file.path, text.span.start)), None)
                    if around is not None and any(same_symbol(graph.symbol(file.path, around), o) for o in owners):
                        kept.append(text.span)
                case _ if text.before:
                    maybe += [text.span] if last in holders else []
                case "looked":
                    maybe.append(text.span)
                case _:
                    maybe += [text.span] if text.how == "given" and file.path in found.sure else []
        for places, spans in ((found.sure, kept), (found.maybe, maybe)):
            if spans:
                if reason := make_open(found, file.path):
                    return reason
                places.setdefault(file.path, set()).update(spans)
    return ""


def by_field(found: Renaming, kin: Sequence[Symbol]) -> Steps[str]:
    """Where an object's field is named apart from it: in the pattern of its class; where another is made from it."""
    old = found.named.text
    language = language_of(found.before.graph, kin[0].path) if kin else None
    if language is None:
        return ""
    owners = owners_of(found, kin)
    elsewhere = re.compile(rules_of(language)["given-elsewhere"].encode())
    named = re.compile(rb"\b" + re.escape(old.encode()) + rb"\s*=[^=]")
    for file in naming(found.before, language, old, named):
        if file is None or file.tree is None or elsewhere.search(file.document.data) is None:
            yield Stage("LOCATE")
            continue
        places: list[tuple[Node, bool]] = []
        for match in file.tree.matches(RULES):
            places += [(node, False) for node in match.get("copied", ())]
            for node in match.get("pattern.field", ()):
                meant = _written(found, file, text_of(match["pattern"][0]))
                sure = any(same_symbol(one, owner) for one in meant.symbols for owner in owners)
                if sure or not meant:
                    places.append((node, sure))
        for node, sure in places:
            if text_of(node) == old:
                if reason := make_open(found, file.path):
                    return reason
                kept = found.sure if sure else found.maybe
                kept.setdefault(file.path, set()).add(Span(node.start_byte, node.end_byte))
    return ""


def bound_at(file: File, offset: int, name: str) -> set[Span] | None:
    """Where a function around a place binds a name; None where none does."""
    item = item_at(file, offset)
    if item is None or file.tree is None:
        return None
    scopes = Scopes(file.tree, item, item.end_byte, None)
    scope = scopes.bound_in(name, scopes.around([offset])[0])
    return {Span(site.node.start_byte, site.node.end_byte) for site in scope.names[name]} if scope else None


def owners_of(found: Renaming, kin: Sequence[Symbol]) -> list[Symbol]:
    """The classes that have a member, with those derived from them."""
    owners: list[Symbol] = []
    for one in kin:
        owner = owner_of(found.before, one)
        owners += [owner] if owner is not None and owner not in owners else []
    return with_derived(found.before, owners)


def _written(found: Renaming, file: File, name: str) -> Found:
    """What a name means at the top of a file, with what stands before it and dots between."""
    graph = found.before.graph
    first, *rest = name.split(".")
    meant = graph.plain(file.path, first)
    for part in rest:
        inner = graph.member(meant.symbols[0], part) if meant else None
        meant = Found((inner,) if inner is not None else (), meant.how, meant.rule)
    return meant
