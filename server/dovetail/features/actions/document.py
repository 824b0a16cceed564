"""*Document*: the parts by rule from signature and body, in the project's style; a model writes only the prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.asking import ONE, answers_to
from dovetail.features.actions.documentation import words
from dovetail.features.actions.documentation.style import Style, style
from dovetail.features.actions.documentation.target import Target, target
from dovetail.features.actions.documentation.writing import Prose, composed, inserted, mended
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant
from dovetail.features.sentence import believed, said, source
from dovetail.graph import Symbol
from dovetail.graph.documentation import read_documentation
from dovetail.graph.signature import Parameter
from dovetail.model.ask import Ask, Fim, Finding, ModelInfo, Stage, Steps
from dovetail.text import Change, Edit
from dovetail.verify import Promise, documents_match, signature_kept
from dovetail.verify.documents_match import mismatches
from dovetail.world import Snapshot

_ASKED = 6
"""Parameters for which a model is asked; the rest has the server's words."""
_LIMIT = 28
"""New tokens for one part."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row on the head of a function that is not documented, or whose documentation says what is not so."""
    found = target(snapshot, request.at.path, request.at.offset, glance=True, setters=True)
    if not isinstance(found, str) and len(request.at.span) and request.at.span.end > found.symbol.body:
        return []  # what is selected is something inside
    if isinstance(found, str):
        return [Offer("Document", request.at.span, disabled=found)] if found else []
    name = found.symbol.name
    if found.getter is not None:
        return [Offer(f"Document {name}", request.at.span, disabled=_where(found.symbol, found.getter))]
    if not found.symbol.doc:
        return (
            [] if found.stub and not found.written.parameters else [Offer(f"Document {name}", found.symbol.name_span)]
        )
    if found.rules["write"]["place"] != "inside":
        return []  # what stands above is not mended so far
    documented = read_documentation(found.symbol.doc, found.rules)
    wrong = next(mismatches(documented, found.written, None, found.rules), "")
    return [Offer(f"Bring the documentation of {name} up to date", found.symbol.name_span)] if wrong else []


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """What is true by rule is written by rule; each sentence of a model's is believed only if it names what exists."""
    ledger = Ledger("documentation", model, step=request.step)
    yield Stage("UNDERSTAND")
    found = target(snapshot, request.at.path, offer.target.start, setters=True)
    if isinstance(found, str):
        return Refused(found or "there is no function here that could be documented", ledger.evidence())
    if found.getter is not None:
        return Refused(_where(found.symbol, found.getter), ledger.evidence())
    yield Stage("LOCATE")
    habit = style(snapshot, found)
    ledger.notes.append(habit.words())
    yield Stage("PLAN")
    plain = _by_rule(snapshot, found, habit, ledger)
    if found.symbol.doc and found.rules["write"]["place"] != "inside":
        return Refused(f"{found.symbol.name} is documented already", ledger.evidence())
    if found.symbol.doc:
        return (yield from _mend(snapshot, request, found, habit, plain, ledger))
    has_parts = bool(found.written.parameters or found.result or plain.errors) and "parameters" in habit.rules
    prose, by_model = yield from _by_model(snapshot, found, plain, has_parts, model, ledger)
    if not has_parts and not by_model:
        reason = f"the name {found.symbol.name} says all that can be said of it without a model"
        if model is not None:
            reason += f", and {model.name} said nothing of it that could be believed"
        return Refused(reason, ledger.evidence())
    ways = [("model" if by_model else "rule", prose)] + ([("rule", plain)] if by_model and has_parts else [])
    edits: list[tuple[str, Edit]] = []
    indent = " " * 8 if found.symbol.container else " " * 4
    for source_, each in ways:
        edit = inserted(found, habit, composed(found, habit, each, indent))
        if isinstance(edit, str):
            return Refused(edit, ledger.evidence())
        edits.append((source_, edit))
    path = request.at.path

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        yield from ()
        return [_candidate(path, source_, edit) for source_, edit in edits[number : number + 1]]

    asked = f"document {found.symbol.qualified}"
    wish = Wish(path, propose, trusted=request.trusted, promises=_promises(found, habit, prose), asked=asked)
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        return Refused(f"no documentation for {found.symbol.name}: {held}", ledger.evidence())
    wrote = held.candidate.source == "model"
    return Edited(held.candidate.change, f"document {found.symbol.name}", ledger.evidence(), wrote)


def _where(setter: Symbol, getter: Symbol) -> str:
    """Where a property is documented, in words."""
    side = "above" if getter.span.start < setter.span.start else "below"
    return f"what is said of {setter.name} stands where it is read, {side}, and holds for both"


def _mend(
    snapshot: Snapshot, request: Request, found: Target, habit: Style, plain: Prose, ledger: Ledger
) -> Steps[Result]:
    """Entries that are gone go, those that are missing come; what is there stays word by word."""
    documented = read_documentation(found.symbol.doc, found.rules)
    form = next((part.form for part in documented.parts if part.kind), "")
    own = next((name for name, row in found.rules["styles"].items() if row["form"] == form), habit.name)
    typed = any(said.type for said in documented.parameters.values())
    habit = Style(own, found.rules["styles"][own], typed, habit.third, habit.period, habit.below, 1)
    edit = mended(found, habit, plain, documented)
    if isinstance(edit, str):
        return Refused(edit, ledger.evidence())
    wrong = list(mismatches(documented, found.written, found.ends, found.rules, found.stub))
    ledger.notes += wrong

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        yield from ()
        return [] if number else [_candidate(request.at.path, "rule", edit)]

    promises = (("documentation matches", _whole(found)), ("keeps every signature", signature_kept))
    asked = f"bring the documentation of {found.symbol.qualified} up to date"
    wish = Wish(request.at.path, propose, trusted=request.trusted, promises=promises, asked=asked)
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        return Refused(f"the documentation of {found.symbol.name} stays: {held}", ledger.evidence())
    return Edited(held.candidate.change, "; ".join(wrong), ledger.evidence(), by_model=False)


def _candidate(path: str, source_: str, edit: Edit) -> Candidate:
    text = edit.new.decode("utf-8", "replace")
    return Candidate("model" if source_ == "model" else "rule", Change.one(path, [edit]), edit.span, text)


def _promises(found: Target, habit: Style, prose: Prose) -> tuple[tuple[str, Promise], ...]:
    return (
        ("documentation matches", documents_match),
        ("documentation matches", _whole(found, prose if "parameters" in habit.rules else None)),
        ("keeps every signature", signature_kept),
    )


def _whole(found: Target, prose: Prose | None = None) -> Promise:
    """Nothing is wrong with the documentation any more; with `prose` it is all there as well."""

    def promise(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
        start = found.symbol.name_span.start
        moved = sum(edit.delta for edit in change.edits.get(path, ()) if edit.span.end <= start)
        now = target(after, path, start + moved)
        if isinstance(now, str):
            return [Finding("DOC", now or "the function is gone")]
        documented = read_documentation(now.symbol.doc, now.rules)
        wrong = list(mismatches(documented, now.written, now.ends, now.rules, now.stub))
        if prose is not None:
            wrong += [
                f"{p.name} is not documented" for p in now.written.parameters if p.name not in documented.parameters
            ]
            wrong += [
                f"{e} is not documented" for e in prose.errors if e not in [name for name, _ in documented.errors]
            ]
            if now.result and documented.part(now.result) is None:
                wrong.append("its result is not documented")
        return [Finding("DOC", message) for message in wrong[:1]]

    return promise


# ---- the words ----------------------------------------------------------------------------------


def _by_rule(snapshot: Snapshot, found: Target, habit: Style, ledger: Ledger) -> Prose:
    parameters: dict[str, str] = {}
    for one in found.written.parameters:
        parameters[one.name], why = words.parameter(snapshot, found, one)
        if why != "its name":
            ledger.notes.append(f"{one.name}: in the words of {why}")
    errors = {error: words.error(found, raised, habit) for error, raised in found.errors.items()}
    result = words.result(found, habit) if found.result else ""
    generics = {name: words.generic(found, name) for name in found.ends.generics}
    return Prose(words.summary(found, habit), parameters, result, errors, generics)


def _by_model(
    snapshot: Snapshot, found: Target, plain: Prose, has_parts: bool, model: ModelInfo | None, ledger: Ledger
) -> Steps[tuple[Prose, bool]]:
    """The same with a model's sentences where they can be believed; and whether there is one."""
    if model is None:
        ledger.notes.append("no model: the words are those of the signature and the body")
        return plain, False
    question = partial(said, snapshot, found.symbol, model, "action")
    summary = yield from believed(question, snapshot, found.symbol, ledger, what="the summary")
    parameters = dict(plain.parameters)
    chosen = False
    inside = found.rules["write"]["place"] == "inside"
    if has_parts and inside and model.fim is not None and ledger.asked:
        open_ones = [p for p in found.written.parameters if p.passed not in ("rest", "rest by name")]
        for one in open_ones[:_ASKED]:
            if any(note.startswith(f"{one.name}: in the words of") for note in ledger.notes):
                continue
            prompt = _about(snapshot, found, summary or plain.summary, one)
            ask = Ask(prompt, _LIMIT, candidates=ONE, stop=("\n",), purpose="action")
            sentence = yield from believed(
                partial(answers_to, ask), snapshot, found.symbol, ledger, what=one.name, repairs=0
            )
            if sentence and _about_it(sentence, one) and not _other_type(sentence, found, one):
                parameters[one.name], chosen = sentence, True
    prose = Prose(summary or plain.summary, parameters, plain.result, plain.errors, plain.generics)
    return prose, bool(summary) or chosen


def _about(snapshot: Snapshot, found: Target, summary: str, one: Parameter) -> Fim:
    """The documentation up to this parameter's entry, and the body behind it."""
    head, body = source(snapshot, found.symbol, 1000)
    write = found.rules["write"]
    row = found.rules["styles"][write["style"]]
    step = "    "
    entry = row["parameters"]["entry"].format(name=one.name, text="", i=row["step"]).rstrip()
    opening = (
        f"{head.rstrip()}\n{step}{write['opens']}{summary}\n\n{step}{row['parameters']['head'][0]}\n{step}{entry} "
    )
    return Fim(opening, f"\n{step}{write['closes']}\n{step}{body.lstrip()}")


def _about_it(sentence: str, one: Parameter) -> bool:
    """Whether a sentence shares a word with what the parameter is called."""
    own = {word.lower() for word in words.named(one.name) if len(word) > 1}
    return bool(
        own & {word.lower().strip(".,;:`").rstrip("s") for word in sentence.split()} | own & set(sentence.split())
    )


def _other_type(sentence: str, found: Target, one: Parameter) -> bool:
    """Whether a sentence speaks of a type that neither the annotation nor the default nor the name says."""
    said = {word.lower().strip(".,;:`()").rstrip("s") for word in re.split(r"[\s/-]+", sentence)}
    own = f"{one.type} {one.default or ''} {' '.join(words.named(one.name))}".lower()
    return any(word in said and word not in own for word in found.rules["words"]["type-nouns"])


def _why(snapshot: Snapshot, request: Request) -> str:
    """What is said of a function that is documented."""
    found = target(snapshot, request.at.path, request.at.offset, setters=True)
    if isinstance(found, str) or not found.symbol.doc:
        return ""
    if found.rules["write"]["place"] != "inside":
        return f"{found.symbol.name} is documented already"
    documented = read_documentation(found.symbol.doc, found.rules)
    wrong = next(mismatches(documented, found.written, found.ends, found.rules, found.stub), "")
    return f"{found.symbol.name} is documented, and {wrong or 'what that says matches'}"


ACTION = Action("document", "refactor.rewrite.dovetail.document", offer, make, needs="docstrings", why=_why)
