"""Ghost text while a person types, shown only when it holds.

`complete.py` is the road from a cursor to a suggestion; `place.py` says where nothing is wanted and what is
(a line or a block), `prompt.py` what the model is shown, `filters/` what becomes of an answer, `again.py` what
can be answered without asking anew.
"""

from dovetail.features.inline_completion.again import Answers, rest_of
from dovetail.features.inline_completion.complete import (
    Knobs,
    Quiet,
    Suggestion,
    inline_completion,
    made_ready,
    still_holds,
)
from dovetail.features.inline_completion.place import is_deletion, next_line

__all__ = [
    "Answers",
    "Knobs",
    "Quiet",
    "Suggestion",
    "inline_completion",
    "is_deletion",
    "made_ready",
    "next_line",
    "rest_of",
    "still_holds",
]
