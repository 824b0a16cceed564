"""A function that was taken out of another one changes nothing that the program does."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from dataclasses import replace
from typing import Any
from unittest.mock import ANY

from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Edited, Refused, Request, Result, extract
from dovetail.model.ask import run
from dovetail.text import Span
from dovetail.world import Selection, Snapshot, World
from tests.bench.validation import files
from tests.scripted import NO_MODEL, no_linter

PATH = "/project/a.py"
NAMES = ("a", "b", "c", "d")
SIMPLE = (
    "{x} = {y} + 1", "{x} += {y}", "{x} = ({y} + {z} for {y} in range(2))", "log.extend({x})",
    "{x} = sum({y} * {z} for {y} in range(3))", "log.append((lambda: {x})())",
    "log.append({x})", "{x}, {y} = {y}, {x}", "{x} = [{y} for {y} in range(3)][-1]",
    "{x} = (lambda {y}: {y} + {z})({x})", "{x} = len(str({y}))", "del {x}", "raise ValueError({x})", "return {x}",
    "assert {x} != {y}", "pass", "{x} = 3 if {y} > {z} else {y}", "{x} = boom({y})", "log.append(f'{{{x}}}')",
    "if ({x} := {y}) > 2: log.append({x})", "{x} = self.k + {y}", "self.k = {x}",
)  # fmt: skip
BLOCKS = (
    "if {x} > {y}:\n{1}", "if {x} > {y}:\n{1}else:\n{2}", "for {x} in range({y} % 3):\n{1}",
    "for {x} in range(2):\n{1}else:\n{2}", "while len(log) < 9:\n    log.append({x})\n{1}",
    "try:\n{1}except ValueError as {x}:\n{2}",
    "try:\n{1}except ValueError:\n    raise\n",
    "try:\n{1}except (ValueError, TypeError):\n    return {x}\nlog.append({y})",
    "def later():\n    nonlocal {x}\n{1}later()\n", "try:\n{1}finally:\n{2}", "def inner({x}={y}):\n{1}inner()\n",
    "for {x} in range(3):\n    if {x} == {y}: break\n{1}",
    "for {x} in range(3):\n    if {x} == {y}: continue\n{1}", "with quiet() as {x}:\n{1}",
)  # fmt: skip


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        letters = {letter: draw(st.sampled_from(NAMES)) for letter in "xyz"}
        if depth < 2 and draw(st.integers(0, 3)) == 0:
            inner = {
                number: "\n".join("    " + line for line in draw(blocks(depth + 1))) + "\n" for number in ("1", "2")
            }
            written = draw(st.sampled_from(BLOCKS)).replace("{1}", "\1").replace("{2}", "\2").format(**letters)
            lines += written.replace("\1", inner["1"]).replace("\2", inner["2"]).rstrip("\n").split("\n")
        else:
            lines += draw(st.sampled_from(SIMPLE)).format(**letters).split("\n")
    return lines


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, Span]:
    body = draw(blocks())
    method = draw(st.booleans())
    head = ["class Made:", "    k = 1"] if method else []
    indent = "    " if method else ""
    text = "\n".join([*head, f"{indent}def f(self, a, b, log):", *(f"{indent}    {line}" for line in body)]) + "\n"
    lines = text.split("\n")
    first = draw(st.integers(len(head) + 1, len(lines) - 2))
    last = draw(st.integers(first, len(lines) - 2))
    start = sum(len(line) + 1 for line in lines[:first])
    end = start + sum(len(line) + 1 for line in lines[first : last + 1])
    return text, Span(start, end)


def extracted(text: str, span: Span) -> tuple[Snapshot, Result | None]:
    world = World()
    world.open(PATH, text, 1, None)
    snapshot = world.snapshot()
    request = Request(Selection(PATH, span))
    offers = extract.offer(snapshot, request)
    if not offers or offers[0].disabled:
        return snapshot, None
    return snapshot, asyncio.run(run(extract.make(snapshot, request, offers[0], None), NO_MODEL, no_linter))


class Quiet:
    def __enter__(self) -> int:
        return 1

    def __exit__(self, *_: Any) -> bool:
        return True


def played(text: str, a: int, b: int) -> list[Any]:
    """What a program does: what it logs, gives back or raises, and what is left of its object."""
    log: list[Any] = []

    def boom(value: int) -> int:
        if value > 2:
            raise ValueError(value)
        return value

    class Self:
        k = 1

    scope: dict[str, Any] = {"boom": boom, "quiet": Quiet}
    exec(compile(text, PATH, "exec"), scope)
    me: Any = scope["Made"]() if "Made" in scope else Self()
    try:
        log.append(me.f(a, b, log) if "Made" in scope else scope["f"](me, a, b, log))
    except Exception as error:
        log.append(type(error))
    return [*map(shown, log), shown(me.k)]


def shown(value: Any) -> Any:
    """A value as it is compared: of what runs later not where it lies, or was written."""
    return value if isinstance(value, int | type) else re.sub(r"<\w+ .* at 0x\w+>", "later", str(value))


def compiles(text: str) -> bool:
    try:
        compile(text, PATH, "exec")
    except SyntaxError:
        return False
    return True


@settings(max_examples=80, deadline=None)
@given(programs())
def test_a_piece_that_is_taken_out_does_what_it_did(program: tuple[str, Span]) -> None:
    text, span = program
    if not compiles(text):
        return
    before, result = extracted(text, span)
    if not isinstance(result, Edited):
        return
    file = before.after(result.change).file(PATH)
    assert file is not None
    after = file.document.text()
    for a, b in ((0, 0), (1, 3), (3, 1), (-1, 2)):
        assert played(after, a, b) == played(text, a, b), after


def test_pieces_of_installed_packages() -> None:
    """Random statements of functions that nobody wrote for us: what is made of them compiles, names what exists."""
    chance = random.Random(1)
    counts: Counter[str] = Counter()
    for path in list(files(["click", "textwrap", "fractions"]))[:8]:
        text = path.read_text("utf-8")
        if not text.isascii():
            continue
        lines = text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        for _ in range(12):
            first = chance.randrange(len(lines) - 1)
            span = Span(starts[first], starts[min(first + chance.randrange(1, 8), len(lines) - 1)])
            before, result = extracted(text, span)
            if result is None:
                continue
            if isinstance(result, Refused):
                assert "holds" not in result.reason, result.reason
                counts["refused"] += 1
                continue
            assert isinstance(result, Edited)
            file = before.after(result.change).file(PATH)
            assert file is not None
            compile(file.document.text(), str(path), "exec", dont_inherit=True)
            counts["made"] += 1
    assert counts["made"] >= 5, counts


def test_a_name_is_taken_by_the_class_and_its_kin_alone() -> None:
    text = (
        "class Base:\n    def above(self):\n        pass\n\n\nclass A(Base):\n    def m(self, a):\n"
        "        y = a * self.k\n        return y\n\n    def here(self):\n        self.kept = 1\n\n\n"
        "class Other:\n    def beside(self):\n        pass\n\n\nclass B(A, Other):\n    below = 1\n"
    )
    world = World(["/project"])
    world.open(PATH, text, 1, None)
    world.open("/project/b.py", "def load():\n    pass\n\n\nclass C:\n    def save(self):\n        pass\n", 1, None)
    snapshot = world.snapshot()
    start = text.index("y = a * self.k")
    request = Request(Selection(PATH, Span(start, start + len("y = a * self.k"))))
    [offer] = extract.offer(snapshot, request)

    def made(name: str) -> Result:
        steps = extract.make(snapshot, request, replace(offer, data=(("name", name),)), None)
        return asyncio.run(run(steps, NO_MODEL, no_linter))

    for name in ("above", "here", "below", "beside", "kept"):
        assert made(name) == Refused(f"{name} means something here already", ANY)
    for name in ("load", "save", "double"):
        result = made(name)
        assert isinstance(result, Edited)
        assert f"self.{name}(a)" in snapshot.after(result.change).files[PATH].document.text()
