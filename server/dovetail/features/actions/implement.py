"""*Implement*: the body of a stub, by rule, from the project, or by a model; judged by its tests where they may run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.window import window
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.answers import code_of, watching, whole
from dovetail.features.actions.asking import CANDIDATES
from dovetail.features.actions.documentation.target import Target, target, text
from dovetail.features.actions.documentation.words import named
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, begun, grant
from dovetail.features.actions.testing.related import KEY, allowed, shown
from dovetail.features.english import english
from dovetail.graph.calls import decorators
from dovetail.graph.signature import signature_at
from dovetail.model.ask import Answer, Ask, Fim, Finding, ModelInfo, Silence, Stage, Steps, Test, Tested
from dovetail.text import Change, Edit, Span
from dovetail.verify import TEST, all_reached, documents_match, failing_case, fails, signature_kept
from dovetail.world import Snapshot

RULES = "implement"
_LIMIT = 160
_PROMPT = 512
_TEST_FILES = 4
_REACHED = "everything is reached"


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row in a function whose body is not there yet; another one where its tests may judge."""
    found = _stub(snapshot, request.at.path, request.at.offset, glance=True)
    if found is None:
        return []
    name, at = found.symbol.name, found.symbol.name_span
    rows = [Offer(f"Implement {name}", at)]
    tests = _tests(snapshot, found) if request.trusted else []
    if tests:
        title = f"Implement {name}, judged by running {shown(tests)}"
        rows.insert(0, Offer(title, at, ((KEY, "\n".join(tests)),)))
    return rows


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """The first body that is whole, uses what it is given, gives what it says, and passes its tests where asked."""
    ledger = Ledger("implementation", model)
    path = request.at.path
    yield Stage("UNDERSTAND")
    found = _stub(snapshot, path, offer.target.start)
    if found is None:
        return Refused("there is no function here whose body is missing", ledger.evidence())
    yield Stage("LOCATE")
    place = _place(found)
    if place is None:
        return Refused("the body begins on the line of the signature; break it first", ledger.evidence())
    if _unsaid(snapshot, found):
        reason = (
            f"nothing says what {found.symbol.name} should do: neither its name, types or documentation, nor a call or"
            " a test of it; write a docstring that says it, and ask again"
        )
        return Refused(reason, ledger.evidence())
    span, indent, lead = place
    newline = found.document.newline().decode()
    yield Stage("PLAN")

    def candidate(source: Any, body: str) -> Candidate:
        lines = [f"{indent}{line}" if line.strip() else "" for line in body.strip("\n").split("\n")]
        new = lead + newline.join(lines).removeprefix(indent)
        return Candidate(source, Change.one(path, [Edit(span, new.encode("utf-8", "replace"))]), span, body)

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """Rules and the project's own first; then a model, told what was wrong."""
        certain: list[Candidate] = []
        if not number:
            certain += [candidate("rule", body) for body in _by_rule(snapshot, found)]
            certain += [candidate("project", body) for body in _elsewhere(snapshot, found)]
        bodies = yield from _written(found, place, model, ledger)
        return [*certain, *(candidate("model", body) for body in bodies)]

    def smaller(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """What stands before the statement that failed is kept, and the rest asked for again."""
        best = next((one for one in failed if one.candidate.source == "model"), None)
        if best is None:
            return []
        good = best.findings[0].line - found.document.line_at(span.start) - bool(lead)
        lines = best.candidate.text.split("\n")
        if not 0 < good < len(lines):
            return []
        kept = "\n".join(lines[:good])
        if best.gate == _REACHED:
            return [candidate("model", kept)]
        bodies = yield from _written(found, place, model, ledger, kept)
        return [candidate("model", body) for body in bodies]

    promises = (
        ("a body that is there", _is_there(found)),
        (_REACHED, all_reached),
        ("documentation matches", documents_match),
        ("keeps every signature", signature_kept),
    )
    tests = allowed(offer)
    judge = ("its tests pass", _judge(path, tests)) if tests else None
    asked = f"write the body of {found.symbol.qualified}"
    wish = Wish(
        path, propose, trusted=request.trusted, promises=promises, judge=judge, smaller=smaller, asked=asked,
        asking=begun(snapshot, path, asked, ledger, trusted=request.trusted, tests=tests),
        vetted="its tests have judged it" if tests else "",
    )  # fmt: skip
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        why = "no model: rules and the project know no body for it" if model is None and "could be" in held else held
        return Refused(f"{found.symbol.name} stays a stub: {why}", ledger.evidence())
    if not tests:
        ledger.unknown.append("does what it should: no test was run")
    source = held.candidate.source
    return Edited(held.candidate.change, f"implement {found.symbol.name}", ledger.evidence(), source == "model")


def _stub(snapshot: Snapshot, path: str, offset: int, *, glance: bool = False) -> Target | None:
    """The function at a place, if its body is missing and not meant to be."""
    found = target(snapshot, path, offset, glance=glance)
    if isinstance(found, str) or not found.stub:
        return None
    rules = found.language.table(RULES)
    if rules is None or re.search(rules["stub-files"], path):
        return None
    head = found.node.parent
    told = text(head)[: found.node.start_byte - head.start_byte] if head is not None else ""
    if head is not None and head.type in found.language.wrappers and any(n in told for n in rules["left-out"]):
        return None
    around = snapshot.graph.enclosing(path, found.symbol.span.start, ("class",)) if found.symbol.container else None
    if around is not None and any(b.split("[")[0] in rules["left-out-bases"] for b, _ in snapshot.graph.bases(around)):
        return None
    return found


def _unsaid(snapshot: Snapshot, found: Target) -> bool:
    """Whether nobody can know what a function should do: whatever stood in its body would hold."""
    symbol, written = found.symbol, found.written
    if symbol.doc or written.returns or any(one.type for one in written.parameters):
        return False
    if any(len(word) > 2 and english(word) for word in named(symbol.name)):
        return False
    above = max(found.document.line_at(symbol.span.start) - 1, 0)
    mark: str = found.language.settings.get("comment", "").strip()
    if mark and (
        mark in found.document.text(symbol.span)
        or found.document.text(found.document.line(above)).strip().startswith(mark)
    ):
        return False
    if _by_rule(snapshot, found) or _elsewhere(snapshot, found):
        return False
    return not snapshot.graph.references(symbol)


class _Place(NamedTuple):
    """Where a body goes."""

    span: Span
    """What is replaced."""
    indent: str
    lead: str
    """What comes before the first line: under documentation that is all there is, a line end and the indentation."""


def _place(found: Target) -> _Place | None:
    """Where the body goes; None where it shares a line with the head."""
    body = found.node.child_by_field_name("body")
    statements = [child for child in body.named_children if not child.is_extra] if body is not None else []
    if not statements or body is None:
        return None
    document = found.document
    first = statements[1] if found.symbol.doc and len(statements) > 1 else statements[0]
    line = document.line_at(first.start_byte)
    indent = document.text(Span(document.start_of(line), first.start_byte))
    if indent.strip():
        return None
    if found.symbol.doc and len(statements) == 1:
        rest = Span(first.end_byte, document.line(document.line_at(first.end_byte)).end)
        lead = document.newline().decode() + indent
        return None if document.text(rest).strip() else _Place(rest, indent, lead)
    return _Place(Span(first.start_byte, statements[-1].end_byte), indent, "")


# ---- bodies -------------------------------------------------------------------------------------


def _by_rule(snapshot: Snapshot, found: Target) -> list[str]:
    rules, receivers = _rules(found), found.language.settings.get("receivers", ())
    whole = signature_at(found.tree, found.symbol.span, found.symbol.body)
    receiver = whole.parameters[0].name if whole and whole.parameters else ""
    if receiver not in receivers:
        return []
    if found.symbol.name == found.language.settings.get("maker"):
        kept = [p.name for p in found.written.parameters if p.passed not in ("rest", "rest by name")]
        return ["\n".join(rules["keep"].format(receiver=receiver, name=name) for name in kept)] if kept else []
    if rules["property"] in decorators(snapshot.graph, found.symbol):
        owner = snapshot.graph.enclosing(found.symbol.path, found.symbol.span.start - 1, ("class",))
        if owner is not None and snapshot.graph.member(owner, f"_{found.symbol.name}") is not None:
            return [rules["give"].format(receiver=receiver, name=found.symbol.name)]
    return []


def _elsewhere(snapshot: Snapshot, found: Target) -> list[str]:
    """The bodies of functions of the same name and the same parameters in the project."""
    bodies: list[str] = []
    wanted = [(p.name, p.passed) for p in found.written.parameters]
    for symbol in snapshot.graph.named(found.symbol.name, 12):
        opened = snapshot.opened(symbol.path)
        file = opened.files[symbol.path] if opened else None
        own = symbol.path == found.symbol.path and symbol.span == found.symbol.span
        if own or symbol.kind != found.symbol.kind or file is None or file.tree is None or opened is None:
            continue
        other = target(opened, symbol.path, symbol.name_span.start)
        if isinstance(other, str) or other.stub or [(p.name, p.passed) for p in other.written.parameters] != wanted:
            continue
        place = _place(other)
        if place is not None:
            lines = file.document.text(place.span).replace("\r\n", "\n").split("\n")
            bodies.append("\n".join(line.removeprefix(place.indent) for line in lines))
    return bodies[:3]


def _written(found: Target, place: _Place, model: ModelInfo | None, ledger: Ledger, kept: str = "") -> Steps[list[str]]:
    """Bodies that a model would write in this place; kept: how they begin."""
    if model is None or model.fim is None:
        return []
    room = min(_PROMPT, model.context - _LIMIT - 16)
    around = yield from window(found.document, place.span, room - room // 4, room // 4)
    ledger.used.append(
        Piece("text around the stub", found.file.path, around.first_line, "nearest lines", 1.0, around.before_tokens)
    )
    before, step = (around.before + place.lead).replace("\r\n", "\n"), place.indent
    hint = "".join(f"{line}\n{step}" for line in kept.split("\n")) if kept else ""
    answers: list[Answer] | Silence = yield Ask(
        Fim(before + hint, around.after.replace("\r\n", "\n")), _LIMIT, candidates=CANDIDATES,
        stop=("\ndef ", "\nclass ", "\n\n\n"),
        watch=watching(found.document.text(found.document.line(found.document.line_at(found.symbol.span.start)))),
    )  # fmt: skip
    if isinstance(answers, Silence):
        ledger.notes.append(f"the model was silent: {answers.reason}")
        return []
    ledger.count(answers)
    bodies: list[str] = []
    for answer in whole(answers, ledger):
        code = code_of(answer.text, cut=answer.stopped == "limit")
        lines: list[str] = []
        for line in code.split("\n"):
            line = line.removeprefix(step) if lines else line.lstrip()
            if lines and line.strip() and code.split("\n")[len(lines)].strip() and not _inside(code, len(lines), step):
                break
            lines.append(line.rstrip())
        body = "\n".join(filter(None, (kept, "\n".join(lines).rstrip())))
        if body != kept and body not in bodies:
            bodies.append(body)
    return bodies


def _inside(code: str, number: int, step: str) -> bool:
    return code.split("\n")[number].startswith(step)


# ---- what must hold -----------------------------------------------------------------------------


def _is_there(found: Target) -> Any:
    """Not a stub, uses something of what it is given, gives what it says, and does not only call itself."""

    def promise(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
        now = target(after, path, found.symbol.name_span.start)
        if isinstance(now, str) or now.stub:
            return [Finding("STUB", "the body is still missing")]
        place = _place(now)
        used = now.document.text(Span(place.span.start if place else now.symbol.body, now.symbol.span.end))
        names = [p.name for p in now.written.parameters]
        idle = [name for name in names if name[0] != "_" and not re.search(rf"\b{re.escape(name)}\b", used)]
        if idle:
            return [Finding("BODY", f"it does not use {idle[0]}")]
        if re.search(r"https?://|www\.", used):
            return [Finding("BODY", "it speaks of an address that nobody named")]
        nothing = now.rules["nothing"]
        says = now.written.returns
        gives = any(text(value) not in nothing for value in now.ends.returns) or now.ends.yields
        if says and says not in nothing and not gives and not now.ends.raises:
            return [Finding("BODY", f"it says that it gives back {says} and gives nothing")]
        if says and says in nothing and gives:
            return [Finding("BODY", "it gives something back and says that it does not")]
        if other := _other_type(now):
            return [Finding("BODY", f"it says that it gives back {says} and gives a {other}")]
        if len(now.ends.returns) == 1 and re.match(
            rf"(?:self\.)?{re.escape(now.symbol.name)}\(", text(now.ends.returns[0])
        ):
            return [Finding("BODY", "it only calls itself")]
        return []

    return promise


def _other_type(now: Target) -> str:
    """The type of a result that shows another one than the signature says; "" where none does."""
    rules = now.language.table("annotations")
    plain = set(rules["is"].values()) if rules else set[str]()
    says = re.split(r"\[", now.written.returns)[0].strip()
    if rules is None or says not in plain:
        return ""
    for value in now.ends.returns:
        for match in now.tree.matches("annotations", value):
            key = next((k.removeprefix("is.") for k in match if k.startswith("is.")), "")
            kind = rules["is"].get(key, "") if key and match[f"is.{key}"][0] == value else ""
            if kind and kind != says and (kind, says) not in (("int", "float"), ("bool", "int")):
                return kind
    return ""


def _tests(snapshot: Snapshot, found: Target) -> list[str]:
    """Files of tests that name the function, told from the project's folder."""
    rules, root = _rules(found), snapshot.root_of(found.symbol.path)
    files = sorted(snapshot.graph.mentioners.get(found.symbol.name, ()))
    tests = [path for path in files if re.search(rules["tests"], path) and root and path.startswith(f"{root}/")]
    return [path[len(root) + 1 :] for path in tests[:_TEST_FILES]]


def _judge(path: str, tests: Sequence[str]) -> Any:
    def judge(candidate: Candidate, after: Snapshot) -> Steps[list[Finding]]:
        file = after.file(path)
        assert file is not None
        told: Tested | Silence = yield Test(tuple(tests), path, (file.document.text(),))
        if isinstance(told, Silence):
            return [Finding(TEST, f"the tests could not be run: {told.reason}")]
        verdict = told.verdicts[0] if told.verdicts else None
        if verdict is None or not verdict.passed:
            message = failing_case(verdict.message) if verdict else "they did not come to an end"
            return [fails(verdict.test if verdict else "a test", message)]
        return []

    return judge


def _rules(found: Target) -> Mapping[str, Any]:
    rules = found.language.table(RULES)
    assert rules is not None
    return rules


ACTION = Action("implement", "refactor.rewrite.dovetail.implement", offer, make, runs="where told", needs="implement")
