"""No key, password or token is written."""

from __future__ import annotations

import math
import re
from collections import Counter

from dovetail.model.ask import Finding
from dovetail.text import Change
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot

_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{40,}|\bglpat-[A-Za-z0-9_-]{18,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\b[rs]k_live_[A-Za-z0-9]{16,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{35}|\bhf_[A-Za-z]{30,}|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{40,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"
)
_ASSIGNED = re.compile(
    r"(?i)(?:passw(?:or)?d|secret|token|api_?key|access_?key|credential)s?[\"']?\s*[:=]\s*[bru]*[\"']([^\"'\s]{16,})[\"']"
)
_RANDOM = 3.5
"""Bits per character from which an assigned string reads like a key and not like words."""


def no_secrets(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """What the change adds holds nothing that looks like a secret."""
    texts = documents(before, after, path)
    if texts is None:
        return []
    found: list[Finding] = []
    for place, now, data in added(change, path):
        if is_secret(data.decode("utf-8", "replace")) and not is_secret(texts[0].text(place)):
            found.append(finding("SECRET", "it looks like a key or a password", texts[1], now.start, now.end))
    return found


def is_secret(text: str) -> bool:
    """True where something in the text looks like a key, a password or a token."""
    if _KNOWN.search(text):
        return True
    return any(_entropy(match.group(1)) >= _RANDOM for match in _ASSIGNED.finditer(text))


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
