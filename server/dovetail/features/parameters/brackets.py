"""A thing comes into a list in brackets or goes out of it; comments of others stay, and how its lines are laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dovetail.features.parameters.plan import RULES, Planned
from dovetail.syntax import Node
from dovetail.text import Span
from dovetail.world import File


def insert(plan: Planned, file: File, top: Node, before: Sequence[Node], last: Node | None, text: str) -> None:
    """Put one more thing into a list in brackets, behind `before` and in front of `last`, in the list's own lines."""
    document = file.document
    if before:
        node = before[-1]
        alone = document.line_at(node.start_byte) != document.line_at(top.start_byte)
        alone &= len(before) < 2 or document.line_at(before[-2].end_byte) != document.line_at(node.start_byte)
        gap = " "
        if alone:
            start, first = document.start_of(document.line_at(node.start_byte)), node
            while (lead := first.prev_sibling) is not None and lead.is_extra and lead.start_byte >= start:
                first = lead  # what is said of it in front of it
            head = document.text(Span(start, first.start_byte))
            gap = document.newline().decode() + head if not head.strip() else " "
        said = remark(file, node)
        if said is None or not gap.strip(" "):
            plan.put(file.path, Span(node.end_byte, node.end_byte), f",{gap}{text}")
            return
        comma = any(one.type == "," and one.end_byte <= said.start_byte for one in behind(node))
        if not comma:
            plan.put(file.path, Span(node.end_byte, node.end_byte), ",")
        plan.put(file.path, Span(said.end_byte, said.end_byte), f"{gap}{text}{',' * comma}")
    elif last is not None:
        plan.put(file.path, Span(last.start_byte, last.start_byte), f"{text}, ")
    else:
        plan.put(file.path, Span(top.start_byte + 1, top.start_byte + 1), text)


def behind(node: Node) -> Iterator[Node]:
    while (following := node.next_sibling) is not None:
        yield following
        node = following


def remark(file: File, node: Node) -> Node | None:
    """The comment behind a thing in a list, on the line where that ends."""
    line = file.document.line_at(node.end_byte)
    for one in behind(node):
        if file.document.line_at(one.start_byte) != line or not (one.is_extra or one.type == ","):
            return None
        if one.is_extra:
            return one
    return None


def _drop_beside(file: File, before: Sequence[Node], first: Node, last: Node, after: Sequence[Node]) -> list[Span]:
    """What to take out of a list where comments stand around it, [] where none do: those of others stay."""
    document = file.document
    comma = next((one for one in behind(last) if one.type == ","), None)
    line = document.start_of(document.line_at(first.start_byte))
    alone = not document.text(Span(line, first.start_byte)).strip()
    said = remark(file, last)
    if said is not None:
        inside = comma is not None and said.end_byte <= comma.start_byte
        others = bool(before) and before[-1].end_byte > line and not inside
        next_to = after and document.line_at(after[0].start_byte) == document.line_at(said.end_byte)
        if others or (next_to and comma is not None and comma.end_byte <= said.start_byte):
            said = None
    start = before[-1].end_byte if before and not after else first.start_byte
    end = after[0].start_byte if after else last.end_byte
    between = any(one.is_extra and start <= one.start_byte < end for one in behind(before[-1] if before else first))
    head = first
    while (lead := head.prev_sibling) is not None and lead.is_extra and lead.end_byte > line:
        head = lead  # what is said of it in front of it
    if not between and head == first and (said is None or not alone):
        return []
    ending = _comma_before(file, before, first) if not after else None
    gone = sorted(Span(one.start_byte, one.end_byte) for one in (comma, said) if one is not None)
    found = [Span(head.start_byte, last.end_byte)]
    for span in gone:
        joined = not document.text(Span(found[-1].end, span.start)).strip()
        found[-1:] = [Span(found[-1].start, span.end)] if joined else [found[-1], span]
    rest = re.match(rb"([ \t]*)(\r?\n)?", document.slice(Span(found[-1].end, len(document))))
    assert rest is not None
    if alone:
        found[-1] = Span(found[-1].start, found[-1].end + (rest.end() if rest[2] else 0))
        found[0] = Span(line, found[0].end)
    elif not rest[2]:
        space = document.text(Span(line, head.start_byte))
        found[0] = Span(head.start_byte - (len(space) - len(space.rstrip(" "))), found[0].end)
    return [*([Span(ending.start_byte, ending.end_byte)] if ending is not None else []), *found]


def _comma_before(file: File, before: Sequence[Node], first: Node) -> Node | None:
    """The comma that a list cannot end with, in front of its last thing."""
    rules = file.language.table(RULES) if file.language is not None else None
    if not before or rules is None or not rules.get("ends-bare"):
        return None
    return next((one for one in behind(before[-1]) if one.type == "," and one.end_byte <= first.start_byte), None)


def drop(plan: Planned, file: File, before: Sequence[Node], first: Node, last: Node, after: Sequence[Node]) -> None:
    """Take something out of a list, with the comma that it needed."""
    if spans := _drop_beside(file, before, first, last, after):
        for span in spans:
            plan.put(file.path, span, "")
    elif after:
        plan.put(file.path, Span(first.start_byte, after[0].start_byte), "")
    elif before:
        plan.put(file.path, Span(before[-1].end_byte, last.end_byte), "")
    else:
        end = last.end_byte
        tail = re.match(rb"\s*, *", file.document.slice(Span(end, min(end + 40, len(file.document)))))
        plan.put(file.path, Span(first.start_byte, end + (tail.end() if tail else 0)), "")
