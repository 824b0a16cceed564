"""Some broken texts cost a parser the square of their length: they are given up, and the server goes on."""

from __future__ import annotations

import pytest

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
