"""What the code near the cursor leans on: the signatures and documentation of what it names."""

from __future__ import annotations

from dovetail.context.evidence import Ledger, Piece
from dovetail.graph import Symbol
from dovetail.model.ask import Count, Steps
from dovetail.syntax import language_for
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

_NEAR = 40
"""Lines above the cursor whose names are looked up."""
_MOST = 24
"""Definitions that are looked at; what is named last is nearest."""


def neighbours(
    snapshot: Snapshot, at: Selection, budget: int, ledger: Ledger
) -> Steps[tuple[tuple[tuple[str, str], ...], int]]:
    """((path, text) …, tokens) of definitions in other files that the lines near the cursor name.

    At most `budget` tokens. Ordered by path and place, not by rank: the least volatile order.
    """
    ranked = _named_near(snapshot, at)
    if not ranked:
        return (), 0
    texts = [_skeleton(symbol) for symbol, _ in ranked]
    counts: list[int] = yield Count(tuple(texts))
    chosen: list[tuple[Symbol, str]] = []
    spent = 0
    for (symbol, distance), text, tokens in zip(ranked, texts, counts, strict=True):
        score = 1.0 / (1 + distance)
        piece = Piece(
            f"definition of {symbol.qualified}", symbol.path, 0, f"named {distance} lines above the cursor",
            score, tokens,
        )  # fmt: skip
        if spent + tokens + 8 > budget:  # 8: the markers and the path of a file of its own
            ledger.left_out.append(piece)
            continue
        spent += tokens + 8
        ledger.used.append(piece)
        chosen.append((symbol, text))
    by_path: dict[str, list[tuple[int, str]]] = {}
    for symbol, text in chosen:
        by_path.setdefault(symbol.path, []).append((symbol.span.start, text))
    files = tuple(
        (path.rsplit("/", 1)[-1], "\n".join(text for _, text in sorted(entries)) + "\n")
        for path, entries in sorted(by_path.items())
    )
    return files, spent


def _named_near(snapshot: Snapshot, at: Selection) -> list[tuple[Symbol, int]]:
    """(symbol, lines between) of what is named above the cursor, nearest first; other files only."""
    file = snapshot.file(at.path)
    if file is None or file.facts is None:
        return []
    here = file.document.line_at(at.offset)
    near = Span(file.document.start_of(max(0, here - _NEAR)), at.offset)
    found: dict[tuple[str, int], tuple[Symbol, int]] = {}
    for use_at in snapshot.graph.uses_in(at.path, near):
        meaning = snapshot.graph.meaning(at.path, use_at)
        if meaning.how != "resolved":
            continue
        symbol = meaning.symbols[0]
        if symbol.path != at.path and symbol.kind != "module":
            distance = here - file.document.line_at(use_at.base + use_at.use.start)
            key = (symbol.path, symbol.span.start)
            if key not in found or distance < found[key][1]:
                found[key] = (symbol, distance)
    return sorted(found.values(), key=lambda pair: (pair[1], pair[0].path, pair[0].span.start))[:_MOST]


def _skeleton(symbol: Symbol) -> str:
    """Signature and the first line of the documentation."""
    first = symbol.doc.split("\n", 1)[0].strip()
    language = language_for(symbol.path)
    if not first or language is None:
        return symbol.signature
    return f"{symbol.signature}  {language.settings['comment']}{first}"
