"""What texts of any language say: in them `⟨⟩` marks what is asked for, `◆` an answer, `⟨x⟩` any other place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

from dovetail.graph import FileFacts, Graph
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from dovetail.world import World

Place = tuple[str, int]
"""A file, and the byte in it."""
_MARK = re.compile("⟨(.?)⟩|(◆)")


@dataclass(frozen=True, slots=True)
class Read:
    graph: Graph
    texts: dict[str, str]
    """Without the marks."""
    marks: dict[str, list[Place]]

    @property
    def asked(self) -> Place:
        (place,) = self.marks[""]
        return place

    @property
    def answers(self) -> list[Place]:
        return self.marks.get("◆", [])


def read(files: Mapping[str, str]) -> Read:
    """Files, without the indentation that they stand in here; of those in no language only the text."""
    texts: dict[str, str] = {}
    marks: dict[str, list[Place]] = {}
    for path, text in files.items():
        text = dedent(text).lstrip("\n")
        while (mark := _MARK.search(text)) is not None:
            text = text[: mark.start()] + text[mark.end() :]
            marks.setdefault(mark[2] or mark[1], []).append((path, len(text[: mark.start()].encode())))
        texts[path] = text
    graph = Graph(read=lambda path: texts[path].encode() if path in texts else None)
    for path, text in texts.items():
        if (language := language_for(path)) is not None:
            graph = graph.with_file(path, FileFacts.of(Tree.parse(language, Document.of(text))))
    return Read(graph, texts, marks)


def world_of(path: str, text: str) -> World:
    world = World()
    language = language_for(path)
    assert language is not None
    world.open(path, dedent(text).lstrip("\n"), 1, language.language_ids[0])
    return world


def outline(path: str, text: str) -> list[str]:
    return [f"{s.kind} {s.qualified}" for s in world_of(path, text).snapshot().graph.symbols(path)]


def definitions(files: dict[str, str]) -> set[tuple[str, str]]:
    """(file, line) of what the marked name means."""
    project = read(files)
    found: set[tuple[str, str]] = set()
    for symbol in project.graph.flow.definitions(*project.asked):
        lines = project.texts[symbol.path].encode()
        start, end = lines.rfind(b"\n", 0, symbol.start) + 1, lines.find(b"\n", symbol.start)
        found.add((symbol.path, lines[start : end if end >= 0 else None].decode().strip()))
    return found
