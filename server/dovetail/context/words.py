"""Words as a lexical search compares them: the parts of identifiers and each identifier as a whole, lower case.

`parse_HTTPHeader` says "parse", "http", "header" and "=parse_httpheader": a sentence about parsing headers meets
it, and one that names it meets it twice. A word is kept as a number (CRC-32 of its letters), the same in every
process and four bytes long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

_NAME = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]+|\d+")
_SHORTEST = 2
_LONGEST = 60
"""Letters of a name; what is longer is data."""

_STOP_WORDS = """
    a about after all also am an and any are as at be because been before being both but by can cannot could
    did do does doing done down each else even every few for from get gets give given got had has have having
    he her here how if in instead into is isn it its itself just know let like made make makes many may maybe
    me more most much must my need new no nor not now of off on once one only or other our out over own same
    see seem seems she should since so some still such take than that the their them then there these they
    thing this those through to too try trying two under until up use used uses using very want was way we
    well were what when where whether which while who why will with without work works would you your
"""
STOP = frozenset(_STOP_WORDS.split())
"""Words that say nothing of code."""


def names(text: str) -> list[str]:
    """The identifiers and plain words of a text, in its order."""
    return _NAME.findall(text)


@lru_cache(maxsize=1 << 18)
def words(name: str) -> tuple[str, ...]:
    """What an identifier or a plain word is compared by."""
    if len(name) > _LONGEST:
        return ()
    parts = tuple(part.lower() for part in _PART.findall(name) if len(part) >= _SHORTEST)
    return (*parts, f"={name.lower()}") if len(parts) > 1 else parts


@lru_cache(maxsize=1 << 18)
def numbers(name: str) -> tuple[int, ...]:
    """`words`, each as its number."""
    return tuple(number(word) for word in words(name))


def number(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


def asked(said: Iterable[str]) -> dict[str, int]:
    """The words of names, each with how often it is said; stop words left out."""
    found: dict[str, int] = {}
    for name in said:
        for word in words(name):
            if word not in STOP:
                found[word] = found.get(word, 0) + 1
    return found
