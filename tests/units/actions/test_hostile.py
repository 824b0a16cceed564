"""Whatever a model says, no byte outside the chosen range changes and no file parses worse."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Action, Edited, Explained, Request, fix, validate
from dovetail.features.inline_completion import Suggestion, inline_completion
from dovetail.model.ask import Silence, run
from dovetail.text import Change, Edit, Span
from dovetail.verify.clean_text import unclean
from dovetail.world import Selection, Snapshot, World
from tests.scripted import Scripted, no_linter

pytestmark = pytest.mark.usefixtures("few_tries")
SAMPLES = 1000
PATH = "/project/shop.py"

PIECES = (
    "return width * height", "    return width", "width", "(", ")", "]", "{", '"', "'", '"""', "\\", ":", "#", "=", ",",
    "```python\n", "```\n", "````\n", "~~~", "<think>", "</think>", "Sure! Here is the code:", "\r\n", "\r", "\n", "\t",
    "$&", "$1", "\\1", "\\g<0>", "\x00", "\x0c", "\x1b[2J", "\ufeff", "\u202e", "\u200b", "\u2028", "\U000e0041",
    "\ue000", "🙂", "é", "名", "аpi", "<|fim_middle|>", "<|endoftext|>", "def f():\n    pass\n", "import os\n",
    "os.remove('/')",
    "if count <= 0:\n        raise ValueError(\"count must be positive\")\n", "if not names:\n", "pass",
    "nowhere", " " * 100, "x" * 2100, "class A:", "lambda: ", "f'{", "}'", "return", "\n\n\n", "# width height",
    "exec(",
)  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=8).map("".join)
ANSWERS = st.lists(st.one_of(st.just(Silence("busy")), st.lists(HOSTILE, max_size=5)), max_size=4)

TEXTS = (
    "def area(width, height):\n    return width ⟨⟩* * * height\n\n\ndef after(): return '🙂'\n",
    "def area(width, height)\n    retrun width⟨⟩\r\nx = 1\r\n",
    'x = \'\u2028\'\ndef f(names: list[str], count: int):\n    """Do."""\n    a = names⟨⟩[0]\n    return 1 / count\n',
    "class A:\n\tdef f(self, n: int, xs: list[int]): return⟨⟩ max(xs) / n\n",
    "def f(xs: list[int]):\r\n    é = '名'; return xs[0]⟨⟩ + totla\r\n",
    "print(⟨⟩\n\ndef broken(:\n    pass\n",
    "def f(a):\n    return (a⟨⟩\n\ndef g(b: int):\n    return b\n",
)


@dataclass(frozen=True)
class Place:
    snapshot: Snapshot
    at: Selection

    @classmethod
    def of(cls, text: str) -> Place:
        before, after = text.split("⟨⟩")
        world = World(["/project"])
        world.open(PATH, before + after, 1, None)
        here = len(before.encode())
        return cls(world.snapshot(), Selection(PATH, Span(here, here)))


PLACES = [Place.of(text) for text in TEXTS]


def held(place: Place, change: Change, span: Span) -> None:
    """The change keeps to its span and parses no worse; what it adds can be seen."""
    after = place.snapshot.after(change)
    one, two = place.snapshot.file(PATH), after.file(PATH)
    assert one is not None
    assert two is not None
    assert one.tree is not None
    assert two.tree is not None
    assert set(change.edits) == {PATH}
    old, new = one.document.data, two.document.data
    assert new.startswith(old[: span.start])
    assert new[len(new) - (len(old) - span.end) :] == old[span.end :]
    assert len(two.tree.errors()) <= len(one.tree.errors())
    for edit in change.edits[PATH]:
        assert not unclean(edit.new.decode(), old[edit.span.start : edit.span.end].decode())


def chosen_range(place: Place, action: Action, result: Edited) -> Span:
    """A line for a fix (or a place where nothing is replaced), a gap without code for guards."""
    file = place.snapshot.file(PATH)
    assert file is not None
    (edit, *rest) = result.change.edits[PATH]
    assert not rest
    if action.name == "validate":
        assert not file.document.slice(edit.span).strip()
        return edit.span
    here = file.document.line_at(place.at.offset)
    lines = [file.document.line_at(at) for at in (edit.span.start, edit.span.end)]
    assert not edit.span.end > edit.span.start or all(abs(line - here) <= 1 for line in lines)
    return edit.span


@given(st.sampled_from(PLACES), st.sampled_from([fix.ACTION, validate.ACTION]), ANSWERS)
@settings(max_examples=SAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_action_keeps_to_its_range(place: Place, action: Action, answers: list[list[str] | Silence]) -> None:
    request = Request(place.at)
    offers = [offer for offer in action.offer(place.snapshot, request) if not offer.disabled]
    if not offers:
        return
    model = Scripted(answers)
    result = asyncio.run(run(action.make(place.snapshot, request, offers[0], model.info), model, no_linter))
    assert not isinstance(result, Explained)
    if isinstance(result, Edited):
        held(place, result.change, chosen_range(place, action, result))
        assert any("linter" in unknown or "lints" in unknown for unknown in result.evidence.unknown)
    else:
        assert result.reason


@given(st.sampled_from(PLACES), ANSWERS)
@settings(max_examples=SAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_completion_keeps_to_its_range(place: Place, answers: list[list[str] | Silence]) -> None:
    model = Scripted(answers)
    result = asyncio.run(run(inline_completion(place.snapshot, place.at, model.info), model, no_linter))
    if isinstance(result, Suggestion):
        edit = Edit(result.span, result.text.encode())
        held(place, Change.one(PATH, [edit]), place.at.span)
    else:
        assert result.reason
