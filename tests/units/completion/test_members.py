"""Behind `self.` the model chooses among what is there, where all of it is known."""

from __future__ import annotations

import pytest

from dovetail.features.inline_completion.members import members
from dovetail.features.inline_completion.prompt import continues
from dovetail.model.gbnf import vet
from dovetail.text import Span
from dovetail.world import Selection, World

BASE = "class Base:\n    def shared(self): ...\n\n\n"
SHOP = "class Shop(Base):\n    def __init__(self):\n        self.name = 1\n    def sell(self):\n        {}\n"


def _members(text: str, path: str = "/p/shop.py") -> set[str]:
    at = text.index("⟨⟩")
    world = World(["/p"])
    world.open(path, text.replace("⟨⟩", ""), 1, None)
    snapshot = world.snapshot()
    file = snapshot.file(path)
    assert file is not None
    offset = len(text[:at].encode())
    return set(members(snapshot, file, Selection(path, Span(offset, offset))))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return self.⟨⟩", {"__init__", "name", "sell", "shared"}),
        ("x = self.s⟨⟩", {"sell", "shared"}),
        ("self.⟨⟩", set[str]()),  # a new one may be assigned
        ("return other.⟨⟩", set[str]()),
        ("return x.self.⟨⟩", set[str]()),
        ("return itself.⟨⟩", set[str]()),
    ],
)
def test_what_may_follow(line: str, expected: set[str]) -> None:
    assert _members(BASE + SHOP.format(line)) == expected


def test_where_a_base_is_unknown_anything_may_follow() -> None:
    assert _members("from elsewhere import Base\n\n\n" + SHOP.format("return self.⟨⟩")) == set()


def test_in_another_language() -> None:
    text = "class Shop {\n  name = 1;\n  sell() { return this.⟨⟩ }\n}\n"
    assert _members(text, "/p/shop.js") == {"name", "sell"}


def test_the_grammar_is_one_that_may_be_used() -> None:
    grammar = continues("s", {"sell", "shared"})
    vet(grammar)
    assert '("sell" | "shared")' in grammar
    vet(continues("größe"))
