"""Which lines around a place fit into a budget of tokens.

Windows begin at line starts and move in steps, so that a model's KV prefix outlives many keystrokes.
"""

from __future__ import annotations

from dataclasses import dataclass

from dovetail.model.ask import Count, Steps
from dovetail.text import Document, Span

STEP = 16
"""Lines by which the start of a window moves. A multiple of it, so equal places give equal windows."""

_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Window:
    """The text before and after a place, with what each costs."""

    before: str
    after: str
    before_tokens: int
    after_tokens: int
    first_line: int
    """Where `before` begins, from 0."""


def window(document: Document, at: Span, before: int, after: int) -> Steps[Window]:
    """The lines around `at` in at most `before` and `after` tokens. What is in `at` is left out.

    Tokens are counted line by line, which is never less than the count of the joined text.
    """
    here = document.line_at(at.start)
    there = document.line_at(at.end)
    first = max(0, here - _MOST_LINES)
    last = min(document.lines - 1, there + _MOST_LINES // 4)
    above = [document.text(document.full_lines(line, line)) for line in range(first, here)]
    head = document.text(Span(document.start_of(here), at.start))
    tail = document.text(Span(at.end, document.start_of(there + 1)))
    below = [document.text(document.full_lines(line, line)) for line in range(there + 1, last + 1)]
    counts: list[int] = yield Count((*above, head, tail, *below))
    above_counts, head_count, tail_count = counts[: len(above)], counts[len(above)], counts[len(above) + 1]
    below_counts = counts[len(above) + 2 :]

    head, head_count = yield from _clipped(head, head_count, before, left=True)
    start, used = len(above), head_count
    while start > 0 and used + above_counts[start - 1] <= before:
        start -= 1
        used += above_counts[start]
    stepped = -(-(first + start) // STEP) * STEP - first if first + start > 0 else start
    if start < stepped < len(above):  # round up to a step: a little less text, a lasting prefix
        used -= sum(above_counts[start:stepped])
        start = stepped

    tail, tail_count = yield from _clipped(tail, tail_count, after, left=False)
    end, spent = 0, tail_count
    while end < len(below) and spent + below_counts[end] <= after:
        spent += below_counts[end]
        end += 1
    return Window(
        "".join((*above[start:], head)),
        "".join((tail, *below[:end])),
        used,
        spent,
        first + start,
    )


def _clipped(text: str, count: int, budget: int, *, left: bool) -> Steps[tuple[str, int]]:
    """One line that alone is over budget: keep the end (or the start) that fits."""
    while count > budget and text:
        keep = max(0, len(text) * budget // count - 1)
        text = (text[-keep:] if left else text[:keep]) if keep else ""
        count = (yield Count((text,)))[0] if text else 0
    return text, count
