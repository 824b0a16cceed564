"""Windows stay in their budget and move in steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dovetail.context.window import STEP, Window, window
from dovetail.text import Document, Span
from tests.units.context.project import done, quarters


@given(
    st.lists(st.text(st.sampled_from("abc é"), max_size=60), min_size=1, max_size=120),
    st.integers(0, 200), st.integers(0, 60), st.floats(0, 1),
)  # fmt: skip
def test_never_over_budget(lines: list[str], before: int, after: int, where: float) -> None:
    text = "\n".join(lines)
    at = len(text[: int(where * len(text))].encode())
    found: Window = done(window(Document.of(text), Span(at, at), before, after))
    assert quarters(found.before) <= before
    assert quarters(found.after) <= after
    assert text.encode()[:at].decode().endswith(found.before)
    assert text.encode()[at:].decode().startswith(found.after)


def test_the_start_of_a_window_outlives_many_keys() -> None:
    lines = [f"line number {n}" for n in range(400)]
    starts = set[int]()
    for line in range(200, 200 + STEP):
        document = Document.of("\n".join(lines))
        at = document.line(line).end
        starts.add(done(window(document, Span(at, at), 300, 60)).first_line)
    assert len(starts) <= 2
    assert all(start % STEP == 0 for start in starts)
