"""What is on the screen need not be said again."""

from __future__ import annotations

from dovetail.features.inline_completion.filters.draft import Draft, Refusal

_SHORT = 3
"""Characters of a line that may stand anywhere: brackets, quotes."""
_AROUND = 20
"""Lines in which two or more in a row count as said already."""


def echo(draft: Draft) -> str | Refusal:
    """The line above or one of the next two; or several lines that stand near in a row."""
    lines = draft.text.split("\n")
    whole = [(draft.head + lines[0]).strip(), *(line.strip() for line in lines[1:])]
    above, below = draft.near(_AROUND, _AROUND)
    if len(whole[0]) > _SHORT and whole[0] in (*above[-1:], *below[:2]):
        return Refusal("it repeats what is on the screen")
    said = [line for line in whole if line]
    if len(said) > 1 and sum(map(len, said)) > 20:
        for near in (above, below):
            for first in range(len(near) - len(said) + 1):
                if near[first : first + len(said)] == said:
                    return Refusal("it repeats what is on the screen")
    return draft.text
