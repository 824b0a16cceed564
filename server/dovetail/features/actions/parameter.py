"""*Add parameter* and *Remove parameter*: the signature and every call of it in one edit, all or nothing."""

from __future__ import annotations

import re

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.documentation.rows import rows
from dovetail.features.actions.pipeline import BUDGET, PROCESS, PROMISES
from dovetail.features.parameters import RULES, New, Planned, adding, asked, removing
from dovetail.features.parameters.plan import doubtful
from dovetail.features.parameters.reach import may_change
from dovetail.features.parameters.unbound import unbound
from dovetail.graph import Symbol
from dovetail.graph.signature import signature_at
from dovetail.model.ask import Checked, Finding, ModelInfo, Run, Silence, Stage, Steps
from dovetail.text import Span
from dovetail.verify import calls_open, documents_match, lints_no_worse, names_open
from dovetail.world import File, Snapshot

_PROMISES = (*PROMISES, ("documentation matches", documents_match))
_LINTED = 5
"""Files that the linter is asked about."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """Rows on a name in a function that nobody defines, and on a parameter that nothing reads."""
    path, at = request.at.path, request.at.offset
    file = snapshot.file(path)
    if file is None or file.language is None or file.language.table(RULES) is None or len(request.at.span) > 80:
        return []
    word = _word(file, at)
    if word is None:
        return []
    name, span = word
    function = snapshot.graph.enclosing(path, at, ("function",))
    if function is None or function.name_span.meets(span) or not may_change(Planned(snapshot), function):
        return []
    if at < function.body:
        return _unread(file, function, name, span)
    use = next((u for u in snapshot.graph.uses_in(path, span) if u.use.role == "read"), None)
    if use is None or not unbound(snapshot, function, name):
        return []
    title = f"Add parameter {name} to {function.name}"
    rows = [Offer(title, span, (("add", name),))]
    graph = snapshot.graph
    if any(graph.files[other].uses_by_name.get(function.name) for other in graph.mentioners.get(function.name, ())):
        rows.append(Offer(f"{title} and hand it down from its callers", span, (("add", name), ("down", "yes"))))
    return rows


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """The plan from the graph; then all of it, checked file by file."""
    ledger = Ledger("parameter", None)
    path, data = request.at.path, dict(offer.data)
    yield Stage("UNDERSTAND")
    file = snapshot.file(path)
    function = _function(snapshot, path, offer.target.start)
    if file is None or file.language is None or function is None:
        return Refused("there is no function here", ledger.evidence())
    rules = file.language.table(RULES)
    if rules is None:
        return Refused(ACTION.nothing(file.language), ledger.evidence())
    name = data.get("remove") or data.get("add") or data.get("name", "")
    new = asked(file.language, name)
    if new is None:
        example = rules["example"].format(name="timeout")
        return Refused(f"say which: “{example} to fetch”, “remove the parameter retries from fetch”", ledger.evidence())
    yield Stage("LOCATE")
    if "remove" in data:
        plan = yield from removing(snapshot, function, new.name)
    else:
        plan = yield from adding(snapshot, function, new, hand_down="down" in data)
    yield Stage("PLAN")
    if isinstance(plan, str):
        return Refused(f"{function.name} stays as it is: {plan}", ledger.evidence())
    order = list(dict.fromkeys(one.qualified for one in plan.functions))
    ledger.notes.append("plan, callees first: " + " → ".join(order))
    yield Stage("GENERATE")
    documented = rows(plan, new.name)
    change = plan.change()
    after = plan.snapshot.after(change)
    ledger.notes += documented
    ledger.notes += [
        f"the documentation of {one.qualified} shows a call of it; look whether that still fits"
        for one in plan.functions if re.search(rf"(?<!@)\b{re.escape(one.name)}\(", one.doc)
    ]  # fmt: skip
    yield Stage("VERIFY")
    now: float = yield Checked("")
    for edited in change.edits:
        for gate, promise in _PROMISES:
            found = promise(plan.snapshot, after, change, edited)
            then, now = now, (yield Checked(gate))
            ledger.spend(gate, now - then, BUDGET)
            if found:
                yield Stage("GIVE UP")
                return Refused(_failed(function, edited, gate, found[0]), ledger.evidence())
    ledger.passed = list(dict.fromkeys(name for name, _ in _PROMISES))
    for edited in change.edits:
        _note_unknown(plan.snapshot, edited, ledger)
    for edited in list(change.edits)[:_LINTED]:
        worse = yield from _linted(plan.snapshot, after, edited, request.trusted, ledger)
        if worse:
            yield Stage("GIVE UP")
            return Refused(_failed(function, edited, "lints no worse", worse[0]), ledger.evidence())
    if len(change.edits) > _LINTED:
        ledger.unknown.append(f"lints no worse: only {_LINTED} of {len(change.edits)} files were looked at")
    if not any(told.startswith("lints no worse") for told in ledger.unknown):
        ledger.passed.append("lints no worse")
    if (note := rules.get("note")) and plan.calls and new.default and "remove" not in data:
        ledger.notes.append(note.format(default=new.default, function=function.name))
    told = (doubtful(plan, one, "objects that nobody knows") for one in plan.functions)
    ledger.unknown += [said for said in told if said]
    yield Stage("COMPLETE")
    return Edited(change, _summary(function, new, plan, removed="remove" in data), ledger.evidence(), by_model=False)


def _summary(function: Symbol, new: New, plan: Planned, *, removed: bool) -> str:
    what = f"{'remove' if removed else 'add'} parameter {new.name} {'from' if removed else 'to'} {function.name}"
    others = len({(one.path, one.name_span) for one in plan.functions}) - 1
    if others:
        what += f" and {others} more function{'s' * (others != 1)}"
    if plan.calls:
        what += f", with {plan.calls} call{'s' * (plan.calls != 1)}"
    if plan.left:
        what += f"; {plan.left} call{'s' * (plan.left != 1)} get{'s' * (plan.left == 1)} {plan.default}"
    return what


def _failed(function: Symbol, path: str, gate: str, finding: Finding) -> str:
    place = f"{path.rsplit('/', 1)[-1]} line {finding.line + 1}"
    return f"{function.name} stays as it is: {gate} fails in {place} ({finding.message})"


def _note_unknown(snapshot: Snapshot, path: str, ledger: Ledger) -> None:
    """What cannot be asked in a file is said, and not counted as held."""
    language = snapshot.files[path].language
    unread = language is not None and language.table("docstrings") is None
    told = {
        "names exist": names_open(snapshot, path),
        "calls fit": calls_open(snapshot, path),
        "documentation matches": f"it is not read in {language.spoken} so far" if language and unread else "",
    }
    for gate, reason in told.items():
        if reason and f"{gate}: {reason}" not in ledger.unknown:
            ledger.passed = [name for name in ledger.passed if name != gate]
            ledger.unknown.append(f"{gate}: {reason}")


def _linted(before: Snapshot, after: Snapshot, path: str, trusted: bool, ledger: Ledger) -> Steps[list[Finding]]:
    """What the linter finds that it did not find before; where it cannot be asked, that is told."""
    language = before.files[path].language
    checker: str = language.settings.get("checker", "") if language else ""
    if not checker:
        told = f"lints no worse: no linter is asked about {language.spoken if language else 'this'}"
        ledger.unknown += [told] if told not in ledger.unknown else []
        return []
    began: float = yield Checked("")
    found_by: list[list[Finding]] = []
    for snapshot in (before, after):
        found: list[Finding] | Silence = yield Run(checker, path, snapshot.files[path].document.text(), trusted)
        if isinstance(found, Silence):
            ledger.unknown.append(f"lints no worse: {found.reason}")
            return []
        found_by.append(found)
    ledger.spend("lints no worse", (yield Checked("lints no worse")) - began, PROCESS)
    return lints_no_worse(found_by[0], found_by[1])


def _function(snapshot: Snapshot, path: str, offset: int) -> Symbol | None:
    found = snapshot.graph.enclosing(path, offset, ("function",))
    if found is None:
        meant = snapshot.graph.at(path, offset)
        found = next((one for one in meant.symbols if one.kind in ("function", "method")), None)
    return found


def _word(file: File, at: int) -> tuple[str, Span] | None:
    start, end = max(0, at - 40), min(len(file.document), at + 40)
    for match in re.finditer(rb"\$?[^\W\d][\w$]*", file.document.slice(Span(start, end))):
        if match.start() <= at - start <= match.end():
            name = match.group().decode("utf-8", "replace")
            return name, Span(start + match.start(), start + match.end())
    return None


def _unread(file: File, function: Symbol, name: str, span: Span) -> list[Offer]:
    """A row on a parameter whose name stands nowhere in the body."""
    assert file.tree is not None and file.language is not None
    if name in file.language.settings.get("receivers", ()) or (meant := asked(file.language, name)) is None:
        return []
    body = file.document.slice(Span(function.body, function.span.end))
    if re.search(
        rf"(?<![\w$]){re.escape(name)}(?![\w$])".encode(), body[len(function.doc.encode()) :] if function.doc else body
    ):
        return []
    written = signature_at(file.tree, function.span, function.body)
    if written is None or not any(p.name == meant.name and p.passed not in _REST for p in written.parameters):
        return []
    title = f"Remove parameter {name} from {function.name} and from its calls"
    return [Offer(title, span, (("remove", name),))]


_REST = ("rest", "rest by name")


ACTION = Action(
    "parameter", "refactor.rewrite.dovetail.parameter", offer, make, needs=RULES, whole=True,
    idle="there is no name here that could become a parameter, and no parameter that nothing reads",
)  # fmt: skip
