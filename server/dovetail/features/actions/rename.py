"""*Rename with meaning*: a better name for one that says too little; every place follows by scopes and graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from dovetail.context.evidence import Ledger, Piece, Trial
from dovetail.context.window import window
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.asking import CANDIDATES, Asking, answers_to
from dovetail.features.actions.pipeline import without_stages
from dovetail.features.actions.review import unasked
from dovetail.features.renaming import RULES, Named, Renaming, astray, named_at, renaming
from dovetail.model.ask import Answer, Ask, Fim, ModelInfo, Stage, Steps
from dovetail.syntax import shape
from dovetail.text import Span
from dovetail.world import File, Snapshot

_LIMIT = 10
_PROMPT = 384
HELD = ("every place means the same", "parses no worse", "clean text", "no secrets", "names exist")


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row on a name that says too little."""
    file, at = snapshot.file(request.at.path), request.at.offset
    rules = file.language.table(RULES) if file is not None and file.language is not None else None
    if file is None or rules is None or len(request.at.span) > 80:
        return []
    start, end = max(0, at - 40), min(len(file.document), at + 40)
    text, place = file.document.slice(Span(start, end)), at - start
    for match in re.finditer(rb"\w+", text):
        if match.start() <= place <= match.end():
            name = match.group().decode("utf-8", "replace")
            if re.match(rules["weak"], name) is None or re.match(rules["usual"], name) is not None:
                return []
            found = named_at(snapshot, request.at.path, start + match.start())
            if isinstance(found, str):
                return []
            better = next(_by_rule(file, found), "")
            title = f"Rename {name} to {better}" if better else f"Find a better name for {name}"
            return [Offer(title, found.span)]
    return []


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """The name that was asked for; else what it holds is called, by rule, or else by a model."""
    ledger = Ledger("rename", model)
    path, asked = request.at.path, dict(offer.data).get("name", "")
    yield Stage("UNDERSTAND")
    found = named_at(snapshot, path, offer.target.start)
    if isinstance(found, str):
        return Refused(found, ledger.evidence())
    file = snapshot.file(path)
    assert file is not None
    if asked:
        made = yield from renaming(snapshot, path, found.span.start, asked)
        return Refused(made, ledger.evidence()) if isinstance(made, str) else (yield from _done(made, ledger))
    yield Stage("LOCATE")
    yield Stage("PLAN")
    yield Stage("GENERATE")
    reason = ""
    for name in _by_rule(file, found):
        made = yield from without_stages(renaming(snapshot, path, found.span.start, name))
        if isinstance(made, Renaming):
            return (yield from _done(made, ledger))
        reason = reason or made
        ledger.trials.append(Trial("rule", name, "every place means the same", made))
    named = yield from _proposed(snapshot, file, found, model, ledger)
    if isinstance(named, Renaming):
        return (yield from _done(named, ledger, by_model=True))
    reason = reason or named
    if not reason:
        reason = "no model to propose one" if model is None else "the model proposed none that speaks of what it holds"
    yield Stage("GIVE UP")
    return Refused(f"no better name for {found.text}: {reason}", ledger.evidence())


def _done(made: Renaming, ledger: Ledger, *, by_model: bool = False) -> Steps[Result]:
    yield Stage("VERIFY")
    reason, unknown = yield from astray(made)
    if reason:
        yield Stage("GIVE UP")
        return Refused(reason, ledger.evidence())
    if by_model:
        why = unasked(ledger.model, "model", frozenset(), "it only said a name, and the graph looked that up")
        ledger.notes.append(f"the model's own review: not asked, {why}")
    ledger.passed += HELD if unknown else (*HELD, "lints no worse")
    if unknown:
        ledger.unknown.append(f"lints no worse: {unknown}")
    files = len(made.sure)
    summary = f"rename {made.named.text} to {made.new} in {made.places} place{'s' * (made.places != 1)}"
    if files > 1:
        summary += f" of {files} files"
    if made.guesses:
        where = ", ".join(sorted({path.rsplit("/", 1)[-1] for path in made.maybe}))
        summary += f"; {made.guesses} more that may mean it stay as they are ({where})"
        ledger.unknown.append(f"{made.guesses} × {made.named.text}, where it cannot be told whether it is meant")
    for note in made.notes:
        summary += f"; {note}"
        ledger.unknown.append(note)
    yield Stage("COMPLETE")
    return Edited(made.change(), summary, ledger.evidence(), by_model)


# ---- names --------------------------------------------------------------------------------------


def _by_rule(file: File, found: Named) -> Iterator[str]:
    """What it holds is called: by what makes it, what it is taken from, what it is one of, its class."""
    assert file.tree is not None and file.language is not None
    rules = file.language.table(RULES)
    assert rules is not None
    said: dict[str, None] = {}
    around = file.document
    line = around.line_at(found.span.start)
    near = Span(around.start_of(max(0, line - 60)), around.start_of(line + 60))
    for match in file.tree.matches(RULES, within=near):
        if "named" not in match or _text(match["named"][0]) != found.text:
            continue
        if "maker" in match:
            made = _text(match["maker"][0])
            bringing = re.match(rules["bringing"], made)
            if bringing:
                said[bringing["rest"]] = None
            elif made[:1].isupper():
                said[_lower(made)] = None
        elif "held" in match:
            said[_text(match["held"][0]).strip("_")] = None
        elif "several" in match:
            several = _text(match["several"][0]).strip("_")
            one = next((re.sub(p, n, several) for p, n in rules["several"] if re.search(p, several)), "")
            said[one] = None
        elif "kind" in match:
            said[_lower(_text(match["kind"][0]))] = None
    for name in said:
        good = re.fullmatch(rules["name"], name) and re.match(rules["weak"], name) is None
        if good and len(name) > 2 and name not in (found.text, *rules["keywords"], *file.language.builtins):
            yield name


def _lower(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def _proposed(
    snapshot: Snapshot, file: File, found: Named, model: ModelInfo | None, ledger: Ledger
) -> Steps[Renaming | str]:
    """What a name comes to that a model would write in its place and that shares a word with the code around; else why
    there is none, "" where none was said."""
    if model is None or model.fim is None:
        return ""
    around = yield from window(file.document, found.span, _PROMPT * 2 // 3, _PROMPT // 3)
    ledger.used.append(
        Piece("text around the name", file.path, around.first_line, "nearest lines", 1.0, around.before_tokens)
    )
    ask = Ask(
        Fim(around.before, around.after), _LIMIT, candidates=CANDIDATES,
        grammar=shape("name") if model.grammar else None, purpose="action",
    )  # fmt: skip
    rules = file.language.table(RULES) if file.language else None
    assert rules is not None
    known = set(re.findall(r"[a-z]{3,}", f"{around.before} {around.after}".lower()))
    good: dict[str, Renaming] = {}
    refused: list[str] = []

    def judged(answer: Answer) -> Steps[tuple[str, str]]:
        name = answer.text.strip()
        words = set(re.findall(r"[a-z]{3,}", name.lower()))
        if not re.fullmatch(rules["name"], name) or re.match(rules["weak"], name) or not words or not words <= known:
            return name, "does not speak of what the code does"
        if name not in good:
            made = yield from without_stages(renaming(snapshot, file.path, found.span.start, name))
            if isinstance(made, str):
                refused.append(made)
                return name, made
            good[name] = made
        return name, ""

    asking = Asking(ledger, file.path, f"a better name for {found.text} at {found.span}", file.document.data)
    names = yield from asking.heard(partial(answers_to, ask), judged, "is a good name, and every place means the same")
    return good[names[0]] if names else next(iter(refused), "")


def _text(node: object) -> str:
    return (getattr(node, "text", b"") or b"").decode("utf-8", "replace")


ACTION = Action("rename", "refactor.rewrite.dovetail.rename", offer, make, needs="rename", whole=True)
