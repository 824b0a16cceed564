"""No key, password or token is written."""

from __future__ import annotations

from dovetail.model.ask import Finding
from dovetail.text import Change
from dovetail.text.keys import holds_key
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot


def no_secrets(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """What the change adds holds nothing that looks like a secret."""
    texts = documents(before, after, path)
    if texts is None:
        return []
    found: list[Finding] = []
    for place, now, data in added(change, path):
        if holds_key(data.decode("utf-8", "replace")) and not holds_key(texts[0].text(place)):
            found.append(finding("SECRET", "it looks like a key or a password", texts[1], now.start, now.end))
    return found
