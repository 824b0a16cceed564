"""What a session counts."""

from __future__ import annotations

from dovetail.context.evidence import Evidence, Piece
from dovetail.lsp.statistics import Statistics
from dovetail.model.ask import Stats, Status


def test_tokens_are_counted_by_kind_and_section() -> None:
    pieces = (
        Piece("definition of f", "/a.py", 0, "named", 1.0, 30, "code"),
        Piece("text", "/b.py", 0, "near", 1.0, 200),
    )
    counted = Statistics()
    for _ in range(2):
        counted.spent("completion", Evidence("completion", "a model", pieces))
    counted.spent("fix", Evidence("fix", "", pieces))  # no model was asked
    assert counted.shown_tokens == {("completion", "code"): 60, ("completion", "task"): 400}
    assert "| completion | 0 | 60 | 400 |" in counted.markdown(Status("ready"), None, Stats())
