"""The benchmark's own mistakes: each is one, none is the text itself, and all still parse."""

from __future__ import annotations

import ast

import pytest

from tests.bench.mutants import KINDS, Source, mistakes

TEXT = '''def share(total, people, rest=0):
    """Not this one: 1 + 1."""
    é = "é" + str(total)
    if people == 0:
        return None
    for number in range(people):
        total = total + rest * number
    return round(total / people, len(é[1:people]))
'''


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("operator", "total / people", "total * people"),
        ("operator", "people == 0", "people != 0"),
        ("off by one", "range(people)", "range(people - 1)"),
        ("off by one", "é[1:people]", "é[2:people]"),
        ("swapped arguments", "round(total / people, len(é[1:people]))", "round(len(é[1:people]), total / people)"),
        ("wrong variable", "str(total)", "str(people)"),
        ("missing guard", "    if people == 0:\n        return None\n", ""),
    ],
)
def test_a_mistake(kind: str, old: str, new: str) -> None:
    source = Source(TEXT)
    assert old in TEXT
    assert TEXT.replace(old, new) in [source.put(put) for put in mistakes(source, source.functions()[0][1], kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_mistake_is_another_program(kind: str) -> None:
    source = Source(TEXT)
    found = [source.put(put) for put in mistakes(source, source.functions()[0][1], kind)]
    assert found
    for text in found:
        assert ast.dump(ast.parse(text)) != ast.dump(source.tree)
        assert "1 + 1" in text
