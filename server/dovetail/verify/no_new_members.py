"""Nothing is asked of an object, a class or a module that it does not have."""

from __future__ import annotations

from dovetail.graph import FileFacts, Symbol
from dovetail.graph.calls import closed
from dovetail.graph.facts import Facts, Use
from dovetail.graph.file import UseAt
from dovetail.model.ask import Finding
from dovetail.syntax import language_for
from dovetail.text import Change, Span
from dovetail.verify.promise import documents, finding
from dovetail.world import File, Snapshot

_ANY = ("__getattr__", "__getattribute__")
"""A file that defines one of these may answer any name."""
_QUERY = "objects"


def no_new_members(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every member that the edit names is known: of its own object, of a class or module, of a new object.

    Says nothing of a class that inherits from what the graph does not know: it may have any member. And nothing in
    a language where names come from more than its files: there every class has members that nobody wrote.
    """
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    language = two.language if two else language_for(path)
    if one is None or two is None or texts is None or one.facts is None or two.facts is None or language is None:
        return []
    if not language.settings.get("names-known", True):
        return []
    receivers = language.settings.get("receivers", ())
    kept = {id(facts) for _, facts, _ in one.facts}
    mentioned: frozenset[str] | None = None
    found: list[Finding] = []
    for base, facts, container in _placed(two.facts):
        if id(facts) in kept:
            continue
        objects: dict[str, str] | None = None
        for use in facts.uses:
            if not use.receiver or use.name.startswith("__"):
                continue
            if use.receiver in receivers:
                known = use.name in after.graph.definers or container < 0
                missing = not known and _closed(after, two.facts.shells[two.facts.named_shell(container)].facts)
            else:
                if objects is None:
                    objects = _objects(two, Span(base, base + max([0, *(u.end for u in facts.uses)])), facts)
                missing = _missing(after, path, UseAt(base, use, container, facts), objects)
            if not missing:
                continue
            if mentioned is None:
                mentioned = frozenset[str]().union(*(f.mentioned for _, f, _ in one.facts))
            if use.name not in mentioned:
                message = f"{use.receiver}.{use.name} is not defined"
                found.append(finding("MEMBER", message, texts[1], base + use.start, base + use.end))
    return found


def _placed(file: FileFacts) -> list[tuple[int, Facts, int]]:
    """(start, facts, index of the class around) of every leaf; -1 where no class is around it."""
    starts = file.leaves.starts.tolist()
    return list(zip(starts, file.leaves.facts, file.containers, strict=True))


def _closed(snapshot: Snapshot, shell: Facts) -> bool:
    """Whether all that a class can have is in the graph."""
    definers = snapshot.graph.definers
    bases = (inherit.base.split("[")[0].rsplit(".", 1)[-1] for inherit in shell.inherits)
    return all(base in definers for base in bases) and not any(name in definers for name in _ANY)


def _missing(snapshot: Snapshot, path: str, at: UseAt, objects: dict[str, str]) -> bool:
    """Whether what stands before the dot is known for certain, and has no such member."""
    graph = snapshot.graph
    holder = _meant(snapshot, path, at, objects.get(at.use.receiver, at.use.receiver))
    if holder is None or graph.member(holder, at.use.name) is not None:
        return False
    if any(graph.member(holder, name) is not None for name in _ANY):
        return False
    if holder.kind == "class":
        return closed(graph, holder)
    if holder.kind != "module":
        return False
    facts = graph.files[holder.path]
    return at.use.name not in facts.bound and not any(found.name == "*" for _, found in facts.imports)


def _meant(snapshot: Snapshot, path: str, at: UseAt, written: str) -> Symbol | None:
    """The one class or module that a text before a dot means."""
    first, *rest = written.split(".")
    if not all(part.isidentifier() for part in (first, *rest)):
        return None
    if not any(u.name == first and u.role in ("read", "call") for u in at.item.uses):
        return None  # a local name means what it was given
    plain = Use(first, at.use.start, at.use.end, "read", "", at.use.owner, False)
    found = snapshot.graph.resolved(path, UseAt(at.base, plain, at.container, at.item))
    symbol = found.symbols[0] if len(found.symbols) == 1 else None
    for part in rest:
        symbol = snapshot.graph.member(symbol, part) if symbol else None
    return symbol


def _objects(file: File, within: Span, facts: Facts) -> dict[str, str]:
    """Local names that are given one value, an object that is made there: what makes it."""
    if file.tree is None:
        return {}
    local = file.tree.captures("locals", within=within)
    bound = [
        (n.text or b"").decode("utf-8", "replace")
        for name in ("bind", "bind.parameter", "global")
        for n in local.get(name, ())
        if within.start <= n.start_byte < within.end
    ]
    made: dict[str, str] = {}
    for match in file.tree.matches(_QUERY, within=within):
        name, maker = ((match[key][0].text or b"").decode("utf-8", "replace") for key in ("object", "made"))
        if bound.count(name) == 1 and name not in facts.binds:
            made[name] = maker
    return made
