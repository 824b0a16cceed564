"""What can be answered without asking anew: the rest of what is on the screen, and what was answered here before."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from dovetail.features.inline_completion.complete import Quiet, Suggestion
from dovetail.text import Document, Span

_REACH = 512
"""Bytes on each side of the cursor that must be the same."""
_TYPED = 48
"""Bytes that may have been typed since."""
_KEPT = 250
_SAME_WORD = 2
"""Letters of a word that may be typed before the model is asked again where it had nothing to say."""


def rest_of(shown: Suggestion, before: Document, after: Document, at: Span) -> Suggestion | None:
    """What is left of a suggestion once its beginning has been typed (or accepted word by word).

    before, after: the document when it was made, and now. None where the text went another way.
    """
    start, end = shown.span.start, at.start
    if len(at) or end < start or after.data[:start] != before.data[:start]:
        return None
    if after.data[end:] != before.data[shown.span.end :]:
        return None
    return _behind(shown, after.data[start:end], at)


@dataclass(frozen=True, slots=True)
class _Key:
    path: str
    before: bytes
    after: bytes


class Answers:
    """What was answered, by the text around the cursor; forgotten when it grows old.

    A suggestion also answers where its beginning was typed since. A silence answers only at its own place.
    """

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[_Key, Suggestion | Quiet] = OrderedDict()

    def keep(self, path: str, document: Document, at: Span, said: Suggestion | Quiet) -> None:
        """`at` is where `said` was asked for in `document`."""
        if len(at) or (isinstance(said, Quiet) and not said.lasting):
            return
        key = _key(path, document.data, at.start, at.start)
        self._kept[key] = said
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def find(self, path: str, document: Document, at: Span) -> Suggestion | Quiet | None:
        """The newest answer that still holds here."""
        data, end = document.data, at.start
        for typed in range(min(_TYPED, end) + 1):
            start = end - typed
            said = self._kept.get(_key(path, data, start, end))
            if said is None:
                continue
            if isinstance(said, Quiet):
                if not typed:
                    return said
                continue
            if not typed:
                return replace(said, span=at)
            if rest := _behind(said, data[start:end], at):
                return rest
        return None

    def silent(self, path: str, document: Document, at: Span) -> bool:
        """Whether the model had nothing to say a letter or two ago, in the same word."""
        data, end = document.data, at.start
        for typed in range(1, _SAME_WORD + 1):
            if end < typed or not (data[end - typed : end - typed + 1].isalnum() or data[end - typed] == ord("_")):
                return False
            said = self._kept.get(_key(path, data, end - typed, end))
            if isinstance(said, Quiet) and said.evidence.model:
                return True
        return False

    def clear(self) -> None:
        """Nothing of before counts any more: another model, other settings."""
        self._kept.clear()


def _key(path: str, data: bytes, start: int, end: int) -> _Key:
    return _Key(path, data[max(0, start - _REACH) : start], data[end : end + _REACH])


def _behind(said: Suggestion, typed: bytes, at: Span) -> Suggestion | None:
    whole = said.text.encode("utf-8", "surrogatepass")
    if not whole.startswith(typed) or len(typed) == len(whole):
        return None
    rest = whole[len(typed) :].decode("utf-8", "replace")
    return replace(said, span=at, text=rest, others=())
