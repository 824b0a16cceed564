"""What of a text is English, by a list of words and the endings that make others of them (`grammars/english`).

No dictionary: a word that is missing there is taken for a name, which costs a sentence and never lets one through.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from dovetail.syntax.language import grammars

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FRAGMENT = re.compile(
    r"[=+*/%^&|~\\]{2,}|(?<=\s)[=+*%^&|~\\-](?=\s)|[={}\[\]]|;(?!\s+\w)|:\s*[.!?]?$|[(,]\s*[.!?]?$|\(\s*\)\s*\("
    r"|\*|(?<!\w)#|(?<![A-Z])#(?!\w)|:(?=\w)(?<!::)(?!:)|^(?i:if|for|while|def|class|else|try|with|case)\b[^,]*:"
)
"""What stands in code and in no sentence."""
_EMPHASIS = re.compile(r"(?<!\w)\*(\w+)\*(?!\w)")
_MOST_TIMES = 3
"""How often one word that says something may come."""
_LONGEST_SALAD = 7
"""Words one after the other without one that joins them."""


@cache
def rules() -> Mapping[str, Any]:
    """What makes a sentence."""
    return tomllib.loads((grammars() / "english" / "prose.toml").read_text("utf-8"))


@cache
def _words() -> frozenset[str]:
    listed = (grammars() / "english" / "words.txt").read_text("utf-8").split()
    return frozenset([*listed, *rules()["frame"], *rules()["kinds"]])


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(rules()[name])


def one_of(word: str, which: str) -> bool:
    """Whether a word stands in one of the lists of `prose.toml`."""
    return word in _set(which)


def english(word: str) -> bool:
    """Whether a word, written small, is one of English as far as the list goes."""
    return len(word) == 1 and word in "ais" or _english(word.lower())


@cache
def stems(word: str) -> frozenset[str]:
    """The words that one may have been made of, without an e at the end: `closing` and `closed` are of `clos`."""
    return frozenset(form.rstrip("e") for form in _forms(word.lower()) if len(form) > 1)


@cache
def _english(word: str) -> bool:
    word = re.split("['’]", word)[0] if not word.endswith(("n't", "n’t")) else word[:-3]
    if len(word) < 2:
        return word in "ais"
    if any(form in _words() for form in _forms(word)):
        return True
    return any(
        word.startswith(begins) and any(len(form) > 2 and form in _words() for form in _forms(word[len(begins) :]))
        for begins in rules()["beginnings"]
    )


def _forms(word: str, depth: int = 1) -> Iterator[str]:
    """The words that a word may have been made of."""
    yield word
    for ending, instead in rules()["endings"]:
        if len(word) > len(ending) + 1 and word.endswith(ending):
            stem = word[: -len(ending)]
            yield from _forms(stem + instead, depth - 1) if depth else (stem + instead,)
            if len(stem) > 2 and stem[-1] == stem[-2]:
                yield stem[:-1]


def sentence_like(text: str) -> bool:
    """Whether words stand as in a sentence: joined, not repeated, none missing where one must come, no code."""
    text = _EMPHASIS.sub(r"\1", text)
    if not text.endswith(".") or _FRAGMENT.search(text) or text.count("(") != text.count(")") or text.count("`") % 2:
        return False
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < 3:
        return False
    if words[-1] in _set("no-end") or len(set(words)) <= 0.5 * len(words):
        return False
    for one, two in pairwise(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*|[.,;:]", text.lower())):
        if one in _set("before-noun") and two in _set("no-noun") and not (one == "of" and two in _set("joins")):
            return False
    said = [word for word in words if word not in _set("frame")]
    if len(set(said)) < 2 or any(said.count(word) > _MOST_TIMES for word in set(said)):
        return False
    run = longest = 0
    for word in words:
        run = 0 if word in _set("frame") else run + 1
        longest = max(longest, run)
    return longest <= _LONGEST_SALAD and (len(words) < 7 or len(said) < len(words))
