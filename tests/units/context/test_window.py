"""Windows stay in their budget and move in steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dovetail.context.window import STEP, Window, window
from dovetail.model.ask import Count, Steps
from dovetail.text import Document, Span


def _driven(steps: Steps[Window]) -> Window:
    """A tokenizer of one token per four characters, rounded up."""
    sent = None
    while True:
        try:
            effect = steps.send(sent)
        except StopIteration as end:
            return end.value
        assert isinstance(effect, Count)
        sent = [-(-len(text) // 4) for text in effect.texts]


@given(
    st.lists(st.text(st.sampled_from("abc é"), max_size=60), min_size=1, max_size=120),
    st.integers(0, 200), st.integers(0, 60), st.floats(0, 1),
)  # fmt: skip
def test_never_over_budget(lines: list[str], before: int, after: int, where: float) -> None:
    text = "\n".join(lines)
    at = len(text[: int(where * len(text))].encode())
    found = _driven(window(Document.of(text), Span(at, at), before, after))
    assert -(-len(found.before) // 4) <= before
    assert -(-len(found.after) // 4) <= after
    assert text.encode()[:at].decode().endswith(found.before)
    assert text.encode()[at:].decode().startswith(found.after)


def test_the_start_of_a_window_outlives_many_keys() -> None:
    lines = [f"line number {n}" for n in range(400)]
    starts = set()
    for line in range(200, 200 + STEP):
        document = Document.of("\n".join(lines))
        at = document.line(line).end
        starts.add(_driven(window(document, Span(at, at), 300, 60)).first_line)
    assert len(starts) <= 2
    assert all(start % STEP == 0 for start in starts)
