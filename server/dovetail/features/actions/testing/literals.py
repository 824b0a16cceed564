"""What a value is that stands for itself, as it is written in a language."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from dovetail.syntax import Language, Tree
from dovetail.text import Document

_LONGEST = 60
"""Characters of one."""


def literal(written: str, language: Language) -> bool:
    """Whether it is one, short enough to be told."""
    return len(written) <= _LONGEST and "\n" not in written and bool(kind_of(written, language))


@lru_cache(4096)
def kind_of(written: str, language: Language) -> str:
    """The type of a literal, in the words of the language; "" for what is none.

    By `[literals]` of its `probe.toml`, which says which nodes are one; without, by Python's own reading.
    """
    rules = language.table("probe") or {}
    if "literals" not in rules:
        try:
            return type(ast.literal_eval(written)).__name__
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return ""
    kinds, parts = rules["literals"], rules["literal-parts"]
    tree = Tree.parse(language, Document.of(f"({written});"))
    end = 1 + len(written.encode())
    whole = tree.root.named_descendant_for_byte_range(1, end)
    if tree.root.has_error or whole is None or (whole.start_byte, whole.end_byte) != (1, end):
        return ""
    todo = [whole]
    while todo:
        node = todo.pop()
        form = parts.get(node.type)
        if form is not None:
            if not re.fullmatch(form, (node.text or b"").decode()):
                return ""
        elif node.type not in kinds and node.type not in parts["nodes"]:
            return ""
        todo += node.named_children
    return kinds.get(whole.type, "")
