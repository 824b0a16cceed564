"""*Simplify*: forms that mean the same whatever the values are, by syntax rules and the linter's; no model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant
from dovetail.features.actions.testing.related import allowed, judged
from dovetail.graph.scopes import Scopes, text_of
from dovetail.model.ask import Finding, ModelInfo, Run, Silence, Stage, Steps
from dovetail.syntax import Match, Node
from dovetail.text import Change, Document, Edit, Span
from dovetail.verify import signature_kept
from dovetail.world import File, Snapshot

QUERY = "simplify"
_MOST = 4000
"""Bytes of a selection that are looked at."""


@dataclass(frozen=True, slots=True)
class Simpler:
    """One place, and how it is said more simply."""

    span: Span
    edits: tuple[Edit, ...]
    says: str
    linter: bool = False

    @property
    def new(self) -> str:
        return " … ".join(edit.new.decode("utf-8", "replace") for edit in self.edits)


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row where something on the line of the cursor, or in the selection, can be said more simply."""
    found = next(iter(_found(snapshot, request.at.path, request.at.span)), None)
    if found is None:
        rows = [Offer("Simplify", request.at.span)] if _several(snapshot, request) else []
        return judged(snapshot, request, rows)
    one = len(request.at.span) == 0
    row = Offer(f"Simplify to {found.says}" if one else "Simplify", found.span if one else request.at.span)
    return judged(snapshot, request, [row])


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """Each form in turn, the outermost first, then the linter's own; what it dislikes is left as it was."""
    ledger = Ledger("simplification")
    path = request.at.path
    yield Stage("UNDERSTAND")
    yield Stage("LOCATE")
    found = list(_apart(_found(snapshot, path, offer.target)))
    linted = yield from _linted(snapshot, request, offer.target, ledger)
    found += [one for one in _apart(linted) if not any(one.span.meets(own.span) for own in found)]
    if not found:
        return Refused("nothing here can be said more simply and mean the same for certain", ledger.evidence())
    yield Stage("PLAN")

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """All of them; then the first alone, and each of the others."""
        yield from ()
        groups = [found] if not number else [[one] for one in found] if number == 1 and len(found) > 1 else []
        return [_candidate(path, group) for group in groups]

    promises = (("keeps every signature", signature_kept),)
    wish = Wish(path, propose, trusted=request.trusted, promises=promises, tests=allowed(offer), asked="simplify it")
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        return Refused(f"it stays as it is: {held}", ledger.evidence())
    own, linter = (
        list(dict.fromkeys(one.says for one in found if one.linter is mine and one.new in held.candidate.text))
        for mine in (False, True)
    )
    says = [f"simplify to {', '.join(own)}"] if own else []
    says += [f"{'' if own else 'simplify: '}{', '.join(linter)}"] if linter else []
    return Edited(held.candidate.change, "; ".join(says), ledger.evidence(), by_model=False)


def _candidate(path: str, group: Sequence[Simpler]) -> Candidate:
    edits = [edit for one in group for edit in one.edits]
    whole = Span(min(one.span.start for one in group), max(one.span.end for one in group))
    source = "linter" if all(one.linter for one in group) else "rule"
    return Candidate(source, Change.one(path, edits), whole, "\n".join(one.new for one in group))


def _several(snapshot: Snapshot, request: Request) -> bool:
    """Whether some lines are selected in which a linter may know of more."""
    file, span = snapshot.file(request.at.path), request.at.span
    rules = file.language.table(QUERY) if file is not None and file.language is not None else None
    if file is None or rules is None or not rules.get("linter") or not 0 < len(span) <= _MOST:
        return False
    return file.document.line_at(max(span.end - 1, span.start)) > file.document.line_at(span.start)


def _linted(snapshot: Snapshot, request: Request, place: Span, ledger: Ledger) -> Steps[list[Simpler]]:
    """The linter's safe fixes on these lines, of the families that are about saying things simply."""
    file = snapshot.file(request.at.path)
    rules = file.language.table(QUERY) if file is not None and file.language is not None else None
    if file is None or file.language is None or rules is None or not rules.get("linter"):
        return []
    document, text = file.document, file.document.text()
    if text.encode("utf-8", "replace") != document.data:
        return []  # bytes and characters part ways
    select = (*rules["linter"], *(rules["linter-trusted"] if request.trusted else ()))
    checker: str = file.language.settings.get("checker", "")
    told: list[Finding] | Silence = yield Run(checker, file.path, text, request.trusted, select)
    if isinstance(told, Silence):
        ledger.unknown.append(f"what the linter would say more simply: {told.reason}")
        return []
    first, last = document.line_at(place.start), document.line_at(max(place.end - 1, place.start))
    lines = Span(document.start_of(first), document.line(last).end)
    newline = document.newline()
    found: list[Simpler] = []
    for one in told:
        if not one.fix:
            continue
        edits = tuple(
            Edit(Span(start, end), new.encode().replace(b"\r\n", b"\n").replace(b"\n", newline))
            for start, end, new in sorted(one.fix)
        )
        hull = Span(edits[0].span.start, max(edit.span.end for edit in edits))
        begins = lines.start <= one.start <= lines.end
        if begins and all(two.span.start >= one_.span.end for one_, two in pairwise(edits)):
            found.append(Simpler(hull, edits, f"{one.message[:1].lower()}{one.message[1:]} ({one.code})", linter=True))
    return found


def _apart(found: Iterable[Simpler]) -> Iterator[Simpler]:
    """The outermost of those that lie in one another."""
    end = -1
    for one in sorted(found, key=lambda each: (each.span.start, -each.span.end)):
        if one.span.start >= end:
            end = one.span.end
            yield one


def _found(snapshot: Snapshot, path: str, place: Span) -> Iterator[Simpler]:
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None or len(place) > _MOST:
        return
    rules = file.language.table(QUERY)
    if rules is None:
        return
    document = file.document
    first = document.line_at(place.start)
    last = document.line_at(max(place.end - 1, place.start))
    lines = Span(document.start_of(first), document.line(last).end)
    newline = document.newline()
    for match in file.tree.matches(QUERY, within=lines):
        key = next(k for k in match if k.startswith("simplify."))
        node = match[key][0]
        begins = lines.start <= node.start_byte <= lines.end
        if not begins or node.has_error or _commented(node):
            continue
        row = rules["rules"][key.removeprefix("simplify.")]
        if row.get("names") and _bound(snapshot, file, node) & set(row["names"]):
            continue
        if "unless" in row and re.search(row["unless"], document.text(Span(node.start_byte, node.end_byte))):
            continue
        new = _written(snapshot, file, rules, row, match, node)
        if new:
            here = Span(node.start_byte, node.end_byte)
            yield Simpler(here, (Edit(here, new.encode().replace(b"\n", newline)),), row["says"])


def _bound(snapshot: Snapshot, file: File, node: Node) -> Set[str]:
    """Names that are bound in the file or anywhere in the statement at its top around a node."""
    assert file.tree is not None
    top = node
    while top.parent is not None and top.parent.parent is not None:
        top = top.parent
    scopes = Scopes(file.tree, top, top.end_byte, None)
    return snapshot.graph.files[file.path].bound.union(*(scope.names for scope in scopes.all))


def _is_truth(node: Node, rules: Mapping[str, Any], bound: Set[str]) -> bool:
    """Whether the value of an expression is true or false itself, whatever is in it."""
    if node.type in rules["compares"]:
        return {child.type for child in node.children if not child.is_named} <= set(rules["truths"])
    maker = node.child_by_field_name("function")
    if maker is not None:
        name = text_of(maker)
        return name in rules["makers"] and name not in bound
    return node.type in rules["truths"]


def _written(
    snapshot: Snapshot, file: File, rules: Mapping[str, Any], row: Mapping[str, Any], match: Match, node: Node
) -> str:
    document = file.document
    indent = document.indentation(document.line_at(node.start_byte))
    parts: dict[str, str] = {"i": indent}
    template: str = row["text"]
    for name, nodes in match.items():
        if name.startswith("simplify."):
            continue
        part = nodes[0]
        if name == "body":
            body = _body(document, part, indent)
            if body is None:
                return ""
            parts[name] = body
            continue
        written = document.text(Span(part.start_byte, part.end_byte))
        if "\n" in written and part.type not in rules["tight"]:
            return ""
        parts[name] = written
        parts[f"{name}_"] = written if part.type in rules["tight"] else f"({written})"
    if "plain" in row and _is_truth(match["test"][0], rules, _bound(snapshot, file, node)):
        template = row["plain"]
    return template.format_map(parts)


def _body(document: Document, block: Node, indent: str) -> str | None:
    """The lines of a block one step inside of `indent`; None where they cannot be moved."""
    first, last = document.line_at(block.start_byte), document.line_at(block.end_byte)
    if document.text(Span(document.start_of(first), block.start_byte)).strip():
        return None  # it shares the line of its head
    old = document.indentation(first)
    around = block.parent.parent if block.parent is not None else None
    step = document.indentation(document.line_at(around.start_byte)) if around is not None else ""
    unit = old.removeprefix(document.indentation(document.line_at(block.parent.start_byte))) if block.parent else step
    lines: list[str] = []
    for number in range(first, last + 1):
        start = document.start_of(number)
        if _inside_text(block, start):
            return None
        line = document.text(Span(start, min(document.line(number).end, max(block.end_byte, start))))
        lines.append(indent + unit + line.removeprefix(old) if line.strip() else "")
    return "\n".join(lines)


def _inside_text(block: Node, offset: int) -> bool:
    """Whether a line begins inside a text, whose lines must stay where they are."""
    node = block.descendant_for_byte_range(offset, offset)
    return node is not None and node.start_byte < offset and "string" in node.type


def _commented(node: Node) -> bool:
    """Whether a comment in what is taken apart would be lost."""
    todo = [node]
    while todo:
        current = todo.pop()
        if current.is_extra:
            return True
        todo += [child for child in current.children if child.type != "block" or child.parent == node]
    return False


ACTION = Action("simplify", "refactor.rewrite.dovetail.simplify", offer, make, runs="where told", needs="simplify")
