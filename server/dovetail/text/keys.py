"""What in a text looks like a key, a password or a token."""

from __future__ import annotations

import math
import re
from collections import Counter

_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\]*-----END [A-Z ]*PRIVATE KEY-----)?"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{40,}|\bglpat-[A-Za-z0-9_-]{18,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\b[rs]k_live_[A-Za-z0-9]{16,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{35}|\bhf_[A-Za-z]{30,}|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{40,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"
)
_ASSIGNED = re.compile(
    r"(?i)(?:passw(?:or)?d|secret|token|api_?key|access_?key|credential)s?[\"']?\s*[:=]\s*[bru]*[\"']([^\"'\s]{16,})[\"']"
)
_SIGNS = ("PRIVATE KEY", "AKIA", "ASIA", "gh", "glpat-", "sk-", "k_live_", "xox", "AIza", "hf_", "npm_", "pypi-", "eyJ")
"""One of them stands in whatever `_KNOWN` finds: looking for a string is a hundred times as fast."""
_LONG = re.compile(r"""["'][^"'\s]{16,}["']""")
_RANDOM = 3.5
"""Bits per character from which an assigned string reads like a key and not like words."""
_KEPT = 4
"""Characters that say what kind of a key it is."""


def holds_key(text: str) -> bool:
    """True where something in the text looks like a key, a password or a token."""
    return without_keys(text) != text


def without_keys(text: str) -> str:
    """The text with `x` in place of what looks like a key; as long as before."""
    if any(sign in text for sign in _SIGNS):
        text = _KNOWN.sub(lambda found: _covered(found, 0), text)
    if _LONG.search(text):
        text = _ASSIGNED.sub(lambda found: _covered(found, 1) if _is_random(found[1]) else found[0], text)
    return text


def _covered(found: re.Match[str], group: int) -> str:
    start, end = (at - found.start() for at in found.span(group))
    return found[0][: start + _KEPT] + "x" * (end - start - _KEPT) + found[0][end:]


def _is_random(text: str) -> bool:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) >= _RANDOM
