"""Some broken texts cost a parser the square of their length: they are given up, and the server goes on."""

from __future__ import annotations

import pytest

from dovetail.graph import FileFacts, Graph
from dovetail.graph.modules import modules
from dovetail.syntax import Tree, language_for, tree
from dovetail.text import Document, Edit, Span
from dovetail.world import World

NEST = "a=(" * 6000
PATH = "/p/a.sh"


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "PATIENCE", 0.05)


def test_a_file_that_is_read_in_time_has_the_same_tree() -> None:
    for text in ("def area(a, b):\n    return a * b\n\n\n" * 300, "def area(a, b):\n    return a * (b\n\n\n" * 300):
        document = Document.of(text)
        language = language_for("/p/a.py")
        assert language is not None
        one, two = Tree.parse(language, document), Tree.tried(language, document)
        assert str(one.root) == str(two.root)
        assert two.root.children[0].text == one.root.children[0].text


def test_such_a_file_is_text_only_until_it_is_opened_again() -> None:
    world = World()
    file = world.open(PATH, NEST, 1, None)
    assert "takes too long to parse" in file.text_only
    file = world.edit(PATH, 2, [lambda document: Edit(Span(0, len(document)), b"a=1\n")])
    assert file.tree is None
    assert file.document.data == b"a=1\n"
    world.close(PATH)
    assert world.open(PATH, "a=1\n", 3, None).tree is not None


def test_an_edit_that_makes_it_slow_keeps_the_text() -> None:
    world = World()
    assert world.open(PATH, "a=1\n" * 5000, 1, None).tree is not None
    assert PATH in world.snapshot().graph.files
    file = world.edit(PATH, 2, [lambda document: Edit(Span(0, 0), NEST.encode())])
    assert "takes too long to parse" in file.text_only
    assert file.document.text().startswith(NEST)
    assert PATH not in world.snapshot().graph.files
    assert not world.settle(PATH)


@pytest.mark.parametrize(("path", "head"), [("/p/a.js", "p"), ("/p/a.py", "x = p")])
def test_of_a_chain_of_thousands_the_outermost_is_told_and_the_file_around_it(path: str, head: str) -> None:
    """Patterns cost the square of a chain's depth: what is deeper than any person writes is left out, by rule."""
    defined = ("function {}() {{ return area(); }}\n", "def {}():\n    return area()\n")[path.endswith("py")]
    text = defined.format("above") + head + ".then(f)" * 1500 + "\n" + defined.format("below")
    world = World()
    world.open(path, text, 0, None)
    for version in range(1, 16):
        data = world.snapshot().files[path].document.data
        at = (len(data) * version * 7) // 120
        piece = (b"", b".then(g)", b"(", b")", b"\n")[version % 5]
        edit = Edit(Span(at, at + version % 3), piece)
        file = world.edit(path, version, [lambda _, edit=edit: edit])
        assert file.facts is not None
        assert file.tree is not None
        assert file.facts.dump() == FileFacts.of(file.tree).dump()
    world.edit(path, 40, [lambda document: Edit(Span(0, len(document)), text.encode())])
    graph = world.snapshot().graph
    assert {"above", "below"} <= {s.name for s in graph.symbols(path)}
    uses = [use for _, item, _ in graph.files[path] for use in item.uses]
    assert {use.name for use in uses} >= {"area", "then"}
    assert len(uses) < 1000
    tree = world.snapshot().files[path].tree
    assert tree is not None
    assert tree.too_deep


def test_what_persons_write_is_not_too_deep() -> None:
    language = language_for("/p/a.js")
    assert language is not None
    chain = "p" + ".then(f)" * 200 + ";\n"
    assert not Tree.parse(language, Document.of(chain * 20 + "if (a) {\n" * 200 + "}" * 200)).too_deep


def test_headers_that_include_one_another_are_asked_once_and_not_once_on_every_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty that all include one another: 27,000 ways of three steps, 900 pairs."""
    asked = 0

    def counted(graph: Graph, path: str, name: str) -> tuple[str, ...]:
        nonlocal asked
        asked += 1
        return modules(graph, path, name)

    monkeypatch.setattr("dovetail.graph.graph.modules", counted)
    world = World(["/p"])
    every = "".join(f'#include "h{n}.h"\n' for n in range(30))
    for n in range(30):
        world.open(f"/p/h{n}.h", every + ("inline int depth(int n) { return n; }\n" if n == 29 else ""), 1, "cpp")
    text = '#include "h0.h"\nint area() { return depth(1) + nowhere(2); }\n'
    world.open("/p/a.cpp", text, 1, "cpp")
    graph = world.snapshot().graph
    assert [s.path for s in graph.at("/p/a.cpp", text.index("depth")).symbols] == ["/p/h29.h"]
    assert not graph.at("/p/a.cpp", text.index("nowhere"))
    assert asked < 8000
