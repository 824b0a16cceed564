"""A name that a file gives to what it imports."""

from __future__ import annotations

import re

from dovetail.features.quoted import texts
from dovetail.features.renaming.found import Renaming, short
from dovetail.features.renaming.quotes import bound_at
from dovetail.graph.facts import Import
from dovetail.graph.modules import modules
from dovetail.text import Span
from dovetail.world import File, Snapshot


def of_alias(found: Renaming, file: File) -> str:
    """Its places in the file, where no other file has it from there."""
    graph, old, new = found.before.graph, found.named.text, found.new
    facts, language = graph.files[file.path], file.language
    if new in facts.bound or language is None or new in language.builtins:
        return f"{new} is defined in {short(file.path)} already" if new in facts.bound else f"{new} is built in"
    if any(old in item.wide for _, item, _ in facts):
        return f"a function gives {old} another value through a declaration"
    for path in graph.mentioners.get(old, ()):
        if path != file.path and _has_from(found, path, file.path):
            return f"{short(path)} has {old} from here; rename it where nobody else does"
    places = {
        *aliases(found.before, file.path, old, found.named.span.start),
        *plain_uses(found.before, file.path, old),
    }
    found.sure[file.path] = {Span(start, start + len(old.encode())) for start in places}
    for text in texts(file.tree, old) if file.tree is not None else ():
        if text.how in ("type", "export") and not text.before and bound_at(file, text.span.start, old) is None:
            found.sure[file.path].add(text.span)
    return ""


def aliases(snapshot: Snapshot, path: str, name: str, at: int) -> list[int]:
    """Where a file imports something under a name of its own, if that is what a place means."""
    facts = snapshot.graph.files[path]
    imports = facts.imported.get(name, ())
    if not imports or name in facts.top or not all(renames(one) for _, one in imports):
        return []
    places = [base + one.at for base, one in imports]
    return places if at in (*places, *plain_uses(snapshot, path, name)) else []


def plain_uses(snapshot: Snapshot, path: str, name: str) -> list[int]:
    """Where a file reads what its top calls so."""
    at = snapshot.graph.files[path].uses_by_name.get(name, ())
    return [a.base + a.use.start for a in at if not a.use.nested and not a.use.role.startswith("member")]


def renames(imported: Import) -> bool:
    """Whether an import gives what it brings a name of its own."""
    return imported.alias not in ("", imported.name or re.split(r"\W", imported.module)[0])


def _has_from(found: Renaming, path: str, source: str) -> bool:
    """Whether a file takes a name out of another one."""
    graph, old = found.before.graph, found.named.text
    facts = graph.files[path]
    takes = any(i.name in (old, "*") and source in modules(graph, path, i.module) for _, i in facts.imports)
    reaches = (
        one.path == source and one.kind == "module"
        for at in facts.uses_by_name.get(old, ())
        if at.use.role.startswith("member") and at.use.receiver.isidentifier()
        for one in graph.plain(path, at.use.receiver).symbols
    )
    return takes or any(reaches)
