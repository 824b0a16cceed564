"""Neighbours that were kept are those that a graph made from scratch would find, whatever was edited between."""

import random

import pytest

from dovetail.graph import Graph
from dovetail.text import Edit, Span
from dovetail.world import World

_FILES = {
    "/p/shop/__init__.py": "from shop.prices import Price as Cost\n",
    "/p/shop/prices.py": (
        "TAX = 0.2\n\ndef taxed(x):\n    return x * TAX\n\nclass Price:\n    def rounded(self):\n"
        "        return self.whole()\n    def whole(self):\n        return taxed(1)\n"
    ),
    "/p/shop/basket.py": (
        "from shop import Cost\nfrom shop.prices import taxed\nfrom .prices import *\n\nclass Basket(Cost):\n"
        "    def total(self):\n        return taxed(self.rounded())\n\ndef pay(b):\n    return Basket.total(b)\n"
    ),
    "/p/web/till.js": "import { show } from './view'\nfunction pay(x) { return show(x) }\n",
    "/p/web/view.js": "export function show(x) { return x }\nexport { show as display }\n",
}
_PIECES = [
    b"", b"", b"x", b"taxed", b"pay", b"Price", b"def pay(b):\n    return taxed(b)\n", b"\nimport shop.prices as p\n",
    b"class Cost:\n    def rounded(self):\n        return 2\n", b"self.whole()", b"    ", b"\n", b"(", b"'",
    b"export function pay() { show(1) }\n", b"show(2)\n", b"total = pay\n", b"TAX = 3\n", b"p.taxed(1)", "é".encode(),
    b"from shop.basket import pay as taxed\n",
]  # fmt: skip


def _told(graph: Graph) -> dict[tuple[str, int], list[tuple[str, int, str, float]]]:
    found: dict[tuple[str, int], list[tuple[str, int, str, float]]] = {}
    for path in sorted(graph.files):
        for symbol in graph.symbols(path):
            spot = graph.hops.spot(graph, path, symbol.name_span.start)
            assert spot is not None
            assert spot.symbol(graph).span == symbol.span or spot.symbol(graph).name == symbol.name
            found[path, symbol.name_span.start] = [
                (hop.spot.home.path, hop.spot.place, hop.relation, round(hop.worth, 6))
                for callers in (len(symbol.name) % 2 == 0, True, False)
                for hops in graph.hops.of(graph, spot, callers=callers)
                for hop in hops
            ]
    return found


@pytest.mark.parametrize("seed", [*range(8), 752])
def test_after_random_edits_neighbours_are_those_of_a_new_graph(seed: int) -> None:
    chance = random.Random(seed)
    world = World(["/p"])
    for path, text in _FILES.items():
        world.open(path, text, 0, None)
    for version in range(1, 41):
        for _ in range(chance.choice((1, 1, 3))):
            path = chance.choice(sorted(_FILES))
            if chance.random() < 0.06:
                world.close(path)
            if path not in world.snapshot().files:
                world.open(path, _FILES[path], 0, None)
            data = world.snapshot().files[path].document.data
            whole = [at for at in range(len(data) + 1) if data[at : at + 1] < b"\x80" or data[at] >= 0xC0]
            first = chance.randrange(len(whole))
            last = min(len(whole) - 1, first + chance.choice((0, 0, 1, 4, 30)))
            edit = Edit(Span(whole[first], whole[last]), chance.choice(_PIECES))
            world.edit(path, None, [lambda _, edit=edit: edit])
        if chance.random() < 0.7:  # some versions nobody asks
            graph = world.snapshot().graph
            fresh = Graph()
            for path, facts in graph.files.items():
                fresh = fresh.with_file(path, facts)
            assert _told(graph) == _told(fresh), (seed, version)


def test_a_version_beside_the_newest_has_its_own_neighbours() -> None:
    world = World(["/p"])
    for path, text in _FILES.items():
        world.open(path, text, 0, None)
    before = world.snapshot().graph
    known = _told(before)
    world.edit("/p/shop/prices.py", 1, [lambda _: Edit(Span(0, 0), b"def pay(x):\n    return taxed(x)\n")])
    changed = _told(world.snapshot().graph)
    assert changed != known
    assert _told(before) == known
    assert _told(world.snapshot().graph) == changed
