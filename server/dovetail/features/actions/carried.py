"""Text that moves while an action works: its places are found again, and what a model said is not asked for twice.

The action is made anew on the text as it is now, with every gate; only the model's answers are kept. A place that was
typed in has nowhere to go, and what was typed meanwhile is never written over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from dovetail.features.actions import Request
from dovetail.model.ask import Answer, Ask, Effect, Silence, Spare, Steps, answered
from dovetail.text import Change, Document, Span, differing
from dovetail.world import Selection

T = TypeVar("T")
Heard = list["list[Answer] | Silence"]
"""What a model said to the questions of an action, in their order; behind a mark, what the second one said."""
_SECOND = Silence("the second model says what follows")


def carried(span: Span, before: Document, now: Document) -> Span | None:
    """Where a place of one text is in a later one; None where it was touched or cannot be told.

    Behind or before all that differs it moves along; else its lines with a neighbour on each side must be there once.
    """
    old, new = before.data, now.data
    if old == new:
        return span
    gone, come = differing(old, new)
    empty = not len(span)
    if span.end < gone.start or empty and span.end == gone.start and len(gone):
        return span
    if span.start > gone.end or empty and span.start == gone.end:
        moved = len(come) - len(gone)
        return Span(span.start + moved, span.end + moved)
    if not (gone.start < span.start and span.end < gone.end):
        return None
    for lines in _around(span, before):
        text = before.slice(lines)
        at = new.find(text)
        if old.count(text) == 1 and at >= 0 and new.find(text, at + 1) < 0:
            start = at + span.start - lines.start
            return Span(start, start + len(span))
    return None


def moved(request: Request, before: Document, now: Document) -> Request | None:
    """What was asked for, at its places in a later text; None where one of them is not there any more."""
    at = carried(request.at.span, before, now)
    spans = [carried(each.span, before, now) for each in request.diagnostics]
    if at is None or None in spans:
        return None
    told = (replace(each, span=span) for each, span in zip(request.diagnostics, spans, strict=True) if span)
    return replace(request, at=Selection(request.at.path, at), diagnostics=tuple(told))


def untouched(change: Change, path: str, before: Document, now: Document) -> bool:
    """Whether nothing that a change of the later text replaces came or changed since the earlier one."""
    return all(carried(edit.span, now, before) is not None for edit in change.edits.get(path, ()))


def hearing(steps: Steps[T], heard: Heard) -> Steps[T]:
    """The same steps, with their first questions answered by what was heard before; what is new is added to it."""
    number = 0

    def answer(effect: Effect) -> Steps[Any]:
        nonlocal number
        if isinstance(effect, Spare):
            before = heard.index(_SECOND) if _SECOND in heard else -1
            told = yield replace(effect, again=before >= 0)
            if before >= 0:
                number = before + 1
            elif not isinstance(told, Silence):
                heard[number:] = [_SECOND]
                number += 1
            return told
        if not isinstance(effect, Ask):
            return (yield effect)
        if number == len(heard) or heard[number] is _SECOND:
            heard.insert(number, (yield effect))
        number += 1
        return heard[number - 1]

    return answered(steps, answer)


def _around(span: Span, document: Document) -> Iterator[Span]:
    """The lines of a place with one, then three neighbours on each side."""
    first, last = document.line_at(span.start), document.line_at(span.end)
    for more in (1, 3):
        yield document.full_lines(max(0, first - more), min(document.lines - 1, last + more))
