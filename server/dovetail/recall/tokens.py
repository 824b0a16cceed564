"""A text as a row of words and signs: what is compared is four bytes each, whatever they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from dovetail.text import differing

Numbers = NDArray[np.uint32]

TOKEN = re.compile(rb"\r?\n[ \t\r\n]*| ?[\w\x80-\xff]+| ?[^\w\s\x80-\xff]|[ \t]+|.", re.DOTALL)
"""A line end with the white space behind it; a word or a sign, with the space before it."""
LINE = crc32(b"\n")
"""Every line end is the same word: code is found again at another depth."""
NOTHING = 0
"""No word: what stands between two texts."""


class _Hashes(dict[bytes, int]):
    """The hash of each word that was seen; there are far fewer words than places."""

    MOST = 1 << 18

    def __missing__(self, word: bytes) -> int:
        if len(self) >= self.MOST:
            self.clear()
        found = LINE if word[0] in b"\r\n" else crc32(word) or 1
        self[word] = found
        return found


_hashes = _Hashes()


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The words and signs of a text: 8 bytes each, about two bytes for each byte of source."""

    hashes: Numbers
    starts: Numbers
    """Byte offsets."""

    @classmethod
    def of(cls, text: bytes) -> Tokens:
        """From scratch, about 8 MB/s."""
        found = TOKEN.findall(text)
        return cls(_hashed(found), _starts(found))

    def after(self, before: bytes, text: bytes) -> Tokens:
        """The words of `text`, told from those of `before`: costs what differs, and a copy of the numbers."""
        if before == text:
            return self
        gone, come = differing(before, text)
        shift = len(text) - len(before)
        # the word before the first difference may go on into it
        first = max(0, int(np.searchsorted(self.starts, gone.start, "left")) - 2)
        at = int(self.starts[first]) if first < len(self.starts) else 0
        last = int(np.searchsorted(self.starts, gone.end, "left"))
        differs = max(at, come.end)
        fresh = TOKEN.findall(text, at, differs)  # the last of them may be cut off there, so it is told again
        sure = differs - len(fresh.pop()) if fresh else at
        for match in TOKEN.finditer(text, sure):
            while last < len(self.starts) and int(self.starts[last]) + shift < match.start():
                last += 1
            if last < len(self.starts) and int(self.starts[last]) + shift == match.start():
                break  # from here on the words are those of before
            fresh.append(match.group())
        else:
            last = len(self.starts)
        tail = (self.starts[last:].astype(np.int64) + shift).astype(np.uint32)
        return Tokens(
            np.concatenate([self.hashes[:first], _hashed(fresh), self.hashes[last:]]),
            np.concatenate([self.starts[:first], _starts(fresh) + np.uint32(at), tail]),
        )


def hashes(words: list[bytes]) -> list[int]:
    """The same numbers as in `Tokens.hashes`."""
    return [_hashes[word] for word in words]


def _hashed(words: list[bytes]) -> Numbers:
    return np.fromiter(map(_hashes.__getitem__, words), np.uint32, len(words))


def _starts(words: list[bytes]) -> Numbers:
    sizes = np.fromiter(map(len, islice(words, max(0, len(words) - 1))), np.uint32, max(0, len(words) - 1))
    starts = np.zeros(len(words), np.uint32)
    np.cumsum(sizes, out=starts[1:])
    return starts
