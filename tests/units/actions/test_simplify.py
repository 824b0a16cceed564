"""What is said more simply means the same, whatever the values are."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from dovetail.features.actions import Edited, Refused, Request, simplify
from dovetail.model.ask import run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import NO_MODEL, no_linter

PATH = "/project/a.py"
FORMS = (
    "return not a is b", "return not (a in [b, c])", "return not (a is not b)", "return not (a not in [b])",
    "return True if a == b else False", "return False if a or b else True", "return a if a else b or c",
    "return a if a else (lambda: b)", "if a == b:\n    return True\nelse:\n    return False",
    "if a or b:\n    return False\nelse:\n    return True", "if a is b:\n    return True\nelse:\n    return False",
    "if a or b:\n    if b or c:\n        return 1\n    # after\nreturn 2",
    "if a or b:\n    if b or c:\n        return 1\nreturn 2",
    "if a:\n    return 1\nelse:\n    if b if c else a:\n        return 2\nreturn 3",
    "if (yes := a):\n    if yes is b:\n        return yes\nreturn 4",
    "return [x for x in (a, b)] if a else [y for y in [c]]",
    "if not a if b else c:\n    return True\nelse:\n    return False", "return [x for x in (*[a], b)]",
    "return any([x for x in (a, b)])",
    "if a:\n    if b:\n        x = '''\n  q\n'''\n        return x\nreturn c",
)  # fmt: skip

STAY = (
    "[x for x in xs if x]", "[x for x in xs if x == n]", "[x for x in xs if x if n]", "[x for x in xs for y in ys]",
    "[x for x in xs for x in x]", "any([x for x in xs if x])", "[y for x in xs]", "[(x, y) for x, y in xs]",
    "[x for x in xs] if n else [x for x in ys if n]", "x if n else y", "not a is b is c", "not a in b in c",
)  # fmt: skip


class Odd:
    """Equal to everything in its own way, and true now and then."""

    def __init__(self, truth: bool) -> None:
        self.truth = truth

    def __eq__(self, other: object) -> Any:
        return [] if self.truth else [1]

    def __bool__(self) -> bool:
        return self.truth

    def __repr__(self) -> str:
        return f"Odd({self.truth})"

    __hash__ = None  # type: ignore[assignment]


VALUES: tuple[Any, ...] = (0, 1, "", "a", None, [], [0], Odd(True), Odd(False), True, float("nan"))


def simpler(text: str, span: Span | None = None) -> str | None:
    world = World()
    world.open(PATH, text, 1, None)
    snapshot = world.snapshot()
    request = Request(Selection(PATH, span or Span(0, len(text.encode()))))
    offers = simplify.offer(snapshot, request)
    if not offers:
        return None
    result = asyncio.run(run(simplify.make(snapshot, request, offers[0], None), NO_MODEL, no_linter))
    if isinstance(result, Refused):
        return None
    assert isinstance(result, Edited), result
    file = snapshot.after(result.change).file(PATH)
    assert file is not None
    return file.document.text()


def played(text: str, values: tuple[Any, ...]) -> str:
    scope: dict[str, Any] = {}
    exec(compile(text, PATH, "exec"), scope)
    try:
        return repr(scope["f"](*values)).split(" at 0x")[0]
    except Exception as error:
        return repr(error)


@pytest.mark.parametrize("form", STAY)
def test_what_means_something_else_stays(form: str) -> None:
    after = simpler(f"def f(xs, ys, n):\n    return {form}\n")
    assert after is None or after.count(" if ") == form.count(" if "), after


@pytest.mark.parametrize("form", FORMS)
def test_it_means_the_same(form: str) -> None:
    text = "def f(a, b, c):\n    " + form.replace("\n", "\n    ") + "\n"
    after = simpler(text)
    if after is None:
        assert "#" in form or "'''" in form
        return
    assert after != text
    for values in itertools.product(VALUES, repeat=3):
        assert played(after, values) == played(text, values), after
