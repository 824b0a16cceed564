"""What the model is shown for a suggestion, and how it is held to what was typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.neighbours import neighbours
from dovetail.context.window import window
from dovetail.model.ask import Fim, ModelInfo, Steps
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
    *,
    graph: bool = True,
) -> Steps[tuple[Fim, str]]:
    """The prompt, and the part of a word that stands before the cursor and is generated again.

    A word cut in two makes tokens that the model has never seen so; it is taken back, and a grammar
    makes the answer begin with it (token healing). `tokens`: the most of the prompt; `answer`: of the answer.
    graph: with definitions of other files and packages that the lines near the cursor name.
    """
    room = max(64, min(tokens, model.context - answer - 16))
    after = min(room // 4, 128) if model.fim == "suffix-first" else min(room // 8, 64)
    project = room // 4 if model.repository and graph else 0
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
