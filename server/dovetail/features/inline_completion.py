"""Fill in the middle while a person types, shown only when it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dovetail.context.evidence import Evidence, Ledger, Piece, Trial
from dovetail.context.neighbours import neighbours
from dovetail.context.window import window
from dovetail.model.ask import Answer, Ask, Fim, ModelInfo, Silence, Stage, Steps
from dovetail.recall import recall
from dovetail.text import Change, Document, Edit, Span
from dovetail.verify import clean_text, no_new_members, no_new_names, no_secrets, still_parses
from dovetail.world import File, Selection, Snapshot

_WORD = re.compile(r"\w+\Z")
_RIGHT_OF_CURSOR = 8
"""More characters than these right of the cursor, and nobody wants ghost text between (Tabby's rule)."""
_GATES = ("says something new", "clean text", "parses no worse", "names exist")
_ROUNDS = ((1, 0.0), (3, 0.5))
"""(candidates, temperature): greedy first, and only when that one does not hold, three samples."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """What a user may set."""

    prompt_tokens: int = 448
    """At most so many tokens of prompt; typing must stay interactive."""
    line_tokens: int = 40
    block_tokens: int = 120
    patience: float = 2.0
    """Seconds for one question to the model."""
    confidence: float = -1.0
    """Mean log-probability per token below which nothing is shown."""
    invoked: bool = False
    """The user asked for it: rules that only spare nerves do not apply."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Ghost text: `text` in place of `span`, which lies on one line."""

    path: str
    span: Span
    text: str
    logprob: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing to show, and why."""

    reason: str
    evidence: Evidence


def inline_completion(
    snapshot: Snapshot, at: Selection, model: ModelInfo | None, knobs: Knobs = Knobs()
) -> Steps[Suggestion | Quiet]:
    """What would come next at the cursor.

    Never text that parses worse than before, names what does not exist, or repeats what stands
    right of the cursor.
    """
    ledger = Ledger("completion", model)
    file = snapshot.file(at.path)
    if reason := _not_here(file, at, knobs):
        return Quiet(reason, ledger.evidence())
    assert file is not None
    block = _wants_block(file, at.offset)
    if not block:
        yield Stage("RECALL")
        if said := _recalled(snapshot, file, at, ledger):
            return said
    if model is None or model.fim is None:
        reason = f"{model.name} has no fill-in-the-middle markers" if model else "no model is loaded"
        return Quiet(reason, ledger.evidence())
    yield Stage("CONTEXT")
    prompt, typed = yield from _prompt(snapshot, file, at, model, knobs, ledger)
    limit = knobs.block_tokens if block else knobs.line_tokens
    reason = "the model had nothing to say"
    tried: set[str] = set()
    for number, (candidates, temperature) in enumerate(_ROUNDS):
        yield Stage("GENERATE")
        answers: list[Answer] | Silence = yield Ask(
            prompt,
            limit,
            candidates=candidates,
            temperature=temperature,
            seed=number,
            grammar=_continues(typed, block) if typed and model.grammar else None,
            stop=("\n\n\n",) if block else ("\n",),
            purpose="typing",
            patience=knobs.patience,
        )
        if isinstance(answers, Silence):
            return Quiet(answers.reason, ledger.evidence())
        ledger.count(answers)
        yield Stage("VERIFY")
        for answer in answers:
            text = answer.text
            if typed:
                if not text.startswith(typed):  # it ended inside of the word that was to be healed
                    continue
                text = text[len(typed) :]
            text = _trimmed(file.document, at.offset, text, block, cut=answer.stopped == "limit")
            if text in tried:
                continue
            tried.add(text)
            gate, finding = _fails(snapshot, file, at, text)
            if not gate and answer.logprob < knobs.confidence:
                gate = "confident"
                finding = f"the model was not sure (log-probability {answer.logprob:.1f} a token)"
            ledger.trials.append(Trial("model", text, gate, finding))
            if not gate:
                ledger.passed = [*_GATES, "confident"]
                return Suggestion(at.path, at.span, text, answer.logprob, ledger.evidence())
            reason = "the model was not sure" if gate == "confident" else finding
    return Quiet(reason, ledger.evidence())


def rest_of(shown: Suggestion, before: Document, after: Document, at: Span) -> Suggestion | None:
    """What is left of a suggestion once its beginning has been typed (or accepted word by word).

    before, after: the document when it was made, and now. None where the text went another way.
    """
    start, end = shown.span.start, at.start
    if len(at) or end < start or after.data[:start] != before.data[:start]:
        return None
    if after.data[end:] != before.data[shown.span.end :]:
        return None
    typed, whole = after.data[start:end], shown.text.encode()
    if not whole.startswith(typed) or len(typed) == len(whole):
        return None
    return replace(shown, span=at, text=whole[len(typed) :].decode("utf-8", "replace"))


# ---- before the model ---------------------------------------------------------------------------


def _not_here(file: File | None, at: Selection, knobs: Knobs) -> str:
    if file is None:
        return "the file is not open"
    if file.text_only:
        return f"this file {file.text_only}"
    if file.language is None or file.tree is None:
        return "there is no grammar for this kind of file, so nothing could be verified"
    rest = file.document.text(Span(at.span.end, file.document.line(file.document.line_at(at.span.end)).end))
    if not knobs.invoked and len(rest.strip()) > _RIGHT_OF_CURSOR and not _closes(rest):
        return f"more than {_RIGHT_OF_CURSOR} characters stand right of the cursor"
    return ""


def _closes(rest: str) -> bool:
    return not rest.strip().strip(")]}\"'`,:;")


def _recalled(snapshot: Snapshot, file: File, at: Selection, ledger: Ledger) -> Suggestion | None:
    """What the project itself wrote after the same words, if it is sure and holds. No model."""
    said = recall(file.document.data[: at.offset], _sources(snapshot, file, at))
    if said is None or not said.sure:
        return None
    text = _trimmed(file.document, at.offset, said.text, block=False, cut=False)
    gate, finding = _fails(snapshot, file, at, text)
    ledger.trials.append(Trial("project", text, gate, finding))
    if gate:
        return None
    line = (
        snapshot.files[said.path].document.line_at(said.offset)
        if said.path in snapshot.files
        else (snapshot.texts[said.path].count(b"\n", 0, said.offset))
    )
    why = f"the same {said.words} words before it, and {said.times} of {said.of} places go on like this"
    ledger.used.append(Piece("what the project wrote before", said.path, line, why, said.times / said.of, 0))
    ledger.passed = list(_GATES)
    return Suggestion(at.path, at.span, text, 0.0, ledger.evidence())


def _sources(snapshot: Snapshot, file: File, at: Selection) -> Iterator[tuple[str, bytes, int]]:
    """Texts to recall from, nearest first: this file without the cursor's line, open files, the folder, the rest."""
    document = file.document
    first, last = document.line_at(at.span.start), document.line_at(at.span.end)
    below = document.start_of(last + 1)
    yield file.path, document.data[: document.start_of(first)], 0
    yield file.path, document.data[below:], below
    for path, other in sorted(snapshot.files.items()):
        if path != file.path and other.tree is not None:
            yield path, other.document.data, 0
    folder = file.path.rsplit("/", 1)[0] + "/"
    closed = sorted(path for path in snapshot.texts if path not in snapshot.files)
    for near in (True, False):
        for path in closed:
            if path.startswith(folder) == near:
                yield path, snapshot.texts[path], 0


def _wants_block(file: File, offset: int) -> bool:
    """True in an empty body: only white space on this line, below a line that opens a block."""
    assert file.language is not None
    opener = file.language.settings.get("opens-block")
    document = file.document
    line = document.line_at(offset)
    if not opener or document.slice(document.line(line)).strip():
        return False
    for above in range(line - 1, -1, -1):
        text = document.text(document.line(above)).strip()
        if text:
            return text.endswith(opener)
    return False


def _prompt(
    snapshot: Snapshot, file: File, at: Selection, model: ModelInfo, knobs: Knobs, ledger: Ledger
) -> Steps[tuple[Fim, str]]:
    """The prompt, and the part of a word that stands before the cursor and is generated again.

    A word cut in two makes tokens that the model has never seen so; it is taken back, and a grammar
    makes the answer begin with it (token healing).
    """
    longest = max(knobs.line_tokens, knobs.block_tokens)
    room = max(64, min(knobs.prompt_tokens, model.context - longest - 16))
    after = min(room // 4, 128) if model.fim == "suffix-first" else min(room // 8, 64)
    project = room // 4 if model.repository else 0
    context, spent = (yield from neighbours(snapshot, at, project, ledger)) if project else ((), 0)
    around = yield from window(file.document, at.span, room - after - spent, after)
    word = _WORD.search(around.before)
    typed = word.group() if word and model.grammar else ""
    before = around.before[: len(around.before) - len(typed)]
    ledger.used.append(
        Piece("text before the cursor", at.path, around.first_line, "nearest lines", 1.0, around.before_tokens)
    )
    if around.after:
        line = file.document.line_at(at.span.end)
        ledger.used.append(Piece("text after the cursor", at.path, line, "nearest lines", 1.0, around.after_tokens))
    return Fim(before, around.after, context, _relative(snapshot, at.path)), typed


def _relative(snapshot: Snapshot, path: str) -> str:
    root = next((root for root in snapshot.roots if path.startswith(f"{root.rstrip('/')}/")), None)
    return path[len(root.rstrip("/")) + 1 :] if root else path.rsplit("/", 1)[-1]


def _continues(typed: str, block: bool) -> str:
    """GBNF: begins with what was typed of the word."""
    anything = "[^\\x00]*" if block else "[^\\n]*"
    return f"root ::= {json.dumps(typed, ensure_ascii=False)} {anything}"


# ---- after the model ----------------------------------------------------------------------------


def _trimmed(document: Document, offset: int, text: str, block: bool, *, cut: bool) -> str:
    """Cut what is not wanted at the end, and what stands right of the cursor already."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not block:
        text = text.split("\n", 1)[0]
    elif cut and "\n" in text:
        text = text.rsplit("\n", 1)[0]  # the limit fell inside the last line
    if block:
        text = _within_block(document, offset, text)
    rest = document.text(Span(offset, document.line(document.line_at(offset)).end)).rstrip()
    if not rest:
        text = text.rstrip()
    else:
        # the longest end of the answer that the line has already
        for size in range(min(len(rest), len(text)), 0, -1):
            if text.endswith(rest[:size]) and (size == len(rest) or _closes(rest[:size])):
                text = text[: len(text) - size]
                break
    newline = document.newline().decode()
    return text.replace("\n", newline) if newline != "\n" else text


def _within_block(document: Document, offset: int, text: str) -> str:
    """The lines up to the first that is indented less than the cursor's."""
    line = document.line_at(offset)
    indent = document.text(Span(document.start_of(line), offset))
    if indent.strip():
        return text
    kept: list[str] = []
    for number, one in enumerate(text.split("\n")):
        if number and one.strip() and not one.startswith(indent):
            break
        kept.append(one)
    return "\n".join(kept)


def _fails(snapshot: Snapshot, file: File, at: Selection, text: str) -> tuple[str, str]:
    """(gate, finding) of the first gate that a text does not clear; ("", "") where it clears all."""
    if not text.strip():
        return "says something new", "there was nothing to add"
    if _repeats(file.document, at.offset, text):
        return "says something new", "it repeats what is on the screen"
    change = Change.one(at.path, [Edit(at.span, text.encode("utf-8", "replace"))])
    after = snapshot.after(change)
    for gate, promise in (
        ("clean text", clean_text),
        ("clean text", no_secrets),
        ("parses no worse", still_parses),
        ("names exist", no_new_names),
        ("names exist", no_new_members),
    ):
        findings = promise(snapshot, after, change, at.path)
        if findings:
            return gate, findings[0].message
    return "", ""


def _repeats(document: Document, offset: int, text: str) -> bool:
    """Echo of the line above or below, or one short piece over and over."""
    here = document.line_at(offset)
    first = (document.text(Span(document.start_of(here), offset)) + text.split("\n", 1)[0]).strip()
    around = range(max(0, here - 1), min(document.lines, here + 3))
    if len(first) > 3 and first in (_line(document, n) for n in around if n != here):
        return True
    return _stutters([line.strip() for line in text.split("\n")]) or bool(re.search(r"(.{2,24}?)\1{4,}", text))


def _line(document: Document, number: int) -> str:
    return document.text(document.line(number)).strip()


def _stutters(lines: Sequence[str]) -> bool:
    return any(a and a == b == c for a, b, c in zip(lines, lines[1:], lines[2:], strict=False))
