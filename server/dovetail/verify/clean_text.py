"""Nothing invisible, misleading or meant for a machine is added."""

from __future__ import annotations

import re
import unicodedata

from dovetail.model.ask import Finding
from dovetail.text import Change
from dovetail.verify.promise import added, documents, finding
from dovetail.world import Snapshot

LONGEST_LINE = 2000
"""Characters."""
LONGEST_GAP = 80
"""Spaces inside a line: what hides code outside the window."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1; \r is dealt with as a line end
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ue000-\uf8ff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Bidirectional controls, zero-width, fillers, tags, variation selectors, private use, separators."""
_CONTROL_TOKEN = re.compile(
    r"<\|[A-Za-z][A-Za-z0-9_-]*\|>|<｜[^｜\n]{1,40}｜>|</?fim_[a-z]+>|<(?:PRE|SUF|MID|EOT)>"
    r"|<(?:reponame|filename|gh_stars|endoftext|repo_name|file_sep|jupyter_[a-z]+)>|\[/?INST\]|<</?SYS>>"
)
_GAP = re.compile(rf"\S[ \t\u00a0\u2000-\u200a\u3000]{{{LONGEST_GAP + 1},}}\S")
_WORD = re.compile(r"[^\W\d]\w*")
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "GEORGIAN", "HEBREW", "ARABIC")
"""Scripts whose letters look alike or that read the other way; Chinese, Japanese and Korean mix freely."""


def clean_text(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """What the change adds is text that a person can see as it is.

    What stood in the replaced range already may stand there again.
    """
    texts = documents(before, after, path)
    if texts is None:
        return []
    old, new = texts
    found: list[Finding] = []
    for place, now, data in added(change, path):
        was = old.text(place)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return [finding("TEXT", "the new text is not valid UTF-8", new, now.start, now.end)]
        first, last = new.line_at(now.start), new.line_at(now.end)
        reason = unclean(text, was)
        if not reason and any(len(new.text(new.line(n))) > LONGEST_LINE for n in range(first, last + 1)):
            if not any(
                len(old.text(old.line(n))) > LONGEST_LINE
                for n in range(old.line_at(place.start), old.line_at(place.end) + 1)
            ):
                reason = f"a line is longer than {LONGEST_LINE} characters"
        if reason:
            found.append(finding("TEXT", reason, new, now.start, now.end))
    return found


def unclean(text: str, was: str = "") -> str:
    """Why a text may not be shown, "" where it may. `was`: what it replaces."""
    for match in _HIDDEN.finditer(text.replace("\r\n", "\n").replace("\r", "\n")):
        if text.count(match.group()) > was.count(match.group()):
            return f"it holds the invisible or control character U+{ord(match.group()):04X}"
    for match in _CONTROL_TOKEN.finditer(text):
        if match.group() not in was:
            return f"it holds {match.group()}, which is a model's control token"
    if _GAP.search(text) and not _GAP.search(was):
        return f"it holds a run of more than {LONGEST_GAP} spaces inside a line"
    if text.isascii():
        return ""
    for word in set(_WORD.findall(text)) - set(_WORD.findall(was)):
        if word.isascii():
            continue
        if unicodedata.normalize("NFKC", word) != word:
            return f"{word!r} is another name than it looks like"
        scripts = {_script(char) for char in word if char.isalpha()}
        if len(scripts.intersection(_ALPHABETS)) > 1:
            return f"{word!r} mixes scripts"
    return ""


def _script(char: str) -> str:
    return unicodedata.name(char, "?").split(" ", 1)[0].split("-", 1)[0]
