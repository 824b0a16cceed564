"""Where nothing is wanted, and what is wanted where something is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dovetail.syntax import Node
from dovetail.text import Document, Span
from dovetail.world import File, Selection

RIGHT_OF_CURSOR = 8
"""More characters than these right of the cursor, and nobody wants ghost text between (Tabby's rule)."""
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {close: open for open, close in _OPENING.items()}
_BRACKET = re.compile(rb"[()\[\]{}]")
_REACH = 4000
"""Bytes around the cursor in which brackets are paired."""


def not_here(file: File | None, at: Selection, *, invoked: bool, strings: bool, comments: bool) -> str:
    """Why nothing is suggested here; "" where something may be."""
    if file is None:
        return "the file is not open"
    if file.text_only:
        return f"this file {file.text_only}"
    if file.language is None or file.tree is None:
        return "there is no grammar for this kind of file, so nothing could be verified"
    if invoked:
        return ""
    rest = file.document.text(Span(at.span.end, file.document.line(file.document.line_at(at.span.end)).end))
    if len(rest.strip()) > RIGHT_OF_CURSOR and not closes(rest):
        return f"more than {RIGHT_OF_CURSOR} characters stand right of the cursor"
    if not comments and inside(file, at.offset, "comment"):
        return "suggestions in comments are switched off"
    if not strings and inside(file, at.offset, "string"):
        return "suggestions in strings are switched off"
    return ""


def closes(rest: str) -> bool:
    """True where what stands right of the cursor only ends what was begun."""
    return not rest.strip().strip(")]}\"'`,:;")


def inside(file: File, offset: int, what: str) -> bool:
    """Whether the cursor lies in a node of such a name: grammars call theirs `comment`, `line_comment`, `string` …"""
    if file.tree is None or offset == 0:
        return False
    node: Node | None = file.tree.node_at(Span(offset - 1, offset))
    while node is not None:
        if what in node.type and node.start_byte < offset:
            # behind the closing quote one is outside; a comment goes on to the end of its line
            last = file.document.data[offset - 1 : offset]
            return offset < node.end_byte or what == "comment" or last not in b"\"'`"
        node = node.parent
    return False


def wants_block(file: File, offset: int) -> bool:
    """True in an empty body: only white space on this line, below a line that opens a block and has none yet."""
    assert file.language is not None
    opener = file.language.settings.get("opens-block")
    document = file.document
    line = document.line_at(offset)
    if not opener or document.slice(document.line(line)).strip():
        return False
    above = _line_with_text(document, line, -1)
    if above is None or not document.text(document.line(above)).rstrip().endswith(opener):
        return False
    end = document.start_of(above) + len(document.slice(document.line(above)).rstrip())
    open_before, _ = brackets(file, end - len(opener.encode()))
    if open_before and open_before[-1] != "{":
        return False  # inside of a call or a list
    if opener == ":" and open_before:
        return False  # inside of a dictionary
    below = _line_with_text(document, line, 1)
    return below is None or _indent(document, below) <= _indent(document, above)


def brackets(file: File, offset: int) -> tuple[list[str], list[str]]:
    """Brackets that are open at a place, outermost first, and the closing ones behind it that belong to such.

    Told from the tree, so that strings and comments do not count.
    """
    if file.tree is None:
        return [], []
    opened: list[str] = []
    closing: list[str] = []
    depth: list[str] = []
    for node in _signs(file, Span(max(0, offset - _REACH), offset + _REACH)):
        sign = node.type
        if node.start_byte < offset:
            if sign in _OPENING:
                opened.append(sign)
            elif opened and opened[-1] == _CLOSING[sign]:
                opened.pop()
        elif sign in _OPENING:
            depth.append(sign)
        elif depth and depth[-1] == _CLOSING[sign]:
            depth.pop()
        else:
            closing.append(sign)
    return opened, closing


def _signs(file: File, within: Span) -> Iterator[Node]:
    """Brackets in a part of the text, in its order: those that the grammar takes for such."""
    assert file.tree is not None
    for match in _BRACKET.finditer(file.document.data, within.start, min(within.end, len(file.document))):
        node = file.tree.node_at(Span(match.start(), match.end()))
        if node.child_count == 0 and node.start_byte == match.start() and node.type == match.group().decode():
            yield node


def is_deletion(before: Document, after: Document, offset: int) -> bool:
    """Whether the last thing was to take back something before the cursor: nobody wants it offered again at once."""
    gone = len(before) - len(after)
    if gone <= 0:
        return False
    return before.data[:offset] == after.data[:offset] and before.data[offset + gone :] == after.data[offset:]


def next_line(document: Document, file: File, offset: int) -> str:
    """What a person's editor writes for a new line behind `offset`: a line end and an indentation."""
    assert file.language is not None
    line = document.line_at(offset)
    text = document.text(Span(document.start_of(line), offset))
    indent = text[: len(text) - len(text.lstrip())]
    opener = file.language.settings.get("opens-block")
    if opener and text.rstrip().endswith(opener):
        indent += "\t" if "\t" in indent else " " * (_unit(document) or 4)
    return document.newline().decode() + indent


def _unit(document: Document) -> int:
    """By how many spaces the first indented line is."""
    for line in range(min(document.lines, 400)):
        if indent := _indent(document, line):
            return indent if indent <= 8 else 0
    return 0


def _line_with_text(document: Document, line: int, step: int) -> int | None:
    line += step
    while 0 <= line < document.lines:
        if document.slice(document.line(line)).strip():
            return line
        line += step
    return None


def _indent(document: Document, line: int) -> int:
    text = document.text(document.line(line))
    return len(text) - len(text.lstrip()) if text.strip() else 0
