"""Lines that went on after the same words, as a prompt shows them: what a model may copy from, or change to fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from dovetail.recall.recall import Recalled

MOST_PLACES = 48
"""Recalled places that are looked at for them."""
_LEAST = 2
"""Words before it that are the same: a line end alone says nothing."""
_ROOM = 360
"""Characters of the lines together …"""
_LONGEST = 200
"""… and of one place."""


def alike(found: Iterable[Recalled], seen: Collection[str] = ()) -> list[Recalled]:
    """Those whose lines are shown, none twice, the likeliest last: nearest to what they are to help with.

    seen: lines, without the white space around them, that the prompt shows anyway.
    """
    told, room = set(seen), _ROOM
    chosen: list[Recalled] = []
    for one in found:
        bare = one.lines.rsplit("\n", 1)[-1].strip()
        if one.words < _LEAST or not bare or bare in told or len(one.lines) > _LONGEST:
            continue
        told.add(bare)
        room -= len(one.lines) + 1
        if room < 0:
            break
        chosen.append(one)
    return chosen[::-1]


def pieces(lines: Sequence[Recalled]) -> tuple[tuple[str, str], ...]:
    """(name of the file, lines) in their order, those of one file that follow each other together."""
    by_file = groupby(lines, key=lambda one: one.path)
    return tuple((path.rsplit("/", 1)[-1], "".join(f"{one.lines}\n" for one in some)) for path, some in by_file)
