"""*Add validation*: guards for what the function's own words, and the calls of it, say that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dovetail.context.evidence import Ledger, Piece, Trial
from dovetail.context.window import window
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.asking import CANDIDATES
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Judge, Wish, begun, grant
from dovetail.features.actions.testing.related import allowed, judged
from dovetail.features.actions.validation.callers import callers
from dovetail.features.actions.validation.derive import Check, derive, derives
from dovetail.features.actions.validation.habits import habit
from dovetail.features.actions.validation.reading import QUERY, Function, NotHere, read
from dovetail.features.actions.validation.trying import NAME, fit, trying
from dovetail.features.actions.validation.writing import Slot, chosen, grammar, slots
from dovetail.model.ask import Answer, Ask, Count, Fim, ModelInfo, Silence, Stage, Steps
from dovetail.text import Change, Edit
from dovetail.world import Snapshot

_GLANCE = 800
"""Bytes of the code that an offer looks at: checks stand at its top."""
_SELECTED = 80
"""Bytes of a selection above which something inside the function is meant."""
_QUORUM = 3
"""Readable votes below which they do not count."""
_PROMPT = 448
"""Most tokens of prompt."""
_SPOKEN = ("so that is not refused", "so that is left as it is")
"""How that ends which calls say against a check."""
_LEAST = 64
"""Tokens of prompt below which a model has seen too little to have a say."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row where something of the function's arguments can be checked."""
    if len(request.at.span) > _SELECTED:
        return []
    function = read(snapshot, request.at.path, request.at.offset, _GLANCE)
    if isinstance(function, NotHere):
        if not function.reason:
            return []
        return [Offer("Add validation", request.at.span, disabled=function.reason)]
    if not derives(snapshot, function):
        return []
    if function.mute:
        return [Offer("Add validation", request.at.span, disabled=function.mute)]
    title, at = f"Add validation to {function.symbol.name}", function.symbol.name_span
    rows = [Offer(title, at)]
    if not request.trusted:
        return rows
    fits = fit(snapshot, request.at.path, request.at.offset, glance=True) is not None
    tried = Offer(f"{title}, tried in a sandbox", at, (("try", "yes"),)) if fits else rows[0]
    best = judged(snapshot, request, [tried])[-1]
    return rows if best is rows[0] else [best, *rows]


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """Guards after the documentation, verified; the model chooses where there is something to choose."""
    ledger = Ledger("add validation", model)
    path = request.at.path
    yield Stage("UNDERSTAND")
    function = read(snapshot, path, offer.target.start)
    yield Stage("LOCATE")
    if isinstance(function, NotHere):
        return Refused(function.reason or "there is no function here that could check its arguments", ledger.evidence())
    if function.mute:
        return Refused(function.mute, ledger.evidence())
    known = yield from callers(snapshot, function)
    checks = derive(snapshot, function, known, ledger.notes)
    if not checks:
        return Refused(_nothing(function, ledger.notes), ledger.evidence())
    file = snapshot.file(path)
    assert file is not None and file.language is not None
    rules = file.language.table(QUERY)
    assert rules is not None
    style = habit(snapshot, path)
    ledger.notes.append(f"habit: {style.words()}")
    if style.trusts_types:
        ledger.notes.append(f"{style.seen} guards, and none checks a type: so that is not certain here either")
        checks = [_doubted(check, rules["templates"].get("doubted", "likely")) for check in checks]
    facts = snapshot.graph.files[path]
    itself = {found.alias for _, found in facts.imports if found.module == found.alias}  # `use RuntimeException;`
    taken = function.bound | ((facts.bound - itself) & file.language.builtins)
    planned = slots(checks, function, style, rules, taken)
    for slot in planned:
        ledger.notes.append(f"{slot.check.name}: {slot.check.kinds[0]}, {slot.check.confidence}, from {slot.check.why}")
    yield Stage("PLAN")
    asked = f"check what {function.symbol.qualified} is given"
    about = f"{asked} {dict(offer.data).get('try', '')}"
    asking = begun(snapshot, path, about, ledger, trusted=request.trusted, tests=allowed(offer))
    yield from asking.recall()
    votes = yield from asking.put(_votes(snapshot, request, function, planned, model, ledger))
    kept = _decided(planned, votes, ledger)
    if not kept:
        return Refused(f"nothing of {function.symbol.name} is certain enough to be checked", ledger.evidence())
    newline = file.document.newline()

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """The project's own form first; a linter that dislikes it is given the plainer ones."""
        yield from ()
        ways = (("", ""), ("plain", ""), ("", "assigned"), ("plain", "assigned"))
        form, template = ways[number] if "assigned" in rules["templates"] else ways[number % 2]
        text = "".join(slot.texts[0] for slot in slots(kept, function, style, rules, taken, form, template))
        new = function.before + _ended(text + "\n" * function.airy, newline) + function.after
        change = Change.one(path, [Edit(function.place, new)])
        return [Candidate("model" if votes else "rule", change, function.place, text)]

    judge: tuple[str, Judge] | None = None
    unknown: list[str] = []
    if dict(offer.data).get("try") and request.trusted:
        found = fit(snapshot, path, function.symbol.name_span.start)
        tried = "it is not called by itself: it reaches outside, or is not there to be called"
        if found is not None:
            tried = trying(snapshot, found, kept, ledger.notes, unknown)
        if isinstance(tried, str):
            unknown.append(f"{NAME}: {tried}")
        else:
            judge = (NAME, tried)
    wish = Wish(
        path, propose, trusted=request.trusted, judge=judge, tests=allowed(offer), asked=asked, asking=asking,
        vetted="it only chose among guards that rules wrote",
    )  # fmt: skip
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        return Refused(f"no validation for {function.symbol.name}: {held}", ledger.evidence())
    if unknown:  # what was not tried did not hold
        ledger.passed = [name for name in ledger.passed if name != NAME]
        ledger.unknown += unknown
    written = read(held.after, path, function.symbol.name_span.start)
    left = derive(held.after, written, known) if isinstance(written, Function) else []
    again = {check.name for check in left if check.confidence != "possible"} & {check.name for check in kept}
    if again:
        ledger.notes.append(f"asked again, it would still find something to check of {', '.join(sorted(again))}")
    names = ", ".join(dict.fromkeys(check.name for check in kept))
    return Edited(held.candidate.change, f"check {names} in {function.symbol.name}", ledger.evidence(), bool(votes))


def _nothing(function: Function, told: Sequence[str]) -> str:
    """Why there is nothing to check: a call that is there today gives it, or it is all checked."""
    said = next((one for one in told if one.endswith(_SPOKEN)), "")
    return said or f"nothing more of {function.symbol.name} can be checked"


# ---- the model's part ---------------------------------------------------------------------------


def _votes(
    snapshot: Snapshot, request: Request, function: Function, planned: Sequence[Slot], model: ModelInfo | None,
    ledger: Ledger,
) -> Steps[list[list[int]]]:  # fmt: skip
    """What each candidate chose for each open slot; [] where nothing is open or nobody answers.

    What is certain is in the prompt as if it were written, so the model only says what goes with it.
    """
    asked = [slot for slot in planned if slot.open]
    if not asked:
        ledger.notes.append("everything is certain, so the model was not asked")
        return []
    if model is None:
        ledger.notes.append("no model: the server's own choice stands")
        return []
    shape = grammar(asked)
    if model.fim is None or not model.grammar or shape is None:
        ledger.notes.append(f"{model.name} cannot choose here: the server's own choice stands")
        return []
    file = snapshot.file(request.at.path)
    assert file is not None
    longest = "".join(max(slot.texts, key=len) for slot in asked)
    written = _plain(function.before.decode("utf-8", "replace")) + "".join(
        slot.texts[0] for slot in planned if not slot.open
    )
    counted: list[int] = yield Count((longest, written))
    limit = counted[0] + counted[0] // 4 + 8
    room = min(_PROMPT, model.context - limit - 16)
    if counted[1] > room // 2:
        counted, written = [counted[0], 0], ""
    if room < _LEAST:
        ledger.notes.append(f"{model.name} has no room for so many guards: the server's own choice stands")
        return []
    before = room - room // 3 - counted[1]
    around = yield from window(file.document, function.place, before, room // 3)
    line = file.document.line_at(function.place.end)
    ledger.used += [
        Piece("text before the guards", file.path, around.first_line, "nearest lines", 1.0, around.before_tokens),
        Piece("the guards that are certain", file.path, line, "the server's own", 1.0, counted[1]),
        Piece("the rest of the body", file.path, line, "nearest lines", 1.0, around.after_tokens),
    ]
    yield Stage("GENERATE")
    answers: list[Answer] | Silence = yield Ask(
        Fim(_plain(around.before) + written, _plain(around.after)),
        limit,
        candidates=CANDIDATES,
        grammar=shape,
        purpose="action",
    )
    if isinstance(answers, Silence):
        ledger.notes.append(f"the model was silent ({answers.reason}): the server's own choice stands")
        return []
    ledger.count(answers)
    votes: list[list[int]] = []
    for answer in answers:
        vote = None if answer.stopped in ("limit", "cancelled") else chosen(asked, answer.text)
        if vote is None:
            ledger.trials.append(Trial("model", answer.text, "is a choice of guards", "cut short or out of shape"))
        else:
            votes.append(vote)
    if len(votes) < _QUORUM:
        ledger.notes.append(
            f"only {len(votes)} of {len(answers)} answers could be read: the server's own choice stands"
        )
        return []
    return votes


def _decided(planned: Sequence[Slot], votes: Sequence[Sequence[int]], ledger: Ledger) -> list[Check]:
    """What stands: `certain` always, `likely` unless every vote is against it, `possible` if most are for it.

    The way it is written is that of most votes; the server's own on a tie.
    """
    kept: list[Check] = []
    number = 0
    for slot in planned:
        check, wanted = slot.check, list[int]()
        if votes and slot.open:
            ways = [vote[number] for vote in votes]
            number += 1
            wanted = [way for way in ways if way >= 0]
            ledger.notes.append(f"{check.name}: {check.kinds[0]} has {len(wanted)} of {len(ways)} votes")
        stands = {
            "certain": True,
            "likely": not votes or bool(wanted),
            "possible": 2 * len(wanted) > len(votes),
        }[check.confidence]
        if stands:
            way = max(range(len(slot.texts)), key=lambda i: (wanted.count(i), -i)) if wanted else 0
            kept.append(replace(check, kinds=(slot.kinds[way],)))
    return kept


def _doubted(check: Check, confidence: str) -> Check:
    by_type = check.kinds[0] in ("type", "number", "callable") and not check.demanded
    return replace(check, confidence=confidence) if by_type and check.confidence in ("certain", "likely") else check


def _ended(text: str, newline: bytes) -> bytes:
    return text.encode().replace(b"\n", newline)


def _plain(text: str) -> str:
    """A model knows one line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


ACTION = Action("validate", "refactor.rewrite.dovetail.validate", offer, make, runs="where told", needs="validation")
