"""What is called is given what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dovetail.graph import Graph
from dovetail.graph.calls import called, decorators, once
from dovetail.graph.file import UseAt
from dovetail.model.ask import Finding
from dovetail.syntax import Match, Node, language_for
from dovetail.text import Change, Span
from dovetail.verify.promise import added, documents, finding
from dovetail.world import File, Snapshot

_QUERY = "calls"
_CALLED = ("function", "method")
_COUNTED = "arity"
"""In languages where a call must give as many as are taken, and nothing by name."""


def calls_fit(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """No call in the items that the edit touches fails to fit a signature that is known, if it fitted before.

    Says nothing of a call whose function the graph does not resolve for certain.
    """
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    if one is None or two is None or texts is None or two.tree is None or two.tree.language.query(_QUERY) is None:
        return []
    places = [now for _, now, _ in added(change, path)]
    if not places:
        return []
    spans = [edit.span for edit in change.edits[path]]
    whole = any(len(span) for span in spans) or not _define_alike(one, two)
    misfits = list(_misfits(after, two, places, whole))
    if not misfits:
        return []
    known = Counter(message for message, _ in _misfits(before, one, spans, whole))
    found: list[Finding] = []
    for message, span in misfits:
        if known[message]:
            known[message] -= 1
        else:
            found.append(finding("CALL", message, texts[1], span.start, span.end))
    return found


def misfits(snapshot: Snapshot, path: str, span: Span) -> list[tuple[str, Span]]:
    """(what is wrong, where) of each call at a place that does not fit a signature that is known for certain."""
    file = snapshot.file(path)
    if file is None or file.tree is None or file.tree.language.query(_QUERY) is None:
        return []
    return list(_misfits(snapshot, file, [span], whole=False))


def calls_open(snapshot: Snapshot, path: str, change: Change | None = None) -> str:
    """Why calls cannot be checked in a file; "" where they can.

    change: what has led to the snapshot; calls that it writes are counted, or are told here.
    """
    language = language_for(path)
    if language is None:
        return "no grammar for this kind of file"
    told = language.settings.get("signature-completes") or language.query(_COUNTED) is not None
    if language.query(_QUERY) is None or not told:
        return f"what calls give is not compared with signatures in {language.spoken} so far"
    return _uncounted(snapshot, path, change) if change is not None and language.query(_COUNTED) is not None else ""


def _uncounted(after: Snapshot, path: str, change: Change) -> str:
    """What a change calls in a way that says nothing of how many arguments there are: handed on, bound, spread."""
    file = after.file(path)
    if file is None or file.tree is None:
        return ""
    document = file.document
    for _, written, _ in added(change, path):
        ends = document.start_of(document.line_at(written.end) + 1)
        place = Span(document.start_of(document.line_at(written.start)), ends)
        spread = {node.parent.id for match in file.tree.matches(_QUERY, within=place)
                  for node in match.get("spread", ()) if node.parent is not None}  # fmt: skip
        lists = {match["callee"][0].start_byte: match["arguments"][0].id
                 for match in file.tree.matches(_QUERY, within=place) if "arguments" in match}  # fmt: skip
        for at in after.graph.uses_in(path, place):
            start = at.base + at.use.start
            meant = after.graph.resolved(path, at) if place.start <= start < place.end else None
            if meant is None or meant.how != "resolved" or not all(s.kind in _CALLED for s in meant.symbols):
                continue
            line = document.line_at(start) + 1
            if not at.use.role.endswith("call"):
                return f"{at.use.name} is handed on in line {line}, and what it is given then is not counted"
            if lists.get(start) in spread:
                return f"{at.use.name} is given in line {line} what nobody has counted"
    return ""


def _around(file: File, places: list[Span]) -> Span:
    """The whole items that the places meet."""
    start, end = min(p.start for p in places), max(p.end for p in places)
    if file.facts is not None:
        leaves = file.facts.leaves
        first, last = leaves.meeting(Span(start, end))
        if first < last:
            start, end = min(start, int(leaves.starts[first])), max(end, int(leaves.ends[last - 1]))
    return Span(start, end)


def _define_alike(one: File, two: File) -> bool:
    """Whether the items that differ define and import the same, so that a call elsewhere fits what it fitted."""
    if one.facts is None or two.facts is None:
        return False
    (gone, come) = (
        sorted((d.name, d.kind, d.signature) for facts in items for d in facts.definitions)
        for items in (one.facts.unlike(two.facts), two.facts.unlike(one.facts))
    )
    return gone == come


def _misfits(snapshot: Snapshot, file: File, places: list[Span], whole: bool) -> Iterator[tuple[str, Span]]:
    """(what is wrong, where) of each call that meets the places and does not fit; `whole`: of each in their items."""
    assert file.tree is not None
    items = _around(file, places)
    within = items if whole else Span(min(p.start for p in places), max(p.end for p in places))
    uses = {at.base + at.use.start: at for at in snapshot.graph.uses_in(file.path, items)}
    calls: list[tuple[UseAt, Match]] = []
    given: dict[int, dict[str, list[str]]] = {}
    for match in file.tree.matches(_QUERY, within=within):
        if "call" in match:
            at = uses.get(match["callee"][0].start_byte)
            if at is not None:
                calls.append((at, match))
        elif "given" in match:
            kept = given.setdefault(match["given"][0].id, {})
            for name in ("named", "spread", "spread.named"):
                kept.setdefault(name, []).extend(
                    (n.text or b"").decode("utf-8", "replace") for n in match.get(name, ())
                )
    for at, match in calls:
        if match["call"][0].has_error:
            continue
        arguments = next(iter(match.get("arguments", ())), None)
        if file.tree.language.query(_COUNTED) is not None:
            if arguments is not None and (reason := _miscounted(snapshot.graph, file, at, arguments)):
                yield f"{at.use.name} {reason}", Span(match["call"][0].start_byte, match["call"][0].end_byte)
            continue
        reached = called(snapshot.graph, file.path, at)
        if reached is None:
            continue
        told = given.get(arguments.id, {}) if arguments else {}
        named = tuple(told.get("named", ()))
        others = len(named) + sum(len(told.get(name, ())) for name in ("spread", "spread.named"))
        every = sum(not child.is_extra for child in arguments.named_children) if arguments else 1
        positional = every - others
        reason = reached.signature.refuses(
            positional, named, more=bool(told.get("spread")), more_named=bool(told.get("spread.named"))
        )
        if reason:
            node = match["call"][0]
            yield f"{at.use.name} {reason}", Span(node.start_byte, node.end_byte)


def _miscounted(graph: Graph, file: File, at: UseAt, arguments: Node) -> str:
    """Why a call gives too few or too many, where all go by position; "" where it does not, or nobody knows."""
    assert file.tree is not None
    taken = _taken(graph, file.path, at)
    given = sum(not child.is_extra for child in arguments.named_children)
    if taken is None or (taken[0] <= given and (taken[1] is None or given <= taken[1])):
        return ""
    for query, name in ((_QUERY, "spread"), (_COUNTED, "several")):
        within = Span(arguments.start_byte, arguments.end_byte)
        if any(node.parent == arguments for node in file.tree.captures(query, within=within).get(name, ())):
            return ""
    least, most = taken
    many = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
    return f"takes {many} argument{'' if many == '1' else 's'}, {given} given"


def _taken(graph: Graph, path: str, at: UseAt) -> tuple[int, int | None] | None:
    """(how many arguments at least, at most) of what a call reaches for certain; None where that is not known."""
    found = graph.resolved(path, at)
    if not found or found.how != "resolved" or len(found.symbols) != 1:
        return None
    symbol, language = found.symbols[0], language_for(path)
    by_object = symbol.kind == "method" and at.use.receiver in (
        language.settings.get("receivers", ()) if language else ()
    )
    if language is None or not (symbol.kind == "function" or by_object) or not once(graph, symbol):
        return None
    tree = graph.tree(symbol.path)
    if tree is None or tree.language.query(_COUNTED) is None or decorators(graph, symbol):
        return None
    captures = tree.captures(_COUNTED, within=Span(symbol.span.start, max(symbol.span.start, symbol.body)))
    lists = [node for node in captures.get("list", ()) if symbol.span.start <= node.start_byte < symbol.span.end]
    if not lists:
        return None
    parameters = min(lists, key=lambda node: node.start_byte)
    counts = Counter[str]()
    covered: set[int] = set()
    for name in ("needed", "optional", "rest"):
        for node in captures.get(name, ()):
            whole = node if node.parent == parameters else node.parent
            if whole is not None and whole.parent == parameters:
                counts[name] += 1
                covered.add(whole.id)
    if covered != {child.id for child in parameters.named_children if not child.is_extra}:
        return None
    return counts["needed"], None if counts["rest"] else counts["needed"] + counts["optional"]
