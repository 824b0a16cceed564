"""What one training or test sample looks like: where a file is cut, and in which order the pieces are told.

Cuts are made on bytes, before tokenization, so that a middle may begin inside a word, as when somebody types.
Nothing here needs torch or a tokenizer.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import tree_sitter
import tree_sitter_python

from dovetail.recall import MOST_PLACES, Recalled, Search, Shelf, Tokens, alike, pieces
from dovetail.recall import Source as Place

CONTROL = (
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|reserved|>",
)
END, PRE, SUF, MID, PAD, REPO, FILE = range(7)
"""END closes a middle as well as a file: it is what llama.cpp takes as the end of generation."""

Kind = Literal[
    "rest", "line", "expression", "argument", "statement", "block", "docstring", "condition", "span", "lines"
]
MIDDLE = 8
"""Loss weight, in halves, of a middle and of the end that closes it; no other token has this one."""
KINDS: dict[Kind, int] = {
    "rest": 32,
    "line": 26,
    "expression": 14,
    "argument": 12,
    "statement": 6,
    "block": 2,
    "docstring": 2,
    "condition": 4,
    "span": 4,
    "lines": 1,
}
"""How often each kind of middle is drawn, in parts. Few have several lines: each newline inside a middle is a line end
at which it does not end, and nothing in the prompt tells which is wanted."""

EXPRESSIONS = {
    "attribute",
    "binary_operator",
    "boolean_operator",
    "call",
    "comparison_operator",
    "conditional_expression",
    "dictionary",
    "generator_expression",
    "lambda",
    "list",
    "list_comprehension",
    "not_operator",
    "string",
    "subscript",
    "tuple",
}
STATEMENTS = {
    "assert_statement",
    "delete_statement",
    "expression_statement",
    "import_from_statement",
    "import_statement",
    "raise_statement",
    "return_statement",
    "if_statement",
    "for_statement",
    "with_statement",
    "try_statement",
}
LONGEST = {"block": 500, "docstring": 400, "statement": 400}
"""Most bytes of a middle; other kinds 200."""

_parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))


@dataclass(frozen=True, slots=True)
class Item:
    """A definition in an outline: what a reader of another file needs to know of it."""

    name: str
    owner: str
    """The class that it is defined in, or empty."""
    signature: str
    start: int
    end: int
    """Bytes of the whole definition in its file."""


@dataclass(slots=True)
class Source:
    """A parsed file: its nodes by kind of middle (byte ranges), its outline, its imports."""

    package: str
    path: str
    text: bytes
    nodes: dict[str, list[tuple[int, int]]] = field(default_factory=dict[str, list[tuple[int, int]]])
    outline: list[Item] = field(default_factory=list[Item])
    imports: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Module as written (leading dots kept) to the names taken from it."""


def read(package: str, path: str, text: str) -> Source:
    """Parse once; everything that is drawn later is a look-up."""
    source = Source(package, path, text.encode())
    nodes: dict[str, list[tuple[int, int]]] = {kind: [] for kind in KINDS}
    source.nodes = nodes
    cursor = _parser.parse(source.text).walk()
    owners: list[tuple[str, int]] = []
    done = False
    while not done:
        node = cursor.node
        assert node is not None
        kind, span = node.type, (node.start_byte, node.end_byte)
        size = span[1] - span[0]
        if kind in EXPRESSIONS and 4 <= size <= 200:
            nodes["expression"].append(span)
        if kind == "argument_list" and 4 <= size <= 200:
            nodes["argument"].append((span[0] + 1, span[1] - 1))
            nodes["argument"] += [(c.start_byte, c.end_byte) for c in node.named_children]
        elif kind in STATEMENTS and 6 <= size <= 400:
            nodes["statement"].append(span)
        elif kind == "block" and 10 <= size <= 500:
            nodes["block"].append(span)
        elif kind in ("function_definition", "class_definition"):
            while owners and owners[-1][1] <= span[0]:
                owners.pop()
            _outline(source, node, owners)
            if kind == "class_definition" and (name := node.child_by_field_name("name")):
                owners.append((_text(source, name), span[1]))
            else:
                owners.append(("", span[1]))
        elif kind == "assignment" and node.parent and node.parent.parent and node.parent.parent.type == "module":
            left = node.child_by_field_name("left")
            if left and left.type == "identifier":
                line = " ".join(source.text[span[0] : span[0] + 70].decode("utf-8", "ignore").split("\n")[0].split())
                source.outline.append(Item(_text(source, left), "", line, *span))
        if kind == "import_from_statement":
            _imports(source, node)
        if kind in ("if_statement", "while_statement", "elif_clause") and (
            condition := node.child_by_field_name("condition")
        ):
            nodes["condition"].append((condition.start_byte, condition.end_byte))
        if kind == "expression_statement" and size <= 400 and _is_string(node):
            nodes["docstring"].append(span)
        done = not cursor.goto_first_child()
        while done and not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return source
        done = False
    return source


def _text(source: Source, node: tree_sitter.Node) -> str:
    return source.text[node.start_byte : node.end_byte].decode("utf-8", "ignore")


def _is_string(statement: tree_sitter.Node) -> bool:
    return statement.named_child_count == 1 and statement.named_children[0].type == "string"


def _outline(source: Source, node: tree_sitter.Node, owners: list[tuple[str, int]]) -> None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None or (owners and not owners[-1][0]):
        return  # functions inside functions are nobody else's business
    head = " ".join(source.text[node.start_byte : body.start_byte].decode("utf-8", "ignore").split("#")[0].split())
    owner = owners[-1][0] if owners else ""
    source.outline.append(Item(_text(source, name), owner, head[:160], node.start_byte, node.end_byte))


def _imports(source: Source, node: tree_sitter.Node) -> None:
    module = node.child_by_field_name("module_name")
    if module is None:
        return
    names = [_text(source, child.child_by_field_name("name") or child) for child in node.children_by_field_name("name")]
    source.imports.setdefault(_text(source, module), []).extend(names)


# --- where to cut -----------------------------------------------------------------------------------------


def segments(source: Source, rng: random.Random, shortest: int, longest: int) -> list[tuple[int, int]]:
    """The file in pieces of whole lines, their sizes drawn evenly between the two bounds (bytes)."""
    pieces: list[tuple[int, int]] = []
    start = 0
    while start < len(source.text):
        end = source.text.find(b"\n", min(start + rng.randint(shortest, longest), len(source.text) - 1))
        end = len(source.text) if end < 0 else end + 1
        pieces.append((start, end))
        start = end
    return pieces


def cut(
    source: Source, start: int, end: int, kind: Kind, rng: random.Random, lean: float = 0.6
) -> tuple[int, int] | None:
    """A middle of this kind inside the segment, or None where the segment has none.

    With `lean` below 1 later places are likelier: whoever types has usually more text above than below. Whole lines are
    drawn evenly among lines, as one writes them, other places among characters.
    """
    text = source.text
    if kind in ("rest", "line", "span", "lines"):
        share = rng.random() ** lean
        if kind in ("line", "lines"):
            at, lines = start, text.count(b"\n", start, end) + (text[end - 1 : end] != b"\n")
            for _ in range(int(lines * share)):
                at = text.find(b"\n", at, end) + 1
        else:
            at = start + int((end - start) * share)
        line_start = text.rfind(b"\n", start, at) + 1 or start
        line_end = text.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        if not text[line_start:line_end].strip():
            return None
        indent = len(text[line_start:line_end]) - len(text[line_start:line_end].lstrip())
        if kind == "line":
            low, high = line_start + rng.choice((0, min(indent, _above(text, line_start)), *6 * (indent,))), line_end
        elif kind == "rest":
            low, high = rng.randint(line_start + indent, line_end - 1), line_end
        elif kind == "span":
            low = rng.randint(line_start + indent, line_end - 1)
            high = rng.randint(low + 1, line_end)
        else:
            low = line_start + rng.choice((0, indent))
            high = line_end
            for _ in range(rng.randint(1, 5)):
                following = text.find(b"\n", high + 1, end)
                high = following if following > 0 else high
            if rng.random() < 0.25:
                high = rng.randint(low + 1, high)
    else:
        inside = [span for span in source.nodes[kind] if start <= span[0] and span[1] <= end]
        if not inside:
            return None
        low, high = inside[int(len(inside) * rng.random() ** lean)]
        if kind in ("expression", "argument") and high - low > 6 and rng.random() < 0.25:
            low = rng.randint(low + 1, high - 2)  # a part of it has been typed
    while low > start and text[low] & 0xC0 == 0x80:
        low -= 1
    while high < end and text[high] & 0xC0 == 0x80:
        high += 1
    if not 0 < high - low <= LONGEST.get(kind, 200) or not text[low:high].strip():
        return None
    return low, high


def _above(text: bytes, line_start: int) -> int:
    """How many bytes of the line above are its indentation and begin this one too: so editors indent the next line."""
    above = text[text.rfind(b"\n", 0, max(0, line_start - 1)) + 1 : max(0, line_start - 1)]
    indentation = above[: len(above) - len(above.lstrip())] if above.strip() else b""
    return len(indentation) if text.startswith(indentation, line_start) else 0


def draw(source: Source, start: int, end: int, rng: random.Random) -> tuple[Kind, int, int] | None:
    """A middle of a random kind."""
    for _ in range(4):
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        if found := cut(source, start, end, kind, rng):
            return kind, *found
    return None


# --- what other places in the repository say about the names in sight ---------------------------------------


class Repository:
    """The files of one package, by path.

    texts: of all of its files, where only some were parsed.
    """

    def __init__(self, sources: list[Source], texts: dict[str, bytes] | None = None) -> None:
        self.files = sources
        self._by_path = {s.path: s for s in sources}
        self._texts = texts or {s.path: s.text for s in sources}
        self._words: dict[str, Tokens] = {}
        self._others: tuple[Source, Shelf] | None = None

    def resolve(self, source: Source, module: str) -> Source | None:
        """The file that `from module import ...` in this file reads, if it belongs to the package."""
        name = module.lstrip(".")
        dots = len(module) - len(name)
        base = source.path.split("/")[:-dots] if dots else []
        stem = "/".join([*base, *(name.split(".") if name else [])])
        return self._by_path.get(f"{stem}.py") or self._by_path.get(f"{stem}/__init__.py")

    def recalled(
        self, source: Source, start: int, low: int, high: int, end: int, *, typed: bool = True
    ) -> list[Recalled]:
        """Places in the package whose words before them are those of this one, as the server finds them.

        The prompt shows the bytes from `start` to `end` of the file, a middle from `low` to `high` is to be told; what
        it shows is not looked through. typed: looked for with what stands before the middle on its line as well.
        """
        text = source.text
        below = text.find(b"\n", high)
        line = max(start, text.rfind(b"\n", 0, low) + 1)
        at = low if typed else line + len(text[line:low]) - len(text[line:low].lstrip())
        search = Search(text[:at], text[below + 1 :] if below >= 0 else b"")
        others, words = self._shelf_without(source), self._words[source.path]
        first, last = (int(i) for i in np.searchsorted(words.starts, (start, end)))
        above = source.path, text[:start], Tokens(words.hashes[:first], words.starts[:first])
        under = source.path, text[end:], Tokens(words.hashes[last:], words.starts[last:] - np.uint32(end))
        for place in (Place(Shelf.of([above, under]), 8.0), Place(others)):
            search.look(place)
        return search.found(MOST_PLACES)

    def similar(
        self, source: Source, start: int, low: int, high: int, end: int, *, typed: bool = True
    ) -> list[tuple[str, str]]:
        """(name, lines) of those places, as the server shows them; what the prompt shows anyway is left out."""
        return shown(self.recalled(source, start, low, high, end, typed=typed), source, start, low, high, end)

    def _shelf_without(self, source: Source) -> Shelf:
        """All other files; the newest is kept."""
        if self._others is None or self._others[0] is not source:
            if not self._words:
                self._words = {path: Tokens.of(text) for path, text in self._texts.items()}
            texts = ((path, text, self._words[path]) for path, text in self._texts.items() if path != source.path)
            self._others = source, Shelf.of(list(texts))
        return self._others[1]

    def context(self, source: Source, start: int, end: int, visible: bytes, limit: int) -> list[tuple[str, str]]:
        """(path, skeleton) of what is named in `visible` and imported from the package or defined elsewhere.

        At most `limit` characters. Other files come first, the file itself last.
        """
        words = {w.decode() for w in re.findall(rb"[A-Za-z_]\w+", visible)}
        chosen: list[tuple[str, list[Item]]] = []
        for module, names in source.imports.items():
            target = self.resolve(source, module)
            if target is None or target is source:
                continue
            wanted = words.intersection(names)
            items = [
                item
                for item in target.outline
                if (item.name in wanted and not item.owner)
                or (item.owner in wanted and (item.name in words or item.name == "__init__"))
            ]
            if items:
                chosen.append((target.path, items))
        own = [
            item
            for item in source.outline
            if item.name in words and not item.name.startswith("__") and (item.end <= start or item.start >= end)
        ]
        if own:
            chosen.append((source.path, own))
        parts: list[tuple[str, str]] = []
        for path, items in reversed(chosen):
            text = skeleton(items, limit - len(path))
            limit -= len(text) + len(path)
            if text:
                parts.append((path, text))
        return parts[::-1]


def shown(found: list[Recalled], source: Source, start: int, low: int, high: int, end: int) -> list[tuple[str, str]]:
    """`Repository.similar` of places that were found already."""
    seen = (source.text[start:low] + b"\n" + source.text[high:end]).decode("utf-8", "ignore").split("\n")
    return list(pieces(alike(found, {line.strip() for line in seen})))


def skeleton(items: list[Item], limit: int) -> str:
    """Signatures, methods under the name of their class."""
    lines: list[str] = []
    owner = ""
    for item in items:
        if item.owner and item.owner != owner and not (lines and lines[-1].startswith(f"class {item.owner}")):
            lines.append(f"class {item.owner}:\n")
        owner = item.owner
        ending = " ...\n" if item.signature.startswith(("def", "async")) else "\n"
        lines.append(("    " if item.owner else "") + item.signature + ending)
    kept = ""
    for line in lines:
        if len(kept) + len(line) > limit:
            break
        kept += line
    return kept


# --- the order of the pieces -------------------------------------------------------------------------------

Piece = int | str
"""A control token, or text to be tokenized by itself."""


def prompt(
    prefix: str, suffix: str | None, context: list[tuple[str, str]], path: str = "", suffix_first: bool = True
) -> list[Piece]:
    """The pieces of a prompt; the middle follows. Without a suffix (None) it is plain text, left to right.

    Suffix first joins the middle to the prefix, so that a typed character changes only the end of the prompt.
    """
    pieces: list[Piece] = []
    for place, text in context:
        pieces += [FILE, f"{place}\n{text}"]
    if path:
        pieces += [FILE, f"{path}\n"]
    if suffix is None:
        return [*pieces, prefix]
    if suffix_first:
        return [*pieces, PRE, SUF, suffix, MID, prefix]
    return [*pieces, PRE, prefix, SUF, suffix, MID]
