"""More arguments like those that the tests give: where two candidates both pass, they may part here.

And what the documentation of a function says that it answers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

_MOST = 120
_EACH = 24
_SAYS = r"\(.*\))[ \t]*(?:\n[ \t]*|(?:=+>|==|=|➞|->|→|#|returns?|should return)[ \t]*:?)[ \t]*([^\n]+)"
"""Behind the name of a function: its arguments, and on the next line or behind a sign what it answers."""


def variants(calls: Sequence[str]) -> tuple[str, ...]:
    """Arguments as they are written, each call varied a little, in turns."""
    roads = [_varied(ast.literal_eval(call)) for call in calls]
    mixed = _mixed([ast.literal_eval(call) for call in calls])
    found: dict[str, None] = {}
    for _ in range(_MOST):
        for road in (*roads, mixed):
            for arguments in islice(road, 1):
                found.setdefault(repr(arguments))
            if len(found) >= _MOST:
                return tuple(found)
    return tuple(found)


def documented(text: str, name: str) -> dict[str, str]:
    """Arguments → answer, both as they are written, where a function's documentation gives examples of it."""
    found: dict[str, str] = {}
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}({_SAYS}", text):
        try:
            arguments = ast.literal_eval(f"({match[1][1:-1]},)") if match[1] != "()" else ()
            answer = ast.literal_eval(match[2].strip().removesuffix("."))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        found.setdefault(repr(arguments), repr(answer))
    return found


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
    """Values of the same kind, each in a tuple of one; the usual before the odd."""
    match value:
        case bool():
            yield (not value,)
        case int():
            for other in (value + 1, value - 1, 2 * value + 1, 0, 1, 2, 5, value // 2, 10, 100, -1, -value):
                if other != value:
                    yield (other,)
        case float():
            for other in (value + 0.5, value / 2, 2 * value, value + 1, 0.0, -value):
                yield (other,)
        case str():
            yield from _parts(value)
            for other in (value.swapcase(), f"{value}1", f" {value} ", f"{value}-", f"{value}a", f"{value}Z"):
                yield (other,)
            if len(value) > 1:
                yield (f"{value[0]} {value[1:]}",)
                yield (value[1] + value[0] + value[2:],)
        case list() | tuple():
            several: Any = value  # pyright: ignore[reportUnknownVariableType]
            yield from _parts(several)
            for index in dict.fromkeys((*range(min(4, len(several))), len(several) - 1)) if several else ():
                for one in islice(_near(several[index]), 3):
                    yield (_like(several, [*several[:index], one[0], *several[index + 1 :]]),)
            if several and all(type(one) in (int, float) for one in several):
                for other in ([-one for one in several], sorted(several), [*several, -3], [0, *several]):
                    yield (_like(several, other),)
            elif several:
                yield (_like(several, [*several, several[-1]]),)
        case dict():
            keyed: dict[Any, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
            for key in list(keyed)[:3]:
                yield ({other: keyed[other] for other in keyed if other != key},)
                for one in islice(_near(keyed[key]), 2):
                    yield ({**keyed, key: one[0]},)
        case _:
            return


def _parts(several: Any) -> Iterator[tuple[Any]]:
    """Shorter, longer, the other way round, empty."""
    for other in (several[1:], several[:-1], several[::-1], several + several[:1], several[:1], several * 2):
        yield (other,)
    yield (several[:0],)


def _like(value: Any, items: list[Any]) -> Any:
    return tuple(items) if isinstance(value, tuple) else items
