"""What is renamed: the name at a place, and every place that has to change with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dovetail.features.kin import item_at
from dovetail.features.renaming.checks import wrong
from dovetail.features.renaming.found import RULES, Named, Renaming, rules_of
from dovetail.features.renaming.imported import aliases, of_alias, renames
from dovetail.features.renaming.local import of_local
from dovetail.features.renaming.symbol import of_symbol
from dovetail.graph import Symbol
from dovetail.graph.scopes import Scope, Scopes, text_of
from dovetail.model.ask import Steps
from dovetail.syntax import Node, Tree
from dovetail.text import Span
from dovetail.world import File, Snapshot


def named_at(snapshot: Snapshot, path: str, offset: int) -> Named | str:
    """The name at a place, if it is one of the project's; or why it cannot be renamed, in words for a person."""
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None:
        return "renaming is not known for this kind of file"
    if file.language.table(RULES) is None:
        return f"what a new name has to change is not known in {file.language.spoken} so far"
    rules = rules_of(file.language)
    node = _identifier(file.tree, offset, rules)
    if node is None:
        return "there is no name here"
    text, span = text_of(node), Span(node.start_byte, node.end_byte)
    if re.match(rules["fixed"], text):
        return f"{text} has a meaning of its own to the language"
    local = _local(snapshot, file, node)
    brought = _brought(snapshot, path, local, text)
    if local is not None and brought is None:
        return Named(text, span, "parameter" if any(site.parameter for site in local[1].names[text]) else "variable")
    if brought is None and _declared(file, node):
        return f"a function gives {text} another value through a declaration"
    if brought is None and aliases(snapshot, path, text, span.start):
        return Named(text, span, "import")
    symbol = _symbol(snapshot, path, brought or span, text)
    if isinstance(symbol, str):
        return symbol
    if symbol.kind == "module":
        return f"{text} is a file; rename that instead"
    return Named(text, span, symbol.kind) if symbol.name == text else f"{text} is another name for {symbol.name}"


def renaming(snapshot: Snapshot, path: str, offset: int, new: str) -> Steps[Renaming | str]:
    """Every place that has to change for a new name, checked; or why it cannot be done.

    Asks nobody; it only lets others go first, since a name may stand in a thousand files.
    """
    named = named_at(snapshot, path, offset)
    if isinstance(named, str):
        return named
    file = snapshot.file(path)
    assert file is not None and file.tree is not None and file.language is not None
    rules = rules_of(file.language)
    if new == named.text:
        return f"it is called {new} already"
    if re.fullmatch(rules["name"], new) is None or new in rules["keywords"]:
        return f"{new} is not a name in {file.language.name}"
    if re.match(rules["fixed"], new):
        return f"{new} has a meaning of its own to the language"
    found = Renaming(named, new, snapshot)
    node = file.tree.named_at(named.span)
    local = _local(snapshot, file, node)
    brought = _brought(snapshot, path, local, named.text)
    if local is not None and brought is None:
        reason = yield from of_local(found, file, *local)
    elif named.what == "import":
        reason = of_alias(found, file)
    else:
        reason = yield from of_symbol(found, path, brought or named.span)
    return reason or (yield from wrong(found)) or found


def _identifier(tree: Tree, offset: int, rules: Mapping[str, Any]) -> Node | None:
    for at in (Span(offset, offset + 1), Span(max(offset - 1, 0), offset)):
        if at.end > tree.root.end_byte:
            continue
        node = tree.named_at(at)
        if node.named_child_count == 0 and re.fullmatch(rules["name"], text_of(node)):
            if "identifier" in node.type and text_of(node) not in rules["keywords"]:
                return node
    return None


def _local(snapshot: Snapshot, file: File, node: Node) -> tuple[Scopes, Scope] | None:
    """The scope inside a function that binds the name at a place; None where it comes from outside."""
    assert file.tree is not None and file.facts is not None
    item = item_at(file, node.start_byte)
    if item is None:
        return None
    scopes = Scopes(file.tree, item, item.end_byte, None)
    at = node.start_byte
    scope = scopes.local_at.get(at)
    if scope is None:
        place = next((n for n in scopes.reads if n.start_byte == at), None)
        scope = scopes.bound_in(text_of(node), scopes.around([at])[0]) if place is not None else None
    if scope is None or scope is scopes.top or scope.is_class or text_of(node) in scope.wide:
        return None
    return scopes, scope


def _brought(snapshot: Snapshot, path: str, local: tuple[Scopes, Scope] | None, name: str) -> Span | None:
    """Where a function imports a name as it is called elsewhere; None where the name is its own."""
    sites = {site.node.start_byte for site in local[1].names[name]} if local is not None else set[int]()
    for base, imported in snapshot.graph.files[path].imports if sites else ():
        if base + imported.at in sites and not renames(imported):
            return Span(base + imported.start, base + imported.end)
    return None


def _declared(file: File, node: Node) -> bool:
    """Whether a function around a name declares that it means one from outside."""
    item = item_at(file, node.start_byte)
    if item is None or file.tree is None:
        return False
    scopes = Scopes(file.tree, item, item.end_byte, None)
    scope: Scope | None = scopes.around([node.start_byte])[0]
    while scope is not None and scope.outer is not None:
        if text_of(node) in scope.wide:
            return True
        scope = scope.outer if text_of(node) not in scope.names else None
    return False


def _symbol(snapshot: Snapshot, path: str, span: Span, name: str) -> Symbol | str:
    found = snapshot.graph.at(path, span.start)
    if not found and any(name == imported.alias for _, imported in snapshot.graph.files[path].imports):
        return f"{name} is imported from outside of this project, which gives it its name"
    if not found:
        return "it is not defined in this project"
    if found.how != "resolved":
        return "which one is meant cannot be told here; rename it where it is defined"
    return found.symbols[0]
