"""*Explain* a name, a selection or a finding: what the graph knows, and for a name a sentence of the model's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.neighbours import surroundings
from dovetail.context.pack import Budget
from dovetail.features.actions import Action, Diagnostic, Explained, Offer, Refused, Request, Result
from dovetail.features.actions.asking import ONE, answers_to
from dovetail.features.actions.explaining.finding import causes, related
from dovetail.features.actions.explaining.rule import digest, summary
from dovetail.features.actions.extraction.plan import Piece as Selected
from dovetail.features.actions.extraction.plan import piece, plan
from dovetail.features.markdown import escaped, fenced, link
from dovetail.features.sentence import HELD, LIMIT, believed, said
from dovetail.graph import Symbol
from dovetail.model.ask import Ask, Chat, Fim, Finding, ModelInfo, Noted, Run, Silence, Stage, Steps
from dovetail.syntax import language_for
from dovetail.text import Document, Span
from dovetail.world import Selection, Snapshot

_MOST = 8
"""Names in one list; the rest is counted."""
_SHOWN = 4000
"""Bytes of a function that the model is shown a part of."""
_ROWS = 3
"""Findings that a menu explains."""
_HELD = ("variable", "constant", "field")


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row where the graph knows what is under the cursor, or what is around it."""
    selected = piece(snapshot, request.at.path, request.at.span)
    rows = (
        [Offer("Explain the selection", selected.span, (("selection", "yes"),))]
        if isinstance(selected, Selected)
        else []
    )
    symbol = None if rows else _near(snapshot, request.at.path, request.at.offset)
    rows += [Offer(f"Explain {symbol.name}", request.at.span)] if symbol else []
    return rows + [
        Offer(f"Explain {told.code or 'this finding'}", told.span, (("finding", str(number)),))
        for number, told in _told_here(snapshot, request)
    ]


def _told_here(snapshot: Snapshot, request: Request) -> list[tuple[int, Diagnostic]]:
    """The findings at the cursor, else those on its line, as far as a menu has room for them."""
    told = [(number, each) for number, each in enumerate(request.diagnostics) if each.message]
    here = [(number, each) for number, each in told if each.span.meets(request.at.span)]
    file = snapshot.file(request.at.path)
    if not here and told and file is not None:
        line = file.document.line(file.document.line_at(request.at.offset))
        here = [(number, each) for number, each in told if each.span.meets(line)]
    return list({(each.code, each.message): (number, each) for number, each in here}.values())[:_ROWS]


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """Facts first; then, for what is not documented, the model's word."""
    ledger = Ledger("explanation", model)
    yield Stage("UNDERSTAND")
    if offer.data:
        if dict(offer.data).get("selection"):
            parts, shown = _selection(snapshot, request, offer.target), ""
        else:
            parts, shown = yield from _finding(snapshot, request, offer, model, ledger)
        if isinstance(parts, str):
            return Refused(parts, ledger.evidence())
        prose = yield from _prose(snapshot, request, offer, shown, model, ledger)
        if prose:
            parts.insert(1, prose)
        return Explained("\n\n".join(parts), ledger.evidence(), by_model=bool(prose))
    symbol = _symbol(snapshot, request.at.path, offer.target.start)
    if symbol is None:
        return Refused("there is no name here that the index knows", ledger.evidence())
    if isinstance(symbol, str):
        return Refused(symbol, ledger.evidence())
    yield Stage("LOCATE")
    parts = _facts(snapshot, symbol)
    notes: tuple[tuple[str, str], ...] = yield Noted(symbol.name)
    parts += [f"**Your {escaped(kind)}**: {escaped(text)}" for kind, text in notes]
    ledger.used.append(Piece(f"definition of {symbol.qualified}", symbol.path, _line(snapshot, symbol) or 0,
                             "the name under the cursor", 1.0, 0))  # fmt: skip
    left_out = not snapshot.may_show(symbol.path, request.at.path, away=False)  # of its folder's trust `of` tells
    if symbol.doc or model is None or left_out or symbol.kind not in ("function", "method", "class"):
        return Explained("\n\n".join(parts), ledger.evidence(), by_model=False)
    end = Selection(symbol.path, Span(symbol.span.end, symbol.span.end))
    room = Budget().within(model.context, model.context // 2).code if model.repository or model.fim is None else 0
    context, _ = (yield from surroundings(snapshot, end, room, ledger, model)) if room else ((), 0)
    question = partial(said, snapshot, symbol, model, "action", context)
    prose = yield from _signed(believed(question, snapshot, symbol, ledger), model, ledger)
    if prose:
        parts.insert(1, prose)
    return Explained("\n\n".join(parts), ledger.evidence(), by_model=bool(prose))


def _signed(words: Steps[str], model: ModelInfo, ledger: Ledger) -> Steps[str]:
    """A sentence that holds, with its author; "" where none does."""
    text = yield from words
    yield Stage("VERIFY")
    if not text:
        return ""
    ledger.passed = [HELD, "clean text"]
    return f"{escaped(text)}  \n*written by {escaped(model.name)}, not checked for truth*"


def _prose(
    snapshot: Snapshot, request: Request, offer: Offer, finding: str, model: ModelInfo | None, ledger: Ledger
) -> Steps[str]:
    """A sentence of the model's about a piece of a function, or about a finding in it; "" where none holds."""
    path, span = request.at.path, offer.target
    file, around = snapshot.file(path), snapshot.graph.enclosing(path, span.start, ("function",))
    if model is None or file is None or file.language is None or around is None:
        return ""
    selected = bool(dict(offer.data).get("selection"))
    document = file.document
    start = document.start_of(document.line_at(span.start))
    whole = Span(document.start_of(document.line_at(around.span.start)), around.span.end)
    if len(whole) > _SHOWN:
        ledger.notes.append(f"the model was not asked: {around.name} is longer than it would be shown")
        return ""
    if model.chat:
        system = "You explain code. Answer with one plain sentence that says what the marked part does."
        user = f"{document.text(whole)}\n\nThe part:\n{document.text(span)}"
        if not selected:
            system = "You explain findings of linters. Answer with one plain sentence that says what is wrong here."
            line = document.text(document.line(document.line_at(span.start)))
            user = f"{document.text(whole)}\n\n{finding}\nThe line:\n{line}"
        ask = Ask(Chat(system, user), LIMIT, candidates=ONE, stop=("\n\n",))
    elif model.fim is not None and selected:
        mark = file.language.settings.get("comment", "").strip()
        indent = document.indentation(document.line_at(span.start))
        before, after = document.text(Span(whole.start, start)), document.text(Span(start, whole.end))
        ask = Ask(Fim(f"{before}{indent}{mark}", f"\n{after}"), LIMIT, candidates=ONE, stop=("\n",))
    else:
        ledger.notes.append(f"{model.name} fills in and does not talk, so it was not asked about the finding")
        return ""
    words = believed(partial(answers_to, ask), snapshot, around, ledger, about=f"{span} {finding}")
    return (yield from _signed(words, model, ledger))


def _near(snapshot: Snapshot, path: str, offset: int) -> Symbol | None:
    """Something of the name at a place, if it has one that is defined somewhere; else what is around it."""
    found = snapshot.graph.at(path, offset, by_value=False)
    return found.symbols[0] if found.symbols else snapshot.graph.enclosing(path, offset)


def _symbol(snapshot: Snapshot, path: str, offset: int) -> Symbol | str | None:
    """What is explained; a reason where several things may be meant."""
    found = snapshot.graph.at(path, offset)
    if found.how == "resolved" and found.symbols or len(found.symbols) == 1:
        return found.symbols[0]
    if found.symbols:
        several = ", ".join(dict.fromkeys(each.qualified for each in found.symbols[:3]))
        return f"nothing here says which {found.symbols[0].name} is meant: {several}"
    return snapshot.graph.enclosing(path, offset)


def _facts(snapshot: Snapshot, symbol: Symbol) -> list[str]:
    """One paragraph a fact."""
    graph = snapshot.graph
    language = language_for(symbol.path)
    parts = [fenced(symbol.signature, language.name if language else "")]
    where = f"{symbol.kind} of {_code(symbol.container)}" if symbol.container else symbol.kind
    parts.append(f"{where[:1].upper()}{where[1:]}, defined in {_place(snapshot, symbol)}")
    if symbol.doc:
        parts.append("  \n".join(escaped(line) for line in symbol.doc.strip().split("\n")))
    if symbol.kind in ("function", "method"):
        parts += _told("Raises", _captured(snapshot, symbol, "raises"))
        callees = [_times(_code(s.qualified), n) for s, n in graph.callees(symbol)]
        parts += _told("Calls", callees)
        parts += _told("Reads", _read(snapshot, symbol))
    if symbol.kind in ("class", "interface", "enum"):
        members = [s for s in graph.symbols(symbol.path) if s.container == symbol.name and symbol.span.holds(s.span)]
        parts += _told("Methods", [_code(s.name) for s in members if s.kind == "method"])
        parts += _told("Fields", list(dict.fromkeys(_code(s.name) for s in members if s.kind == "field")))
    callers = [_times(f"{_code(s.qualified)} in {_place(snapshot, s)}", len(p)) for s, p in graph.callers(symbol)]
    parts += _told("Called by", callers)
    if not callers:
        references = [r for r in graph.references(symbol) if r.how == "resolved"]
        if references:
            parts.append(f"**Named in** {len(references)} place{'s' if len(references) > 1 else ''}")
        elif symbol.kind in ("function", "method", "class"):
            parts.append("Nothing in the index calls it.")
    return parts


def _selection(snapshot: Snapshot, request: Request, span: Span) -> list[str] | str:
    """What a piece of a function takes, gives back, calls and reads."""
    selected = piece(snapshot, request.at.path, span)
    if isinstance(selected, str):
        return selected or "select whole statements of a function, or one expression"
    parts = [f"A part of {_code(selected.symbol.qualified)}, {_place(snapshot, selected.symbol)}"]
    planned = plan(snapshot, selected)
    if isinstance(planned, str):
        parts.append(f"It cannot stand alone: {escaped(planned)}.")
    else:
        takes = [planned.receiver] * bool(planned.receiver) + [name for name, _ in planned.takes]
        parts += _told("Takes", [_code(name) for name in takes])
        parts += _told("Gives back", [_code(name) for name in planned.gives])
    return parts + _named(snapshot, request.at.path, selected.span)


def _finding(
    snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None, ledger: Ledger
) -> Steps[tuple[list[str] | str, str]]:
    """What a linter or a server says of a place, what its rule is about, and what of this code it speaks of; and all
    that a model is told of it."""
    file = snapshot.file(request.at.path)
    number, span = int(dict(offer.data).get("finding", "0")), offer.target
    told = request.diagnostics[number] if number < len(request.diagnostics) else None
    if file is None or told is None:
        return "the finding is gone", ""
    document, language = file.document, file.language.name if file.language else ""
    lines = Span(document.start_of(document.line_at(span.start)), document.line(document.line_at(span.end)).end)
    said = " ".join(part for part in (told.source, told.code) if part)
    parts = [f"**{escaped(said) or 'Finding'}**: {escaped(told.message)}"]
    parts.append(fenced(document.text(lines)[:2000], language))
    around = snapshot.graph.enclosing(request.at.path, span.start)
    if around is not None:
        parts.append(f"In {_code(around.qualified)}, {_place(snapshot, around)}")
    place = partial(_place, snapshot)
    why = causes(snapshot, file, told, place) if file.language else []
    may = partial(snapshot.may_show, about=request.at.path, away=model is not None and model.away)
    parts += ["**What it speaks of**\n\n" + "\n".join(f"- {one}" for one in why)] if why else []
    others = related(told, lambda path: _short(snapshot, path))
    parts += ["**Said of it elsewhere**\n\n" + "\n".join(f"- {one}" for one in others)] if others else []
    parts += _named(snapshot, request.at.path, lines)
    shown = [f"The finding: {told.message}", *(causes(snapshot, file, told, place, may) if file.language else ())]
    if told.code and told.source:
        rule: list[Finding] | Silence = yield Run("rules", request.at.path, "", select=(told.source, told.code))
        if isinstance(rule, Silence):
            ledger.notes.append(f"of the rule: {rule.reason}")
        else:
            digested = digest(rule[0].message, language)
            parts += [f"**The rule {escaped(told.code)}**, as {escaped(told.source)} tells it", *digested]
            shown.insert(1, summary(rule[0].message))
    if page := link("its documentation", told.page):
        parts.append(f"More of the rule: {page}")
    return parts, "\n".join(each.replace("`", "") for each in shown)


def _named(snapshot: Snapshot, path: str, span: Span) -> list[str]:
    """What is called and read in a stretch of text, with where it is defined."""
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for at in snapshot.graph.uses_in(path, span):
        meaning = snapshot.graph.meaning(path, at)
        if meaning.how == "resolved" and meaning.symbols and meaning.symbols[0].kind != "module":
            symbol = meaning.symbols[0]
            found[at.use.role.endswith("call")][f"{_code(symbol.qualified)} in {_place(snapshot, symbol)}"] = None
    return _told("Calls", list(found[True])) + _told("Reads", list(found[False]))


def _told(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    rest = len(names) - _MOST
    more = f" and {rest} more" if rest > 0 else ""
    return [f"**{title}** ({len(names)}): {', '.join(names[:_MOST])}{more}"]


def _captured(snapshot: Snapshot, symbol: Symbol, capture: str) -> list[str]:
    file = snapshot.file(symbol.path)
    if file is None or file.tree is None:
        return []
    nodes = file.tree.captures("explain", within=symbol.span).get(capture, ())
    inside = [n for n in nodes if symbol.body <= n.start_byte < symbol.span.end]
    return list(dict.fromkeys(_code((n.text or b"").decode("utf-8", "replace")) for n in inside))


def _read(snapshot: Snapshot, symbol: Symbol) -> list[str]:
    """Variables and fields that the function reads and that are defined elsewhere."""
    found: dict[str, None] = {}
    for at in snapshot.graph.uses_in(symbol.path, symbol.span):
        if at.use.role in ("read", "member"):
            meaning = snapshot.graph.meaning(symbol.path, at)
            if meaning.how == "resolved" and meaning.symbols and meaning.symbols[0].kind in _HELD:
                found[_code(meaning.symbols[0].qualified)] = None
    return list(found)


def _times(name: str, times: int) -> str:
    return f"{name} ×{times}" if times > 1 else name


def _code(name: str) -> str:
    return f"`{name.replace('`', '')}`"


def _line(snapshot: Snapshot, symbol: Symbol) -> int | None:
    file, text = snapshot.file(symbol.path), snapshot.texts.get(symbol.path)
    document = file.document if file else Document(text) if text is not None else None
    return document.line_at(symbol.name_span.start) if document else None


def _place(snapshot: Snapshot, symbol: Symbol) -> str:
    line = _line(snapshot, symbol)
    return escaped(_short(snapshot, symbol.path)) + (f", line {line + 1}" if line is not None else "")


def _short(snapshot: Snapshot, path: str) -> str:
    """A path as a person reads it."""
    root = next((root for root in snapshot.roots if PurePosixPath(path).is_relative_to(root)), "")
    return str(PurePosixPath(path).relative_to(root)) if root else path


ACTION = Action("explain", "refactor.dovetail.explain", offer, make, edits=False)
