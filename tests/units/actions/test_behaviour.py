"""What the guards do when the function runs: bad input is refused as documented, good input is as before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dovetail.features.actions import Edited, Request, validate
from dovetail.model.ask import run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import NO_MODEL, no_linter

PATH = "/project/a.py"
HEAD = "import math\nfrom typing import Literal\n\n\nclass OwnError(Exception):\n    pass\n\n\n"


def both(source: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The function `f` as it was, and with guards."""
    world = World()
    world.open(PATH, HEAD + source, 1, None)
    snapshot = world.snapshot()
    at = (HEAD + source).encode().index(b"def f(") + 4
    request = Request(Selection(PATH, Span(at, at)))
    (offer,) = validate.offer(snapshot, request)
    result = asyncio.run(run(validate.make(snapshot, request, offer, None), NO_MODEL, no_linter))
    assert isinstance(result, Edited)
    file = snapshot.after(result.change).file(PATH)
    assert file is not None
    made: list[Any] = []
    for text in (HEAD + source, file.document.text()):
        scope: dict[str, Any] = {}
        exec(compile(text, PATH, "exec"), scope)
        made.append(scope["f"])
    return made[0], made[1]


CASES: list[tuple[str, list[tuple[Any, ...]], list[tuple[tuple[Any, ...], type[Exception]]]]] = [
    (
        "def f(total: float, people: int = 2):\n    return total / people\n",
        [(1.5, 3), (1, 3), (-1, -3), (1,)],
        [
            ((1, 0), ValueError),
            (("1", 1), TypeError),
            ((True, 1), TypeError),
            ((1, 1.5), TypeError),
            ((None, 1), TypeError),
        ],
    ),
    (
        "def f(values: list[float] | None = None):\n    return sum(values or []) if values is None else values[0]\n",
        [(None,), (), ([1.0, 2.0],)],
        [],
    ),
    (
        'def f(rate: float, mode: Literal["a", "b"] = "a"):\n'
        '    """F.\n\n    Args:\n        rate: must be in the range (0, 1].\n    """\n    return rate, mode\n',
        [(1,), (0.1, "b"), (0.5, "a")],
        [
            ((0,), ValueError),
            ((1.1,), ValueError),
            ((0.5, "c"), ValueError),
            (("x",), TypeError),
            ((float("nan"),), ValueError),
        ],
    ),
    (
        "def f(names: list[str], size: int = -1):\n    return names[0], size\n",
        [(["a"],), (["a"], 7)],
        [(([],), ValueError), ((("a",),), TypeError), ((["a"], "7"), TypeError)],
    ),
    (
        'def f(price, tags=()):\n    """F.\n\n    :param price: the price, must not be negative\n'
        '    :raises OwnError: if price is negative\n    """\n    return price, tags\n',
        [(0,), (1.5, ["a"])],
        [((-1,), Exception)],
    ),
    ("def f(x: float):\n    return math.sqrt(x)\n", [(0,), (4.0,)], [((-1,), ValueError), (("4",), TypeError)]),
    ("def f(n: int): return [1] * n\n", [(0,), (3,)], [(("3",), TypeError)]),
    ("def f(act, *rest: int, key: str = '', **more: int):\n    return act, rest, key, more\n", [(1, 2, 3)], []),
]


@pytest.mark.parametrize(("source", "good", "bad"), CASES)
def test_good_stays_and_bad_is_refused(
    source: str, good: list[tuple[Any, ...]], bad: list[tuple[tuple[Any, ...], type[Exception]]]
) -> None:
    before, after = both(source)
    for arguments in good:
        assert after(*arguments) == before(*arguments)
    for arguments, error in bad:
        with pytest.raises(error):
            after(*arguments)


def test_the_documented_error_is_raised() -> None:
    _, after = both(CASES[4][0])
    with pytest.raises(Exception, match="price must not be negative, got -1") as caught:
        after(-1)
    assert type(caught.value).__name__ == "OwnError"
