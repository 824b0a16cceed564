"""*Document* and *Add type annotations* for a whole class: a plan from the graph, callee first, and one edit for all.

Each step is the action itself on the text as the steps before left it, so that what a function gives back is known
where it is called. What is refused is left as it was and told; the edit comes whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result, annotate, document
from dovetail.features.actions.pipeline import without_stages
from dovetail.graph import Graph, Symbol
from dovetail.model.ask import ModelInfo, Stage, Steps
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import Selection, Snapshot

_Key = tuple[str, int]
_ACTIONS = {"document": document.ACTION, "annotate": annotate.ACTION}
_TITLES = {"document": "Document all of {name}", "annotate": "Add type annotations to all of {name}"}
_LEAST = 2
_MOST = 40
_ASKED = 4
"""Functions above which no model is asked: a person waits for all of them."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """Rows on the name of a class with several functions."""
    holder = snapshot.graph.enclosing(request.at.path, request.at.offset, ("class",))
    file = snapshot.file(request.at.path)
    if holder is None or file is None or file.language is None or not holder.name_span.meets(request.at.span):
        return []
    functions = _functions(snapshot.graph, holder)
    language = file.language
    return [
        Offer(_TITLES[name].format(name=holder.name), holder.name_span, (("action", name),))
        for name, action in _ACTIONS.items()
        if (language.query(action.needs) or language.table(action.needs)) and len(functions) >= _LEAST
        if name != "document" or sum(not one.doc for one in functions) >= _LEAST
    ]


def widened(snapshot: Snapshot, request: Request, name: str) -> list[Offer]:
    """What an action that has nothing to offer on the name of a class would be for all of it."""
    return [row for row in offer(snapshot, request) if dict(row.data)["action"] == name] if name in _ACTIONS else []


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """One step a function, in the order of the plan; then all of it as one edit."""
    name = dict(offer.data).get("action", "")
    action = _ACTIONS.get(name)
    ledger = Ledger(name or "plan", model)
    path = request.at.path
    yield Stage("UNDERSTAND")
    holder = snapshot.graph.enclosing(path, offer.target.start, ("class",))
    if action is None or holder is None:
        return Refused("there is no class here", ledger.evidence())
    yield Stage("LOCATE")
    batches = plan(snapshot.graph, _functions(snapshot.graph, holder))
    alike = _alike(snapshot.graph, path)
    order = [(one.qualified, alike[one.qualified].index(one.name_span.start)) for batch in batches for one in batch]
    if not order:
        return Refused(f"{holder.name} has no functions", ledger.evidence())
    yield Stage("PLAN")
    ledger.notes.append("plan, callees first: " + " → ".join(", ".join(one.name for one in b) for b in batches))
    if len(order) > _ASKED and model is not None:
        ledger.notes.append(
            f"so many at once: {model.name} is asked about {_ASKED} functions at most, so these are by rule"
        )
        model = None
    now, by_model, passed = snapshot, False, list[str]()
    done: list[str] = []
    yield Stage("GENERATE", 0, len(order))
    for number, (qualified, nth) in enumerate(order, 1):
        anchor = f"step {number} of {len(order)}"
        at = _alike(now.graph, path).get(qualified, [])[nth : nth + 1]
        here = None
        if at:
            step = f"{anchor}: {qualified}"
            here = replace(request, at=Selection(path, Span(at[0], at[0])), diagnostics=(), step=step)
        rows = [row for row in action.offer(now, here) if not row.disabled] if here is not None else []
        if here is None or not rows:
            ledger.notes.append(f"{anchor}: {qualified}: nothing to do")
            continue
        yield Stage("GENERATE", number, len(order))
        result = yield from without_stages(action.make(now, here, rows[0], model))
        if isinstance(result, Edited) and set(result.change.edits) == {path}:
            now = now.after(result.change)
            by_model |= result.by_model
            ledger.asked |= bool(result.evidence.model)
            done.append(qualified)
            passed += result.evidence.passed
            ledger.unknown += [one for one in result.evidence.unknown if one not in ledger.unknown]
            ledger.prompt_tokens += result.evidence.prompt_tokens
            ledger.new_tokens += result.evidence.new_tokens
            for gate, ms, _, budget in result.evidence.gates:
                ledger.spend(gate, ms, budget)
            ledger.notes.append(f"{anchor}: {qualified}: {result.summary}")
        elif isinstance(result, Refused):
            ledger.notes.append(f"{anchor}: {qualified}: {result.reason}")
    yield Stage("VERIFY")
    if not done:
        yield Stage("GIVE UP")
        return Refused(f"nothing of {holder.name} could be done: {ledger.notes[-1]}", ledger.evidence())
    # what held in each step holds for all of them: each was asked of the whole text
    ledger.passed = [name for name in dict.fromkeys(passed) if passed.count(name) == len(done)]
    before, after = snapshot.files[path].document, now.files[path].document
    change = Change.one(path, _edits(before, after))
    yield Stage("COMPLETE")
    return Edited(change, f"{name} {len(done)} of {len(order)} functions of {holder.name}", ledger.evidence(), by_model)


def plan(graph: Graph, functions: Sequence[Symbol]) -> list[list[Symbol]]:
    """Batches in which each function comes after those of them that it calls; a circle is one batch."""
    keys = {(one.path, one.name_span.start): one for one in functions}
    calls = {
        key: {(c.path, c.name_span.start) for c, _ in graph.callees(one)} & keys.keys() - {key}
        for key, one in keys.items()
    }
    batches: list[list[Symbol]] = []
    left = dict(calls)
    while left:
        ready = [key for key, called in left.items() if not called & left.keys()] or _circle(left)
        batches.append([keys[key] for key in ready])
        for key in ready:
            del left[key]
    return batches


def _circle(left: Mapping[_Key, set[_Key]]) -> list[_Key]:
    """Functions that call one another, and of those that are left no others."""

    def reached(start: _Key) -> set[_Key]:
        seen: set[_Key] = set()
        todo = [start]
        while todo:
            for key in left[todo.pop()] & left.keys() - seen:
                seen.add(key)
                todo.append(key)
        return seen

    reach = {key: reached(key) for key in left}
    first = min(left, key=lambda key: (len(reach[key] | {key}), key))
    return [key for key in left if key == first or key in reach[first] and first in reach[key]]


def _alike(graph: Graph, path: str) -> dict[str, list[int]]:
    """Where the names stand of all that is called the same, as a property and what sets it are."""
    found: dict[str, list[int]] = {}
    for one in graph.symbols(path):
        found.setdefault(one.qualified, []).append(one.name_span.start)
    return found


def _functions(graph: Graph, holder: Symbol) -> list[Symbol]:
    return [
        one
        for one in graph.symbols(holder.path)
        if one.kind in ("function", "method") and one.container == holder.qualified and holder.span.holds(one.span)
    ][:_MOST]


def _edits(before: Document, after: Document) -> Iterator[Edit]:
    """What differs, whole lines at a time."""
    one, two = before.data.splitlines(keepends=True), after.data.splitlines(keepends=True)
    starts = [0]
    for line in one:
        starts.append(starts[-1] + len(line))
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Edit(Span(starts[a], starts[b]), b"".join(two[c:d]))


ACTION = Action(
    "throughout", "refactor.rewrite.dovetail.throughout", offer, make, needs="docstrings",
    idle="there is nothing here that could be done throughout",
)  # fmt: skip
