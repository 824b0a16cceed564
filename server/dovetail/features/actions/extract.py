"""*Extract function*: the mechanics by scopes and flow, without a model; a model may propose the name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.asking import CANDIDATES, Asking, answers_to
from dovetail.features.actions.extraction.plan import Plan, piece, plan
from dovetail.features.actions.extraction.writing import by_rule, change, reach, shown, taken, usable
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant
from dovetail.features.actions.testing.related import allowed, judged
from dovetail.model.ask import Answer, Ask, Fim, ModelInfo, Stage, Steps
from dovetail.syntax import shape
from dovetail.text import Change
from dovetail.verify import signature_kept
from dovetail.world import Snapshot

_LIMIT = 12
_SHOWN = 1500
"""Characters of the piece that a model sees."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row where whole statements of a function, or one expression, are selected."""
    found = piece(snapshot, request.at.path, request.at.span)
    if isinstance(found, str):
        return [Offer("Extract function", request.at.span, disabled=found)] if found else []
    return judged(snapshot, request, [Offer("Extract function", found.span)])


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """The selected piece as a function of its own, called where it was."""
    ledger = Ledger("extract function", model)
    path = request.at.path
    yield Stage("UNDERSTAND")
    found = piece(snapshot, path, offer.target)
    if isinstance(found, str):
        return Refused(found or "select whole statements of a function, or one expression", ledger.evidence())
    yield Stage("LOCATE")
    planned = plan(snapshot, found)
    if isinstance(planned, str):
        return Refused(planned, ledger.evidence())
    takes = ", ".join(name for name, _ in planned.takes) or "nothing"
    ledger.notes.append(f"it takes {takes} and gives back {', '.join(planned.gives) or 'nothing'}")
    yield Stage("PLAN")
    given = dict(offer.data).get("name", "")
    if given and not re.fullmatch(r"[^\W\d]\w*", given):
        return Refused(f"{given} is no name", ledger.evidence())
    if given and taken(snapshot, planned, given):
        return Refused(f"{given} means something here already", ledger.evidence())
    proposed = "" if given else (yield from _proposed(snapshot, planned, model, ledger))
    name = given or proposed or next(each for each in by_rule(planned) if usable(snapshot, planned, each))
    ways = [change(snapshot, planned, name, typed=typed) for typed in (True, False)]
    edits = list({repr(way): way for way in ways if isinstance(way, Change)}.values())
    if not edits:
        return Refused(str(ways[0]), ledger.evidence())
    asked = f"extract what is selected in {found.symbol.qualified} as a function"

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """With the annotations that are known; where one of them means nothing there, without."""
        yield from ()
        source = "model" if proposed else "rule"
        return [Candidate(source, each, reach(each, path), name) for each in edits[number : number + 1]]

    promises = (("keeps every signature", signature_kept),)
    wish = Wish(
        path, propose, trusted=request.trusted, promises=promises, tests=allowed(offer), asked=asked,
        vetted="it only said a name, and the graph looked that up",
    )  # fmt: skip
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        return Refused(f"no function was made of the selection: {held}", ledger.evidence())
    return Edited(held.candidate.change, f"extract {name} from {found.symbol.name}", ledger.evidence(), bool(proposed))


def _proposed(snapshot: Snapshot, planned: Plan, model: ModelInfo | None, ledger: Ledger) -> Steps[str]:
    """A name of a model's that means nothing yet and shares a word with the code; "" for none."""
    if model is None or model.fim is None:
        return ""
    parameters, body = shown(planned)
    head = re.sub(r"\{\w+\}", "", planned.piece.rules["head"].split("{name}")[0])
    file = planned.piece.file
    assert file.language is not None
    verbs = set((file.language.table("docstrings") or {}).get("words", {}).get("verbs", ()))
    known = set(re.findall(r"[a-z]+", body.lower()))
    ask = Ask(
        Fim(head, f"{parameters}):\n{body[:_SHOWN]}"), _LIMIT, candidates=CANDIDATES,
        grammar=shape("name-and-bracket") if model.grammar else None, stop=("(",), purpose="action",
    )  # fmt: skip

    def judged(answer: Answer) -> Steps[tuple[str, str]]:
        yield from ()
        name = answer.text.strip().rstrip("(").strip()
        words = [word for word in name.split("_") if word]
        if not usable(snapshot, planned, name):
            return name, "means something here already, or is no name"
        if not words or not set(words) & known or set(words) - known - verbs:
            return name, "does not speak of what the code does"
        return name, "says too little" if len(words) < 2 and words[0] not in verbs else ""

    asking = Asking(ledger, file.path, f"a name for {planned.piece.span}", file.document.data)
    return next(iter((yield from asking.heard(partial(answers_to, ask), judged, "is a good name"))), "")


ACTION = Action("extract", "refactor.extract.dovetail.function", offer, make, runs="where told", needs="extract")
