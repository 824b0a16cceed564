"""A project in which one place is asked where it is defined: `⟨⟩` stands before it, `◆` before each answer."""

from __future__ import annotations

from collections.abc import Mapping

from dovetail.graph import FileFacts, Graph
from dovetail.graph.configured import Configured
from dovetail.syntax import Tree, language_for
from dovetail.text import Document

ROOT = "/project"


def asked(files: Mapping[str, str]) -> tuple[set[tuple[str, int]], set[tuple[str, int]], Graph]:
    """((file, byte) of what is found, of what is expected, the graph)."""
    graph, told = Graph(), dict[str, bytes]()
    expected: set[tuple[str, int]] = set()
    place, at = "", 0
    for name, text in files.items():
        path = f"{ROOT}/{name}"
        while (mark := text.find("◆")) >= 0:
            expected.add((path, len(text[:mark].replace("⟨⟩", "").encode())))
            text = text[:mark] + text[mark + 1 :]
        if (mark := text.find("⟨⟩")) >= 0:
            place, at = path, len(text[:mark].encode())
        text = text.replace("⟨⟩", "")
        if (language := language_for(name)) is None:
            told[path] = text.encode()
        else:
            graph = graph.with_file(path, FileFacts.of(Tree.parse(language, Document.of(text))))
    graph = graph.with_configured(Configured.of(told, [ROOT]))
    found = graph.defined(place, at)
    return {(symbol.path, symbol.name_span.start) for symbol in found.symbols}, expected, graph
