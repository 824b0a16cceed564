"""What a text of any language says, for the tests of languages."""

from textwrap import dedent

from dovetail.graph import FileFacts, Graph
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from dovetail.world import World


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
    graph, place, at = Graph(), "", 0
    for path, text in files.items():
        if "⟨⟩" in text:
            place, at = path, len(text[: text.index("⟨⟩")].encode())
        language = language_for(path)
        assert language is not None
        tree = Tree.parse(language, Document.of(text.replace("⟨⟩", "")))
        graph = graph.with_file(path, FileFacts.of(tree))
    found: set[tuple[str, str]] = set()
    for symbol in graph.flow.definitions(place, at):
        lines = files[symbol.path].replace("⟨⟩", "").encode()
        start, end = lines.rfind(b"\n", 0, symbol.start) + 1, lines.find(b"\n", symbol.start)
        found.add((symbol.path, lines[start : end if end >= 0 else None].decode().strip()))
    return found
