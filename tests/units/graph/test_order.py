"""In which order the members of a class are looked for: the language's own, and in circles the same whoever asks."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.graph import FileFacts, Graph
from dovetail.graph.flow import Flow
from dovetail.graph.values import Def
from dovetail.syntax import Tree, language_for
from dovetail.text import Document

_MOST = 7
_BASES = st.lists(
    st.lists(st.integers(0, _MOST - 1), max_size=3, unique=True), min_size=2, max_size=_MOST
)  # fmt: skip


def _flow(bases: list[list[int]]) -> tuple[Flow, list[Def]]:
    count = len(bases)
    text = "".join(
        f"class C{number}({', '.join(f'C{base}' for base in above if base < count)}):\n    def m{number}(self): pass\n"
        for number, above in enumerate(bases)
    )
    language = language_for("a.py")
    assert language is not None
    graph = Graph().with_file("/p/a.py", FileFacts.of(Tree.parse(language, Document.of(text))))
    flow = Flow(graph, graph.tree)
    return flow, [Def("/p/a.py", text.encode().index(b"class C%d(" % number) + 6) for number in range(count)]


@settings(deadline=None, max_examples=120)
@given(_BASES, st.randoms(use_true_random=False))
def test_an_order_does_not_depend_on_who_asked_before(bases: list[list[int]], chance: random.Random) -> None:
    flow, classes = _flow(bases)
    order = list(range(len(classes)))
    chance.shuffle(order)
    asked = {number: flow.order(classes[number]) for number in order}
    for number, found in asked.items():
        alone, again = _flow(bases)
        assert found == alone.order(again[number])
        assert found[0] == classes[number]
        assert len(set(found)) == len(found)


@settings(deadline=None, max_examples=120)
@given(_BASES)
def test_an_order_holds_all_that_is_above(bases: list[list[int]]) -> None:
    flow, classes = _flow(bases)
    for number, cls in enumerate(classes):
        above, new = {number}, [number]
        while new:
            new = [base for one in new for base in bases[one] if base < len(bases) and base not in above]
            above.update(new)
        assert set(flow.order(cls)) == {classes[one] for one in above}


@settings(deadline=None, max_examples=120)
@given(_BASES)
def test_where_python_makes_the_classes_the_order_is_its_own(bases: list[list[int]]) -> None:
    straight = [[base for base in above if base < number] for number, above in enumerate(bases)]
    made: list[type] = []
    for number, above in enumerate(straight):
        try:
            made.append(type(f"C{number}", tuple(made[base] for base in above), {}))
        except TypeError:
            return  # Python refuses such classes
    flow, classes = _flow(straight)
    for cls, known in zip(classes, made, strict=True):
        names = [classes.index(one) for one in flow.order(cls) if isinstance(one, Def)]
        assert [f"C{number}" for number in names] == [one.__name__ for one in known.__mro__[:-1]]
