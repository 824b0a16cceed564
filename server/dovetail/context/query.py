"""What is asked for: the words, names and files that an instruction, a diagnostic and a place in the code speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from dovetail.context.words import STOP, asked
from dovetail.context.words import names as words_of
from dovetail.world import Selection, Snapshot

Manner = Literal["title", "code", "quoted", "shaped", "plain", "place"]
"""How a name is said: in the first line, in code, between backticks, looking like code (`snake_case`, `Camel`,
`called(`), as a plain word, or by the place in the code."""

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)[ \t]*$", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.|In ?\[\d+\]:)[ \t]?(.*)$", re.MULTILINE)
_TICKS = re.compile(r"(?<!`)``?([^`\n]{1,80})``?(?!`)")
_TAG = re.compile(r"(?<![\w@])@((?:[\w.-]+/)*[\w.-]*\w)|(?<![\w#&])#([^\W\d][\w.]*)")
_PATH = re.compile(r"(?<![\w@./\\-])((?:[\w.~:-]*[/\\])*[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4})(?![\w/\\])")
_FRAME = re.compile(
    r"""^\s*File ["'](?P<path>[^"'\n]+)["'], line (?P<line>\d+)(?:, in (?P<name>[\w<>.]+))?""", re.MULTILINE
)
_DOTTED = re.compile(r"(?<![\w.])([^\W\d]\w*(?:\.[^\W\d]\w*)+)")
_CALLED = re.compile(r"([^\W\d]\w*)(?=\()")
_SHAPED = re.compile(r"_*[^\W_]+_\w*|_\w+|[A-Z]+[a-z0-9]+[A-Z]\w*|[a-z0-9]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*")


@dataclass(frozen=True, slots=True)
class Query:
    """What a question speaks of. Dictionaries keep the order of the text."""

    tagged_paths: tuple[str, ...] = ()
    """`@file`."""
    tagged_names: tuple[str, ...] = ()
    """`#symbol`."""
    paths: tuple[str, ...] = ()
    """Files that are mentioned, as written, slashes forward."""
    frames: tuple[tuple[str, str], ...] = ()
    """(path, function) of a stack trace, the innermost last."""
    dotted: tuple[str, ...] = ()
    """`package.module.name`."""
    names: dict[str, Manner] = field(default_factory=dict[str, Manner])
    """Names, each with the most telling manner in which it is said."""
    words: dict[str, int] = field(default_factory=dict[str, int])
    """What everything that is said is compared by, with how often it is said (`words.asked`)."""
    subject: dict[str, int] = field(default_factory=dict[str, int])
    """The same of the first line alone."""

    @classmethod
    def of(cls, text: str) -> Query:
        """Read an instruction, an issue, a message."""
        text = text.replace("\r\n", "\n")
        tagged = [(m.group(1), m.group(2)) for m in _TAG.finditer(text)]
        title = text.lstrip().split("\n", 1)[0]
        code = "\n".join([*_FENCE.findall(text), *_PROMPT.findall(_FENCE.sub("", text))])
        frames = tuple((_slashed(m["path"]), m["name"] or "") for m in _FRAME.finditer(text))
        prose = _FRAME.sub("", text)
        names: dict[str, Manner] = {}
        manners: list[tuple[Manner, Iterable[str]]] = [
            ("quoted", (n for tick in _TICKS.findall(_FENCE.sub("", text)) for n in words_of(tick))),
            ("shaped", [*_SHAPED.findall(prose), *_CALLED.findall(prose)]),
            ("code", words_of(code)),
            ("plain", words_of(prose)),
        ]
        for manner, said in manners:
            for name in said:
                names.setdefault(name, manner)
        for name in words_of(title):
            if names.get(name) != "plain":
                names[name] = "title"
        for _, name in tagged:
            for part in name.split(".") if name else ():
                names[part] = "quoted"
        for _, name in frames:
            names.setdefault(name, "code")
        return cls(
            tuple(dict.fromkeys(path for path, _ in tagged if path)),
            tuple(dict.fromkeys(name for _, name in tagged if name)),
            tuple(dict.fromkeys(_slashed(m.group(1)) for m in _PATH.finditer(prose))),
            frames,
            tuple(dict.fromkeys(_DOTTED.findall(prose))),
            {name: manner for name, manner in names.items() if name.lower() not in STOP and len(name) > 1},
            asked(words_of(text)),
            asked(words_of(title)),
        )

    @classmethod
    def here(cls, snapshot: Snapshot, at: Selection, messages: Iterable[str] = ()) -> Query:
        """What a place speaks of: the name under the cursor, the signature around it, what a diagnostic says."""
        found = snapshot.graph.at(at.path, at.offset)
        symbols = list(found.symbols[:1]) if found.how == "resolved" else []
        around = snapshot.graph.enclosing(at.path, at.offset)
        told = [*messages, *(f"{s.qualified} {s.doc.split(chr(10), 1)[0]}" for s in symbols)]
        if around is not None:
            told.append(around.signature)
        query = cls.of("\n".join(told))
        for symbol in (*symbols, *([around] if around is not None else [])):
            query.names[symbol.name] = "place"
        return query

    def joined(self, other: Query) -> Query:
        """Both questions at once; a name keeps the first's manner."""
        return Query(
            _both(self.tagged_paths, other.tagged_paths),
            _both(self.tagged_names, other.tagged_names),
            _both(self.paths, other.paths),
            tuple(dict.fromkeys((*self.frames, *other.frames))),
            _both(self.dotted, other.dotted),
            {**other.names, **self.names},
            _sum(self.words, other.words),
            _sum(self.subject, other.subject),
        )


def _both(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *two)))


def _slashed(path: str) -> str:
    return path.replace("\\", "/")


def _sum(one: dict[str, int], two: dict[str, int]) -> dict[str, int]:
    return {word: one.get(word, 0) + two.get(word, 0) for word in (*one, *two)}
