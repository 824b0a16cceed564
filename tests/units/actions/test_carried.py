"""Places in text that moves, and actions that are made again: nothing but the chosen range changes."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Action, Edited, Request, fix, validate
from dovetail.features.actions.carried import Heard, carried, hearing, moved, untouched
from dovetail.model.ask import Silence, run
from dovetail.text import Document, Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter
from tests.units.actions.test_hostile import ANSWERS, PATH, TEXTS

pytestmark = pytest.mark.usefixtures("few_tries")

TYPED = st.sampled_from(
    ["", "x", "\n", "\n\n", "# note\n", "    pass\n", "é", "名", "\t", "import os\n", "return", "()"]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), TYPED), min_size=1, max_size=3)


def edited(document: Document, edits: list[tuple[float, int, str]]) -> Document:
    for where, gone, new in edits:
        text = document.text()
        at = int(where * len(text))
        document = Document.of(text[:at] + new + text[at + gone :])
    return document


@given(st.text("ab\n", max_size=40), st.data())
@settings(max_examples=300, deadline=None)
def test_a_place_that_is_found_again_holds_the_same_text(text: str, data: st.DataObject) -> None:
    before = Document.of(text)
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    now = edited(before, data.draw(EDITS))
    found = carried(span, before, now)
    if found is not None:
        assert now.slice(found) == before.slice(span)


@given(st.text("ab\n", min_size=1, max_size=40), st.data())
@settings(max_examples=200, deadline=None)
def test_a_place_is_found_again_where_all_that_came_is_before_or_behind_it(text: str, data: st.DataObject) -> None:
    """And not beside it: what is typed at the end of a name may be the name's."""
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    head, tail = (data.draw(st.sampled_from(("", "#\n", "# one\n# two\n"))) for _ in range(2))
    if head and tail:
        return
    before = Document.of(f"({text})")
    now = Document.of(f"{head}({text}){tail}")
    at = Span(span.start + 1, span.end + 1)
    assert carried(at, before, now) == Span(at.start + len(head), at.end + len(head))


@given(st.sampled_from(TEXTS), st.sampled_from([fix.ACTION, validate.ACTION]), ANSWERS, EDITS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_made_again_nothing_but_the_chosen_range_changes(
    text: str, action: Action, answers: list[list[str] | Silence], edits: list[tuple[float, int, str]]
) -> None:
    head, tail = text.split("⟨⟩")
    world = World(["/project"])
    before = world.open(PATH, head + tail, 1, None).document
    here = len(head.encode())
    request = Request(Selection(PATH, Span(here, here)))
    offers = [offer for offer in action.offer(world.snapshot(), request) if not offer.disabled]
    if not offers:
        return
    model, heard = Scripted(answers), Heard()
    asyncio.run(run(hearing(action.make(world.snapshot(), request, offers[0], model.info), heard), model, no_linter))
    asked = len(model.asks)
    now = edited(before, edits)
    world.edit(PATH, 2, [lambda _: now.text()])
    again, target = moved(request, before, now), carried(offers[0].target, before, now)
    if again is None or target is None:
        return
    model.script = []
    offer = type(offers[0])(offers[0].title, target, offers[0].data)
    steps = hearing(action.make(world.snapshot(), again, offer, model.info), heard)
    result = asyncio.run(run(steps, model, no_linter))
    assert len(heard) >= asked, "what was heard is kept"
    if not isinstance(result, Edited) or not untouched(result.change, PATH, before, now):
        return
    after = world.snapshot().after(result.change).files[PATH].document.data
    at = moved_by = 0
    for edit in result.change.edits[PATH]:
        assert after[at + moved_by : edit.span.start + moved_by] == now.data[at : edit.span.start]
        assert before.data.count(now.slice(edit.span)), "what it replaces was there when it was chosen"
        at, moved_by = edit.span.end, moved_by + edit.delta
    assert after[at + moved_by :] == now.data[at:]
