"""More arguments like those that the tests give: where two candidates both pass, they may part here."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

_MOST = 60
_EACH = 12


def variants(calls: Sequence[str]) -> tuple[str, ...]:
    """Arguments as they are written, each call varied a little, in turns."""
    roads = [_varied(ast.literal_eval(call)) for call in calls]
    mixed = _mixed([ast.literal_eval(call) for call in calls])
    found: dict[str, None] = {}
    for _ in range(_EACH):
        for road in (*roads, mixed):
            for arguments in islice(road, 1):
                found.setdefault(repr(arguments))
            if len(found) >= _MOST:
                return tuple(found)
    return tuple(found)


def _varied(arguments: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """One argument at a time; in turns, so that each gets its share."""
    near = [[one[0] for one in islice(_near(value), _EACH)] for value in arguments]
    for turn in range(max(map(len, near), default=0)):
        for index, values in enumerate(near):
            if turn < len(values):
                yield (*arguments[:index], values[turn], *arguments[index + 1 :])


def _mixed(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Arguments of one call with those of another."""
    for one in calls:
        for two in calls:
            for index in range(min(len(one), len(two))):
                if len(one) == len(two) and one[index] != two[index]:
                    yield (*one[:index], two[index], *one[index + 1 :])
    for one in calls:
        if len(one) == 2 and type(one[0]) is type(one[1]):
            yield one[::-1]


def _near(value: Any) -> Iterator[tuple[Any]]:
    """Values of the same kind, each in a tuple of one."""
    match value:
        case bool():
            yield (not value,)
        case int():
            for other in (value + 1, value - 1, 2 * value + 1, 0, 1, 2, 5, value // 2):
                if other != value and (other >= 0 or value < 0):
                    yield (other,)
        case float():
            for other in (value + 0.5, value / 2, 2 * value, value + 1):
                yield (other,)
        case str() | list() | tuple():
            several: Any = value  # pyright: ignore[reportUnknownVariableType]
            for other in (several[1:], several[:-1], several[::-1], several + several[:1], several[:1], several * 2):
                yield (other,)
            yield (several[:0],)
            if isinstance(value, list):
                for index in range(min(4, len(several))):
                    for one in islice(_near(several[index]), 3):
                        yield ([*several[:index], one[0], *several[index + 1 :]],)
        case dict():
            keyed: dict[Any, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
            for key in list(keyed)[:3]:
                yield ({other: keyed[other] for other in keyed if other != key},)
                for one in islice(_near(keyed[key]), 2):
                    yield ({**keyed, key: one[0]},)
        case _:
            return
