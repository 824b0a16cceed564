"""Where a name is written inside of a text, and what such a text is to the language.

Knows syntax alone: what the name means there, and whether it is the one that is looked for, others tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from dovetail.graph.scopes import text_of
from dovetail.syntax import Language, Tree, language_for
from dovetail.text import Span
from dovetail.world import File, Snapshot

QUERY = "rename"
How = Literal["export", "slot", "type", "looked", "given", "text"]
"""A list of what a file gives away, of what a class has; code that names a type; what is looked up by a name; an
argument of any call; any other text."""
_WHOLE: tuple[tuple[str, How], ...] = (
    ("exported", "export"), ("slot", "slot"), ("looked", "looked"), ("given", "given"), ("text", "text"),
)  # fmt: skip


class Text(NamedTuple):
    """A name inside of a text."""

    span: Span
    before: str
    """What stands before it, with the dot; "" where nothing does."""
    how: How


def naming(snapshot: Snapshot, language: Language, name: str, pattern: re.Pattern[bytes]) -> Iterator[File | None]:
    """The files of a language whose text holds a name and a pattern, as far as their text is at hand.

    None now and then, where others may go first.
    """
    word = name.encode()
    for path in sorted({*snapshot.files, *snapshot.texts}):
        file = snapshot.file(path)
        data = file.document.data if file is not None else snapshot.texts[path]
        if word not in data:  # several times as fast as any pattern
            continue
        own = file.language if file is not None else language_for(path)
        if own is not None and own.name == language.name and pattern.search(data):
            opened = snapshot.opened(path)
            if opened is not None and opened.files[path].tree is not None:
                yield opened.files[path]
        else:
            yield None


def quoting(name: str) -> re.Pattern[bytes]:
    """What a file holds that writes a name inside of a text."""
    return re.compile(rb"""["'][^"'\n]*\b""" + re.escape(name.encode()) + rb"\b")


def texts(tree: Tree, name: str) -> list[Text]:
    """Where a text of a file names it, in order; of what is no code only where it is all that the text says."""
    captures = tree.captures(QUERY)
    typed, untyped = ([Span(n.start_byte, n.end_byte) for n in captures.get(kind, ())] for kind in ("typed", "untyped"))
    found: dict[int, Text] = {}
    for capture, how in _WHOLE:
        for node in captures.get(capture, ()):
            said, start = text_of(node), node.start_byte
            if name not in said or node.named_child_count:
                continue
            here = Span(start, node.end_byte)
            code = any(one.holds(here) for one in typed) and not any(one.holds(here) for one in untyped)
            pattern = rf"""(?<![\w.'"])(?P<before>(?:\w+\s*\.\s*)*)(?P<name>{re.escape(name)})(?![\w'"])"""
            for match in re.finditer(pattern, said):
                if not code and len(match.group()) != len(said):
                    continue
                at = start + len(said[: match.start("name")].encode())
                before = re.sub(r"\s", "", match["before"])
                text = Text(Span(at, at + len(name.encode())), before, "type" if code else how)
                found.setdefault(at, text)
    return [found[at] for at in sorted(found)]
