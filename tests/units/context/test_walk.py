"""Two steps in the graph, in the model's own tokens; and functions that show how such a one is written here."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.context.examples import examples
from dovetail.context.lexicon import lexicon
from dovetail.context.pack import line, pack
from dovetail.context.query import Query
from dovetail.context.scorer import rank
from dovetail.context.walk import around, walk
from dovetail.text import Edit, Span
from dovetail.world import Selection
from tests.units.context.project import ROOT, SHOP, done, quarters, world

_SNAPSHOT = world(SHOP, ["shop/till.py"]).snapshot()
_ANCHORS = [symbol for path in sorted(_SNAPSHOT.graph.files) for symbol in _SNAPSHOT.graph.symbols(path)]

SHAPES = {
    "shapes.py": """class Shape:
    def area(self) -> float:
        raise NotImplementedError

class Circle(Shape):
    def __init__(self, radius: float) -> None:
        self.radius = radius

    def area(self) -> float:
        \"\"\"What it covers.\"\"\"
        return 3.14159 * self.radius * self.radius
""",
    "square.py": """from shapes import Shape

class Square(Shape):
    def __init__(self, side: float) -> None:
        self.side = side

    def area(self) -> float:
        pass
""",
    "other.py": "def unlike(a, b, c, d):\n    return [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d]\n",
}


def test_two_steps_lead_to_what_is_called_and_what_that_calls() -> None:
    pay = next(symbol for symbol in _ANCHORS if symbol.name == "pay")
    found = {one.spot.symbol(_SNAPSHOT.graph).name: one for one in done(walk(_SNAPSHOT.graph, (pay,), 2000))}
    assert found["Basket"].via is None
    via = found["total"].via
    assert via is not None
    assert via.symbol(_SNAPSHOT.graph).name == "Basket"
    assert all(one.tokens == quarters(line(one.spot.symbol(_SNAPSHOT.graph))) + 1 for one in found.values())


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(_ANCHORS), st.integers(0, 400))
def test_a_walk_is_never_over_its_budget(anchor: Any, budget: int) -> None:
    found = done(walk(_SNAPSHOT.graph, (anchor,), budget))
    assert sum(one.tokens for one in found) <= budget
    assert len({(one.spot.home.path, one.spot.place) for one in found}) == len(found)


def test_what_was_counted_is_not_counted_again_until_it_changes() -> None:
    here = world(SHOP, ["shop/prices.py"])

    def asked() -> list[str]:
        graph = here.snapshot().graph
        pay = next(iter(graph.named("pay")))
        texts = list[str]()

        def count(text: str) -> int:
            texts.append(text)
            return 1

        done(walk(graph, (pay,), 2000, "a tokenizer"), count)
        return texts

    assert asked()
    assert not asked()
    at = SHOP["shop/prices.py"].index("The price with")
    here.edit(f"{ROOT}/shop/prices.py", 2, [lambda _: Edit(Span(at, at), b"Told: ")])
    assert [text for text in asked() if "Told" not in text] == []


def test_functions_of_the_same_shape_are_shown_whole_with_the_reason() -> None:
    snapshot = world(SHAPES, ["square.py"]).snapshot()
    at = SHAPES["square.py"].index("pass")
    here = Selection(f"{ROOT}/square.py", Span(at, at))
    found = examples(snapshot, here)
    assert [one.symbol.qualified for one in found] == ["Circle.area"]
    assert "Circle has the same base, named alike (area), takes as many arguments, gives float too" in found[0].why
    shown = done(pack(snapshot, done(around(snapshot, here, 1536)), 1536))
    example = next(item for item in shown.items if item.kind == "example")
    assert example.whole
    assert "3.14159" in example.text
    tight = done(pack(snapshot, found, 60))
    assert not tight.items
    assert "no room" in tight.left_out[0].why


def test_constants_between_do_not_hide_a_function_of_the_same_shape() -> None:
    far = "def read_prices(path: str) -> list[str]:\n"
    far += "    with open(path) as file:\n        lines = file.readlines()\n    return lines\n"
    here = "def read_goods(path: str) -> list[str]:\n    pass\n"
    text = far + "\n\n" + "".join(f"LIMIT_{n} = {n}\n" for n in range(60)) + "\n\n" + here
    snapshot = world({"shop.py": text}, ["shop.py"]).snapshot()
    at = text.index("pass")
    found = examples(snapshot, Selection(f"{ROOT}/shop.py", Span(at, at)))
    assert [one.symbol.name for one in found] == ["read_prices"]


def test_a_heading_speaks_for_its_file() -> None:
    files = {
        **SHOP,
        "notes.md": "# Rounding of receipts\n\nAlways up.\n",
        "more.md": "# Opening hours\n\nNine to five.\n",
    }
    snapshot = world(files).snapshot()
    index = done(lexicon(snapshot.graph, snapshot.roots))
    assert index.times("docs", "rounding")[index.paths.index(f"{ROOT}/notes.md")] == 1
    ranked = done(rank(snapshot, Query.of("how are receipts rounding")))
    notes = next(one for one in ranked if one.path.endswith("notes.md"))
    assert any(signal.kind == "heading" and signal.points > 0 for signal in notes.signals)


def test_what_the_own_file_defines_far_away_is_shown_and_what_stands_near_is_not() -> None:
    far = "def rate(amount):\n    return amount * 2\n\n\n" + "x = 1\n" * 100
    here = "def near():\n    return 1\n\n\ndef total(goods):\n    return rate(goods) + near()\n"
    snapshot = world({"shop.py": far + here}, ["shop.py"]).snapshot()
    at = Selection(f"{ROOT}/shop.py", Span(len(far) + here.index("rate(goods)"), len(far) + here.index("rate(goods)")))
    told = [(near.symbol.name, near.why) for near in done(around(snapshot, at, 256))]
    assert told[0] == ("rate", "named on the cursor's line")
    assert "near" not in dict(told)
