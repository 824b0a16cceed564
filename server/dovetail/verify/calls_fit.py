"""What is called is given what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dovetail.graph.calls import called
from dovetail.graph.file import UseAt
from dovetail.model.ask import Finding
from dovetail.syntax import Match, language_for
from dovetail.text import Change, Span
from dovetail.verify.promise import added, documents, finding
from dovetail.world import File, Snapshot

_QUERY = "calls"


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


def calls_open(snapshot: Snapshot, path: str) -> str:
    """Why calls cannot be checked in a file; "" where they can."""
    language = language_for(path)
    if language is None:
        return "no grammar for this kind of file"
    if language.query(_QUERY) is None or not language.settings.get("signature-completes"):
        return f"what calls give is not compared with signatures in {language.spoken} so far"
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
        reached = called(snapshot.graph, file.path, at)
        if reached is None or match["call"][0].has_error:
            continue
        arguments = next(iter(match.get("arguments", ())), None)
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
