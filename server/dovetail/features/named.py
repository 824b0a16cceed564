"""What a sentence about code names: what can only be meant as a name, and what is no word of English.

Knows how names look in prose, in every language by the same rules; what a language adds stands in `names-in-prose` of
its `language.toml`. Does not know which names there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dovetail.features.english import english, one_of
from dovetail.syntax import Language

Sure = Literal["name", "quoted", "noun", "own", "word"]


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a sentence names."""

    parts: tuple[str, ...]
    """The parts of a path, in their order; one for a plain name."""
    sure: Sure
    """`name`: nothing else can be meant; `quoted`: a text may be meant as well; `noun`: a word of
    English that stands where a name does, as in "the retry function"; `own`: one that stands where something that
    the code itself names does, as in "the timeout argument"; `word`: a word that is no English."""
    text: str = ""
    """What stands between the quotes."""


ROLE = re.compile(r":[a-z]+(?::[a-z]+)?:~?(?=`)|(?<=`)[~.](?=\w)")
"""What a documentation tool of Python is told of the name behind it."""
_ORDER = re.compile(r"\bO\([^()]*\)")
_BACKTICKS = re.compile(r"`+([^`]*)`+")
_QUOTES = re.compile(r"\"([^\"]*)\"|“([^”]*)”|«([^»]*)»|(?<![\w'’])'([^']+)'(?!\w)|(?<![\w‘])‘([^’]*)’(?!\w)")
_SEPARATOR = r"(?:\?\.|\.|::|->|#|\\)"
_NAME = r"[^\W\d]\w*"
_PATH = re.compile(rf"(?<![\w.])[$@]*{_NAME}(?:{_SEPARATOR}[$@~]*{_NAME})+|(?<![\w.)])\.{_NAME}|[$@]+{_NAME}")
_CALLED = re.compile(rf"({_NAME})(?:\((?!(?:e?s|ies)\))|\s\(\s*\))")
_GIVEN = re.compile(rf"({_NAME})\s\([^()]*\)")
_PARTS = re.compile(_NAME)
_MEMBER = re.compile(
    rf"(?P<quote>`?)(?P<member>{_NAME})(?P=quote) (?P<kind>[a-z]+) of (?:the )?(?:class )?"
    rf"(?P<holds>`?)(?P<holder>{_NAME})(?P=holds)"
    rf"|(?<![\w`])`?(?P<owner>{_NAME})`?['’]s `?(?P<its>{_NAME})`? (?P<as>[a-z]+)"
)
_TOKEN = re.compile(r"[^\W\d]\w*(?:['’]\w+)?")
_FIGURES = re.compile(r"^[^\W\d_]+\d+\w*$")
_ADJECTIVES = ("ed", "ing", "able", "ible", "al", "ive", "ous", "ful", "less", "ic", "ent", "ant", "ary")
_OPENS = re.compile(r"(?:^|[.!?:;]|[-–—]\s)\s*[(“\"]?$")
"""What stands before a word that may be written with a capital."""


def mentions(sentence: str, language: Language | None) -> Iterator[Mention]:
    """All that a sentence names, best told first; a word of English is none."""
    sentence = ROLE.sub("", sentence)
    rest = _ORDER.sub(_blank, sentence)
    yield from _of_something(rest)
    for match in _BACKTICKS.finditer(rest):
        if not one_of(match.group(1), "acronyms"):
            yield from _in_code(match.group(1))
    rest = _BACKTICKS.sub(_blank, rest)
    for match in _QUOTES.finditer(rest):
        inside = next(group for group in match.groups() if group is not None)
        if len(inside.split()) > 1:
            yield from mentions(inside, language)
        elif parts := tuple(_PARTS.findall(inside)):
            yield Mention(parts, "quoted", inside)
    rest = _QUOTES.sub(_blank, rest)
    for pattern in language.settings.get("names-in-prose", ()) if language is not None else ():
        for match in re.finditer(pattern, rest):
            yield Mention(tuple(_PARTS.findall(match.group())), "name")
        rest = re.sub(pattern, _blank, rest)
    for match in _PATH.finditer(rest):
        if match.group() not in _abbreviations(rest, match):
            yield Mention(tuple(_PARTS.findall(match.group())), "name")
    rest = _PATH.sub(lambda match: " " * len(match.group()), rest)
    for match in _CALLED.finditer(rest):
        yield Mention((match.group(1),), "name")
    for match in _GIVEN.finditer(rest):
        if not english(match.group(1)):
            yield Mention((match.group(1),), "name")
    yield from _by_shape(rest)
    yield from _by_kind(rest)
    yield from _bare(rest)


def _of_something(text: str) -> Iterator[Mention]:
    """What is said to be a member: "the ship method of Order", "Order's ship method"."""
    for match in _MEMBER.finditer(text):
        holder, member = match["holder"] or match["owner"], match["member"] or match["its"]
        if not one_of(match["kind"] or match["as"], "callables") or holder.islower() and "_" not in holder:
            continue
        if one_of(holder, "proper") or one_of(holder, "acronyms"):
            continue
        if "_" in member or f"`{member}`" in text or _is_noun(member):
            yield Mention((holder, member), "name")


def _abbreviations(text: str, match: re.Match[str]) -> tuple[str, ...]:
    return (match.group(),) if one_of(match.group().lower(), "abbreviations") else ()


def _blank(match: re.Match[str]) -> str:
    """Something of the same length that names nothing and begins no sentence."""
    return "0" * len(match.group())


def _in_code(code: str) -> Iterator[Mention]:
    """Names between backticks: each, and each path."""
    for match in _QUOTES.finditer(code):
        inside = next(group for group in match.groups() if group is not None)
        if parts := tuple(_PARTS.findall(inside)):
            yield Mention(parts, "quoted", inside)
    bare = _QUOTES.sub(_blank, code)
    for match in _PATH.finditer(bare):
        yield Mention(tuple(_PARTS.findall(match.group())), "name")
    for name in _PARTS.findall(_PATH.sub(" ", bare)):
        yield Mention((name,), "name")


def _by_shape(text: str) -> Iterator[Mention]:
    """Words by how they are written."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        word = re.split("['’]", token)[0]
        before = text[: match.start()]
        if "_" in word:
            yield Mention((word,), "name")
        elif _FIGURES.match(word):
            if not one_of(word.lower(), "figures"):
                yield Mention((word,), "name")
        elif word.isupper() and len(word) > 1:
            if not one_of(word, "acronyms"):
                yield Mention((word,), "name")
        elif any(char.isupper() for char in word[1:]):
            plural = word.endswith("s") and one_of(word[:-1], "acronyms")
            if not plural and not one_of(word, "proper"):
                yield Mention((word,), "name")
        elif word[0].isupper() and not _OPENS.search(before):
            if not one_of(word, "proper"):
                yield Mention((word,), "name")
        elif not english(token.lower()) and not one_of(word, "proper"):
            yield Mention((word,), "word")


def _by_kind(text: str) -> Iterator[Mention]:
    """What stands beside a word such as "function" and does not merely qualify it."""
    words = _words(text)
    for number, word in enumerate(words):
        kind, before = word.lower(), words[number - 1] if number else ""
        after = words[number + 1] if number + 1 < len(words) else ""
        sure: Sure | None = "noun" if one_of(kind, "callables") else "own" if one_of(kind, "held") else None
        if sure and before.islower() and _is_noun(before) and not (sure == "own" and one_of(before, "before-held")):
            yield Mention((before,), sure)
        if sure and one_of(before.lower(), "determiners") and _is_alone(after) and not one_of(after, "behind-kinds"):
            if not one_of(after, "qualify"):
                yield Mention((after,), sure)
        if number + 2 < len(words) and one_of(kind, "kinds") and words[number + 1] in ("named", "called"):
            named = words[number + 2]
            if named[:1].isalpha() and not one_of(named.lower(), "frame"):
                yield Mention((named,), "name")


def _bare(text: str) -> Iterator[Mention]:
    """Words without an article where only something that has a name is called, taken or used."""
    words = _words(text)
    for number, word in enumerate(words[:-1]):
        before, at = word.lower(), number + 1
        handed = before == "to" and number and one_of(words[number - 1].lower(), "handing")
        if one_of(before, "taking") or one_of(before, "calling") or handed:
            while at < len(words) and _is_alone(words[at]) and _ends(words, at):
                yield Mention((words[at],), "own" if one_of(before, "taking") else "noun")
                at += 1
                while at < len(words) and words[at] in (",", "and", "or", "then"):
                    at += 1
        elif (one_of(before, "using") or one_of(before, "beside")) and _ends(words, at):
            parts = words[at].split("-")
            if one_of(words[at], "packages"):
                yield Mention((words[at],), "own")
            elif one_of(before, "using") and len(parts) > 1 and not any(one_of(part, "frame") for part in parts):
                yield Mention(("_".join(parts),), "own")


def _words(text: str) -> list[str]:
    return [match.group() for match in re.finditer(r"[^\W\d]\w*(?:[-'’]\w+)*|[^\w\s]", text)]


def _ends(words: list[str], at: int) -> bool:
    """Whether nothing stands behind a word that it could qualify, or that it could be done to."""
    after = words[at + 1] if at + 1 < len(words) else "."
    return not after[0].isalpha() or one_of(after, "frame") and not one_of(after, "determiners")


def _is_alone(word: str) -> bool:
    """Whether a word may be a name, and not only one of the frame, many of something or what is said of a noun."""
    return (
        word.isalpha() and word.islower() and not one_of(word, "frame") and not word.endswith(("s", "ly", *_ADJECTIVES))
    )


def _is_noun(word: str) -> bool:
    """Whether a word before "function" may be what the function is called: "retry", not "given"."""
    return (
        word.isalpha() and not one_of(word, "qualify") and not one_of(word, "frame") and not word.endswith(_ADJECTIVES)
    )
