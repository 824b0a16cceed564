"""Every place that names a symbol, for somebody who asked for them all: file after file, so that others go between."""

from __future__ import annotations

from dataclasses import dataclass, field

from dovetail.graph import Graph, Reference, Symbol
from dovetail.graph.references import References
from dovetail.model.ask import Checked, Stage, Steps

_MOST = 5_000
"""Places that are looked for."""
_PARSED = 200
"""Files whose text is read to know what an object is."""
_TOLD = 20
"""Files after which it is told how far the search is."""


@dataclass(slots=True)
class Places:
    """The places; and what was left out of them, in words for a person, "" where nothing was."""

    references: list[Reference] = field(default_factory=list[Reference])
    left_out: str = ""


def places(
    graph: Graph, symbol: Symbol, *, guessed: bool = True, most: int = _MOST, parsed: int = _PARSED
) -> Steps[Places]:
    """Who names a symbol. guessed: also where that is not certain."""
    looking, found = References(graph, symbol, guessed, parsed), Places()
    files = len(graph.mentioners.get(symbol.name, ()))
    for done, some in enumerate(looking.by_file()):
        found.references += some
        if len(found.references) >= most:
            del found.references[most:]
            found.left_out = f"{symbol.name} is named in more than {most} places; these are the first of them"
            return found
        yield Checked("references") if done % _TOLD else Stage("LOCATE", min(done, files), files)
    if looking.unread:
        found.left_out = (
            f"what {symbol.name} is called on was looked at in {parsed} files; in {len(looking.unread)} more "
            + ("it may be meant without being listed" if not guessed else "the places are guesses")
        )
    return found
