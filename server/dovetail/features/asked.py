"""A sentence as an action at a place: what it wants, what it is about, what must be said first.

The same for the terminal, a script and an editor; who asks opens the file and does it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dovetail.features.actions import Request, actions
from dovetail.features.english import english
from dovetail.features.follow_up import Act, follow_up, is_follow_up
from dovetail.features.intent import Here, Intent, Question, named, understand, vague, words
from dovetail.features.references import places as naming_places
from dovetail.features.subject import subject, test_meant
from dovetail.graph import by_caller
from dovetail.model.ask import ModelInfo, Stage, Steps
from dovetail.syntax import language_for
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

NO_ACTION = "Dovetail reads and edits code with you; it runs no commands, reaches no network and does not chat"
_UNDO = (
    "what was applied last is taken back by `dovetail undo`, or by the command “undo the last action” of your editor"
)
_ABOUT = ("function", "method", "class", "interface", "enum", "type")
_ABOUT_A_NAME = re.compile(
    r"`(?P<quoted>[^\W\d][\w.]*)`"
    r"|\b(?:to|of|for|function|method|class|explain|document|annotate|simplify|implement|validate|fix|test) "
    r"(?:the |function |method |class )*(?P<name>[^\W\d][\w.]*\w|[^\W\d])(?P<called>\(\))?(?=[.!?]?$| in | with )",
    re.IGNORECASE,
)
"""Where a sentence says what it is about."""
_NAMES = 8
"""Names that a question lists."""
_MOST = 20
"""Definitions of a word that a search tells, and of each as many callers and places."""
_NAMING = 500
"""Places of one definition that are looked for."""
_PARSED = 24
"""Files whose text is read for them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done."""

    kind: str
    action: str
    """The name of an action; "" for a search."""
    at: Selection | None = None
    data: tuple[tuple[str, str], ...] = ()


def asked(
    sentence: str, snapshot: Snapshot, path: str, span: Span | None, model: ModelInfo | None, last: Act | None
) -> Steps[Asked | Question]:
    """path: the file that it was asked in, "" where none was said; span: the place in it, None where none was."""
    if is_follow_up(sentence):
        here = Selection(path or (last.path if last else ""), span or Span(0, 0))
        again = follow_up(sentence, last, snapshot, here)
        return again if isinstance(again, Question) else Asked("", again.action, again.at)
    place, doubt = _place(sentence, snapshot, path, span)
    said = yield from understand(sentence, _here(snapshot, place, span), model)
    if isinstance(said, Question):
        return said
    if said.kind == "search":
        return Asked(said.kind, "", place)
    if said.data and span is None:  # the new name or parameter is not what it is about
        place, doubt = _place(_without(sentence, [each for _, each in said.data]), snapshot, path, span)
    if not any(action.name == said.action for action in actions()):
        if said.kind == "refuse":
            return Question(_UNDO if said.action == "undo" else NO_ACTION)
        return Question(f"understood as “{said.action or said.kind}”: no action does that")
    if said.action == "fix_test" and (told := dict(said.data).get("test")):
        test = test_meant(told, snapshot, path)
        if isinstance(test, Question):
            return test
        said, doubt = replace(said, data=()), None
        place = Selection(test.path, Span(test.name_span.start, test.name_span.start))
    if doubt is not None:
        return doubt
    if place is None:
        return Question("in which file? Name a function, a class or a file that this project has, or say FILE")
    if path and (not_there := _absent(sentence, snapshot, place, said, span)):
        return Question(not_there)
    if span is not None and not len(span) and not said.data:
        named_there = _said_to_be(sentence, snapshot, place)
        if isinstance(named_there, Question):
            return named_there
        place = named_there
    return Asked(said.kind, said.action, place, said.data)


def places(sentence: str, snapshot: Snapshot) -> Steps[list[str]]:
    """Where the names of a sentence are defined, who calls them, where they are named, a line each, from the graph.

    Asks nobody; it only lets others go first, since a name may stand in a thousand files.
    """
    graph = snapshot.graph
    found: list[str] = []
    for word in dict.fromkeys(words(sentence)):
        symbols = graph.named(word.removesuffix("()"), _MOST)
        for done, symbol in enumerate(symbols):
            yield Stage("LOCATE", done, len(symbols))
            found.append(f"{symbol.kind} {symbol.qualified}  {_at(snapshot, symbol.path, symbol.name_span.start)}")
            naming = yield from naming_places(graph, symbol, guessed=False, most=_NAMING, parsed=_PARSED)
            if callers := list(dict.fromkeys(caller.qualified for caller, _ in by_caller(naming.references))):
                found.append(f"    called by {_first(callers)}")
            named_in = sorted((each.path, each.span.start) for each in naming.references)
            if shown := list(dict.fromkeys(_at(snapshot, *each) for each in named_in)):
                found.append(f"    named in {_first(shown)}")
    return found


def _first(listed: list[str]) -> str:
    rest = len(listed) - _MOST
    return f"{', '.join(listed[:_MOST])}{f' and {rest} more' if rest > 0 else ''}"


def _at(snapshot: Snapshot, path: str, offset: int) -> str:
    """A place as a person reads it; without the line where the text is not at hand."""
    there = snapshot.opened(path)
    line = there.files[path].document.line_at(offset) + 1 if there else 0
    return f"{path.removeprefix(f'{snapshot.root_of(path)}/')}{f':{line}' * bool(line)}"


def _without(sentence: str, said: Sequence[str]) -> str:
    """A sentence without some words of it, each once: the last time that it stands there."""
    for each in said:
        *_, last = (None, *re.finditer(rf"(?<!\w){re.escape(each)}(?!\w)", sentence))
        sentence = f"{sentence[: last.start()]}…{sentence[last.end() :]}" if last else sentence
    return sentence


def _place(sentence: str, snapshot: Snapshot, path: str, span: Span | None) -> tuple[Selection | None, Question | None]:
    """The place that was given; without one what the sentence names: of the file, else of the project."""
    if path and span is not None:
        return Selection(path, span), None
    if path:
        about = named(sentence, snapshot.graph.symbols(path))
        start = about.name_span.start if about is not None else 0
        return Selection(path, Span(start, start)), None
    found = subject(sentence, snapshot)
    if isinstance(found, Question):
        return None, found
    return (Selection(found.path, found.at or Span(0, 0)) if found else None), None


def _absent(sentence: str, snapshot: Snapshot, place: Selection, said: Intent, span: Span | None) -> str:
    """What to ask back where a sentence names what its file does not have, or nothing and nobody points at a place."""
    graph, path = snapshot.graph, place.path
    own = graph.symbols(path)
    if named(sentence, own) is not None:
        return ""
    name, file = _missing(sentence, snapshot, path, said, sure=span is not None), path.rsplit("/", 1)[-1]
    if not name and span is not None:
        return ""
    listed = list(dict.fromkeys(one.qualified for one in own if one.kind in _ABOUT))
    has = f"it has {', '.join(listed[:_NAMES])}{' …' * (len(listed) > _NAMES)}" if listed else "it defines nothing"
    if not name:
        return f"what of {file}? Name it, or say FILE:LINE; {has}"
    others = [one for one in graph.named(name.rsplit(".", 1)[-1], _NAMES) if name in (one.name, one.qualified)]
    if others:
        where = dict.fromkeys(one.path.removeprefix(f"{snapshot.root_of(one.path)}/") for one in others)
        return f"there is no {name} in {file}, it is in {', '.join(where)}: ask there"
    return f"there is no {name} in {file}; {has}"


def _said_to_be(sentence: str, snapshot: Snapshot, cursor: Selection) -> Selection | Question:
    """The place of the name that a sentence says it is about, where its file has that; else where the cursor is."""
    said = [match["quoted"] or match["name"] for match in _ABOUT_A_NAME.finditer(" ".join(sentence.split()))]
    own = [one for one in snapshot.graph.symbols(cursor.path) if one.kind in _ABOUT]
    found = [one for one in own if said and said[0] in (one.name, one.qualified)]
    around = next((one for one in found if one.span.holds(cursor.span)), None)
    if around is None and len(found) > 1:
        return Question(f"which one: {', '.join(one.qualified for one in found)}?")
    if around is not None or not found:
        return cursor
    return Selection(cursor.path, Span(found[0].name_span.start, found[0].name_span.start))


def _missing(sentence: str, snapshot: Snapshot, path: str, said: Intent, *, sure: bool) -> str:
    """A name that a sentence is about and that its file does not have; sure: one that can be no word of English."""
    facts = snapshot.graph.files.get(path)
    language = language_for(path)
    known = {word for _, value in said.data for word in re.findall(r"\w+", value)}
    known |= (facts.bound if facts else set()) | (language.builtins if language else set())
    known.update(*(item.mentioned for _, item, _ in facts) if facts else ())
    for match in _ABOUT_A_NAME.finditer(" ".join(sentence.split())):
        name = match["quoted"] or match["name"]
        if name.rsplit(".", 1)[-1] in known or vague(name) or f"{name}.".startswith(f"{path.rsplit('/', 1)[-1]}."):
            continue
        if match["quoted"] or match["called"] or not (sure and english(name)):
            return name
    return ""


def _here(snapshot: Snapshot, place: Selection | None, span: Span | None) -> Here:
    there = snapshot.opened(place.path) if place else None
    if place is None or there is None:
        return Here(symbol=place is not None)
    fix = next(action for action in actions() if action.name == "fix")
    return Here(
        finding=bool(fix.offer(there, Request(place))),
        symbol=bool(there.graph.at(place.path, place.offset)),
        selection=span is not None and len(span) > 0,
    )
