"""Whether a name that a function reads is nobody's, so that a parameter may take it; the menu asks as well."""

from __future__ import annotations

from dovetail.features.parameters.nominal import bases_of, foreign
from dovetail.features.parameters.plan import RULES, Planned
from dovetail.graph import Symbol
from dovetail.graph.calls import language_of
from dovetail.graph.file import UseAt
from dovetail.world import Snapshot


def unbound(snapshot: Snapshot, function: Symbol, name: str) -> bool:
    """Whether a name in a function is surely not built in, imported, of its file or folder, or of a class around."""
    graph, path = snapshot.graph, function.path
    language = language_of(graph, path)
    if language is None or name in language.builtins:
        return False
    seen = (language.table(RULES) or {}).get("hides", True)  # else a function sees nothing of its file
    if seen and name in graph.files[path].bound:
        return False
    if language.settings.get("names-known", True):
        return name in graph.unknown_names(path)
    uses = [at for at in graph.files[path].uses_by_name.get(name, ())
            if function.span.start <= at.base + at.use.start < function.span.end]  # fmt: skip
    plain = [at for at in uses if not at.use.role.startswith("member")]
    return bool(plain) and all(_nobodys(snapshot, function, at) for at in plain)


def _nobodys(snapshot: Snapshot, function: Symbol, at: UseAt) -> bool:
    """The same of one use, where a file does not say where its names come from."""
    graph, plan = snapshot.graph, Planned(snapshot)
    language, name = language_of(graph, function.path), at.use.name
    rules = language.table(RULES) if language is not None else None
    if language is None or rules is None or at.use.role != "read" or name in at.item.wide:
        return False
    if sigil := rules.get("sigil"):
        return name.startswith(sigil) and not name.startswith(f"{sigil}_")
    if not name[:1].islower() or graph.imports_anything(function.path) or graph.resolved(function.path, at):
        return False
    around = next(graph.classes_around(function.path, function.name_span.start), None)
    if around is None:
        return False
    holder = graph.symbol(*around)
    return not any(foreign(plan, one) for one in (holder, *bases_of(plan, holder)))
