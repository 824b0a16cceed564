"""One sentence about a symbol from the model, kept only if it names what exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise

from dovetail.context.evidence import Ledger
from dovetail.features.actions.asking import ONE, REPAIRS, Asking
from dovetail.features.english import sentence_like
from dovetail.features.known import STANDARD, Known, known, standard
from dovetail.features.named import ROLE, mentions
from dovetail.graph import Symbol
from dovetail.model.ask import Answer, Ask, Chat, Fim, ModelInfo, Purpose, Silence, Steps
from dovetail.syntax import language_for
from dovetail.text import Document, Span
from dovetail.verify.clean_text import unclean
from dovetail.world import Snapshot

LIMIT = 48
"""New tokens."""
_SHOWN = 1200
"""Bytes of the definition that the model sees."""
_SENTENCES = 2
_ENDS = ('"""', "'''", "*/")
HELD = "names only what exists"

_NUMBER = re.compile(r"(?<!\bO\()(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)")
_MARKUP = re.compile(r"[<>{}|\\]|https?:|www\.|\]\(|^\s*[#*>@:-]|\b(?:TODO|FIXME|XXX)\b|>>>|\*\*|~~")
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?=\w)[^.!?]*)*[.!?]")


def sentence(
    snapshot: Snapshot, symbol: Symbol, model: ModelInfo | None, purpose: Purpose = "hover"
) -> Steps[str | None]:
    """What the model says of a function or class that says nothing of itself; None where nothing holds.

    It is asked once, for somebody waits; what failed before is not said again.
    """
    if model is None:
        return None
    question = partial(said, snapshot, symbol, model, purpose)
    heard = yield from believed(question, snapshot, symbol, Ledger("sentence", model), repairs=0)
    return heard or None


def believed(
    question: Callable[[], Steps[list[Answer] | Silence]], snapshot: Snapshot, symbol: Symbol, ledger: Ledger,
    *, what: str = "", about: str = "", repairs: int = REPAIRS,
) -> Steps[str]:  # fmt: skip
    """What a model says about a symbol, as far as it can be believed; "" where no sentence of it can.

    what: the part that it is about. about: what else tells the question from others.
    """
    exists = known(snapshot, symbol)

    def judged(answer: Answer) -> Steps[tuple[str, str]]:
        yield from ()
        text = believable(answer.text, exists, cut=answer.stopped == "limit")
        if text is None:
            return answer.text, f"no sentence of it could be believed: {_doubt(answer.text, exists)}"
        return text, "it would end the documentation" if any(mark in text for mark in _ENDS) else ""

    file = snapshot.file(symbol.path)
    text = file.document.data if file is not None else snapshot.texts.get(symbol.path, b"")
    asking = Asking(ledger, symbol.path, f"{what} {about} {symbol.qualified} {symbol.span}", text, above=True)
    heard = yield from asking.heard(question, judged, HELD, what=what, repairs=repairs)
    return next(iter(heard), "")


def said(
    snapshot: Snapshot,
    symbol: Symbol,
    model: ModelInfo | None,
    purpose: Purpose,
    context: tuple[tuple[str, str], ...] = (),
) -> Steps[list[Answer] | Silence]:
    """The model's own words. A fill-in-the-middle model writes the missing documentation.

    context: (path, text) of what the symbol leans on.
    """
    if model is None or symbol.doc or symbol.kind not in ("function", "method", "class"):
        return Silence("there is nothing to ask")
    language = language_for(symbol.path)
    rules = language.table("docstrings") if language else None
    ask = partial(Ask, limit=LIMIT, candidates=ONE, purpose=purpose, of=symbol.path)
    head, body = source(snapshot, symbol, min(_SHOWN, 2 * max(0, model.context - 2 * LIMIT)))
    if model.fim is not None and rules is not None and language is not None:
        write = rules["write"]
        if write["place"] == "above":
            opening = "\n".join(filter(None, (write["opens"], write["line"])))
            suffix = "\n".join(("", *filter(None, (write["closes"],)), f"{head}{body}"))
            return (yield ask(Fim(opening, suffix, context), stop=("*/", "\n")))
        indent = re.search(r"\n([ \t]+)\S", f"{head}\n{body}")
        step = indent.group(1) if indent else "    "
        opening = language.settings.get("signature-end", "")
        prefix = f"{head.rstrip().removesuffix(opening)}{opening}\n{step}{write['opens']}"
        suffix = f"{write['closes']}\n{step}{body.lstrip()}"
        return (yield ask(Fim(prefix, suffix, context), stop=(write["closes"], "\n\n")))
    if model.chat:
        system = "You explain code. Answer with one plain sentence that says what the code does."
        if snapshot.project and [snapshot.root_of(symbol.path)] == [root.rstrip("/") for root in snapshot.roots[:1]]:
            system += f" The project: {snapshot.project}."
        shown = "".join(f"{text}\n" for _, text in context)
        return (yield ask(Chat(system, f"{shown}{head}{body}"), stop=("\n\n",)))
    return Silence(f"{model.name} can neither fill in nor chat", "refused")


def believable(text: str, known: Known, *, cut: bool = False) -> str | None:
    """The leading sentences that hold: whole, without markup, naming only what is known, not stuttering."""
    flat = " ".join(text.strip().strip("\"'").split())
    sentences = [match.group().strip() for match in _SENTENCE.finditer(flat)]
    rest = flat[sum(len(s) for s in sentences) :].strip() if not sentences else ""
    if rest and not cut:
        sentences = [f"{rest}."]
    kept: list[str] = []
    for one in sentences[:_SENTENCES]:
        if _wrong(one, known) or one in kept:
            break
        kept.append(one)
    if not kept:
        return None
    whole = " ".join(kept)
    first = whole.split(" ", 1)[0]
    return whole[:1].upper() + whole[1:] if first.isalpha() and first.islower() else whole


def _doubt(text: str, known: Known) -> str:
    """What is wrong with the first sentence of a text that is not believed, in words."""
    flat = " ".join(text.strip().strip("\"'").split())
    return _wrong(next((match.group().strip() for match in _SENTENCE.finditer(flat)), flat), known) or "it is cut short"


def source(snapshot: Snapshot, symbol: Symbol, most: int) -> tuple[str, str]:
    """(head, body) of a definition, at most so many bytes of the body; the signature alone of a text not known."""
    file = snapshot.file(symbol.path)
    text = snapshot.texts.get(symbol.path)
    document = file.document if file is not None else Document(text) if text is not None else None
    if document is None or symbol.span.end > len(document):
        return symbol.signature, ""
    start = document.start_of(document.line_at(symbol.span.start))
    outer = document.text(Span(start, symbol.span.start))
    outer = outer if not outer.strip() else ""
    end = min(symbol.span.end, symbol.body + most)
    head = document.text(Span(symbol.span.start, symbol.body))
    body = document.text(Span(symbol.body, max(symbol.body, end)))
    both = [part.replace("\r\n", "\n").replace(f"\n{outer}", "\n") for part in (head, body)]
    return both[0], both[1]


def _wrong(text: str, known: Known) -> str:
    """Why a sentence is not believed; "" where it is."""
    words = text.split()
    if len(words) < 3 or len(text) > 300 or _MARKUP.search(text) or unclean(text):
        return "it is no plain sentence"
    lower = [word.lower().strip(".,;:") for word in words]
    triples = list(zip(lower, lower[1:], lower[2:], strict=False))
    if any(a == b for a, b in pairwise(lower)) or len(triples) != len(set(triples)):
        return "it repeats itself"
    if sum(char.isalpha() or char.isspace() or char in "_`'" for char in text) < 0.8 * len(text):
        return "it is no plain sentence"
    if not sentence_like(ROLE.sub("", text)):
        return "it is no plain sentence"
    plain = STANDARD.sub(lambda match: "" if standard(match) in known.standards else match.group(), text)
    if number := next((one for one in _NUMBER.findall(plain) if one not in known.numbers), ""):
        return f"it says {number}, which the code does not"
    if not known.concerns(text):
        return "no word of it is one of the code"
    unknown = next((one for one in mentions(text, known.language) if not known.has(one)), None)
    return f"it names {'.'.join(unknown.parts)}, which is not there" if unknown is not None else ""
