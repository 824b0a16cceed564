"""Whether a line can mean what another did, but for what a finding names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from dovetail.syntax import Language, Tree
from dovetail.text import Document

TOKEN = r"\w+|[^\w\s()\[\]{},:;\"'\\]"
"""A word or a sign that a line's meaning hangs on."""
_SIGNS = r"[()\[\]{},:]"
_QUOTED = r"`([^`]*)`|\"([^\"]*)\"|“([^”]*)”|(?<!\w)'([^']*)'(?!\w)"
_BINDS = (
    r"operator|binary|unary|compar|condition|ternary|attribute|member|field|subscript|index|call|invocation|await|cast"
)
"""Nodes in which brackets say what belongs together."""
_OF_SIGNS = r"(?i)parenthes|bracket|tuple|comma|colon|literal"
"""Words of a message that is about the signs themselves."""


def named(message: str) -> set[str]:
    """The words and signs that a message quotes."""
    return {token for match in re.finditer(_QUOTED, message) for token in re.findall(TOKEN, " ".join(match.groups("")))}


def same(
    language: Language, old: str, new: str, names: Collection[str], message: str, *, free: bool, signs: bool = False
) -> bool:
    """Whether nothing else goes, comes or changes its place, brackets that change nothing aside.

    free: anything may come in the place of what is named; signs: brackets and commas may come and go, something else
    judges what they make of it.
    """
    of_signs = signs or re.search(_OF_SIGNS, message) is not None
    one, two = (_tokens(language, line.strip(), of_signs) for line in (old, new))
    if not free:
        return [token for token in one if token not in names] == [token for token in two if token not in names]
    parts: list[list[str]] = [[]]
    for token in one:
        if token in names:
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) == 1:
        return one == two
    first, *between, last = parts
    rest = two[len(first) : len(two) - len(last)]
    if len(first) + len(last) > len(two) or two[: len(first)] != first or two[len(two) - len(last) :] != last:
        return False
    for part in between:
        at = next((n for n in range(len(rest) - len(part) + 1) if rest[n : n + len(part)] == part), -1)
        if at < 0:
            return False
        rest = rest[at + len(part) :]
    return True


def _tokens(language: Language, line: str, of_signs: bool) -> Sequence[str]:
    """What a line says, in order: without quotes, brackets around a whole expression, what ends it."""
    if of_signs:
        return re.findall(TOKEN, line)
    data = bytearray(line.encode())
    todo = [Tree.parse(language, Document(bytes(data))).root]
    for node in todo:
        inside = node.named_children[0] if "parenthesized" in node.type and node.named_child_count == 1 else None
        around = node.parent.type if node.parent is not None else ""
        if inside is not None and not (inside.named_child_count and re.search(_BINDS, around)):
            data[node.start_byte] = data[node.end_byte - 1] = ord(" ")
        todo += node.children
    bare = re.sub(r",(?=\s*[)\]}])|;\s*$", "", data.decode())
    return re.findall(rf"{TOKEN}|{_SIGNS}", bare)
