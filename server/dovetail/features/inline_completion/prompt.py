"""What the model is shown for a suggestion, and how it is held to what was typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.neighbours import neighbours
from dovetail.context.pack import SEPARATOR
from dovetail.context.window import window
from dovetail.model.ask import Count, Fim, ModelInfo, Steps
from dovetail.recall import Recalled, pieces
from dovetail.world import File, Selection, Snapshot

_WORD = re.compile(r"\w+\Z")


def prompt(
    snapshot: Snapshot,
    file: File,
    at: Selection,
    model: ModelInfo,
    tokens: int,
    answer: int,
    ledger: Ledger,
    lines: Sequence[Recalled] = (),
    *,
    graph: bool = True,
) -> Steps[tuple[Fim, str]]:
    """The prompt, and the part of a word that stands before the cursor and is generated again.

    A word cut in two makes tokens that the model has never seen so; it is taken back, and a grammar
    makes the answer begin with it (token healing). `tokens`: the most of the prompt; `answer`: of the answer.
    lines: of the project that go on like this place, the likeliest last. They have the room before definitions do.
    graph: with definitions of other files and packages that the lines near the cursor name.
    """
    room = max(64, min(tokens, model.context - answer - 16))
    after = min(room // 4, 128) if model.fim == "suffix-first" else min(room // 8, 64)
    project = room // 4 if model.repository else 0
    alike, spent = yield from _fitting(snapshot, lines, project, ledger)
    context: tuple[tuple[str, str], ...] = ()
    if project and graph:
        context, defined = yield from neighbours(snapshot, at, project - spent, ledger, model)
        spent += defined
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
    return Fim(before, around.after, (*context, *alike), _relative(snapshot, at.path)), typed


def _fitting(
    snapshot: Snapshot, lines: Sequence[Recalled], budget: int, ledger: Ledger
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """((name of a file, its lines) …, tokens): the likeliest that fit into `budget`."""
    if not lines or budget <= 0:
        return (), 0
    counts: list[int] = yield Count(tuple(f"{one.lines}\n" for one in lines))
    heads: list[int] = yield Count(tuple(f"{pieces([one])[0][0]}\n" for one in lines))
    first, spent = len(lines), 0
    while first and (more := counts[first - 1] + heads[first - 1] + SEPARATOR) <= budget - spent:
        first, spent = first - 1, spent + more
    for one, tokens in zip(lines[first:], counts[first:], strict=True):
        ledger.used.append(piece_of(snapshot, one, "a line that goes on like this", tokens))
    return pieces(lines[first:]), spent


def piece_of(snapshot: Snapshot, said: Recalled, what: str, tokens: int = 0) -> Piece:
    """Where the project says it, and why it is thought to fit."""
    if file := snapshot.files.get(said.path):
        line = file.document.line_at(min(said.offset, len(file.document)))
    else:
        line = snapshot.texts[said.path].count(b"\n", 0, said.offset) if said.path in snapshot.texts else 0
    why = f"the same {said.words} words before it, and {said.times} of {said.of} places go on like this"
    return Piece(what, said.path, line, why, round(said.chance, 2), tokens)


def continues(typed: str, names: Iterable[str] = ()) -> str:
    """GBNF of the rest of a line: begins with what was typed of the word, or with one of the names if there are any."""
    if not names:
        return f"root ::= {_quoted(typed)} [^\\n]*"
    return f"root ::= ({' | '.join(map(_quoted, sorted(names)))}) ([^\\na-zA-Z0-9_] [^\\n]*)?"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _relative(snapshot: Snapshot, path: str) -> str:
    root = snapshot.root_of(path)
    return path[len(root) + 1 :] if root else path.rsplit("/", 1)[-1]
