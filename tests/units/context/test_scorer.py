"""Every point has a reason, every kind can be switched off, and the index is the one built from scratch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dovetail.cli import why
from dovetail.context.lexicon import FIELDS, Lexicon, lexicon
from dovetail.context.query import Query
from dovetail.context.scorer import About, Scored, Weights, lost, rank
from dovetail.context.words import words
from dovetail.graph import FileFacts
from dovetail.settings import EVIDENCE, Settings
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Span
from dovetail.world import Selection, World
from tests.units.context.project import ROOT, SHOP, done, world

_SNAPSHOT = world({**SHOP, "shop/_vendor/mail.py": SHOP["shop/mail.py"]}).snapshot()
_QUESTION = """Receipt has the wrong tax

`Price` rounds too late, see `shop/till.py`:

```python
from shop.basket import Basket
Basket().total()
```
"""


def _ranked(question: str, weights: Weights | None = None, about: About | None = None) -> list[Scored]:
    return done(rank(_SNAPSHOT, Query.of(question), weights or Weights(), about or About()))


def _points(question: str, path: str, about: About | None = None) -> dict[str, float]:
    one = next(scored for scored in _ranked(question, None, about) if scored.path == f"{ROOT}/{path}")
    return {signal.kind: signal.points for signal in one.signals}


def test_words_are_parts_and_the_whole() -> None:
    assert words("parse_HTTPHeader2") == ("parse", "http", "header", "=parse_httpheader2")
    assert words("total") == ("total",)
    assert words("größe") == ("größe",)
    assert words("x" * 100) == ()


def test_a_question_is_read() -> None:
    query = Query.of(
        "Basket.total fails with @shop/till.py and #Price.rounded\n\n"
        "```\n>>> pay(Basket())\n```\n"
        'File "/home/me/shop/prices.py", line 7, in with_tax\nsee shop.mail.send_receipt in `mail.py`'
    )
    assert query.tagged_paths == ("shop/till.py",)
    assert query.tagged_names == ("Price.rounded",)
    assert query.frames == (("/home/me/shop/prices.py", "with_tax"),)
    assert "mail.py" in query.paths
    assert "shop.mail.send_receipt" in query.dotted
    assert query.names["Basket"] == "title"
    assert query.names["pay"] == "shaped"
    assert "with" not in query.names
    assert "total" in query.subject
    assert "pay" not in query.subject


@pytest.mark.parametrize(
    ("question", "path", "kind", "points"),
    [
        ("do it as @till.py does", "shop/till.py", "tagged", 40),
        ("do it as #Price.rounded does", "shop/prices.py", "tagged", 40),
        ("something in shop/mail.py", "shop/mail.py", "mentioned", 24),
        ("wrong\n\n`with_tax` is odd", "shop/prices.py", "symbol", 7),
        ("wrong\n\n`Basket` is odd", "tests/test_basket.py", "imports", 2),
    ],
)
def test_what_is_written_gives_its_points(question: str, path: str, kind: str, points: float) -> None:
    assert _points(question, path)[kind] >= points


def test_what_is_known_beside_the_question_counts() -> None:
    till = f"{ROOT}/shop/till.py"
    assert _points("odd", "shop/till.py", About(modified=frozenset({till})))["modified"] == 8
    assert _points("odd", "shop/till.py", About(recent=(till,)))["recent"] == 4
    pay = next(symbol for symbol in _SNAPSHOT.graph.symbols(till) if symbol.name == "pay")
    assert _points("odd", "shop/basket.py", About(anchors=(pay,)))["graph"] > 0


def test_a_copy_of_somebody_elses_code_comes_later() -> None:
    paths = [scored.path.removeprefix(f"{ROOT}/shop/") for scored in _ranked("split an electronic address")]
    assert paths.index("mail.py") < paths.index("_vendor/mail.py")


@pytest.mark.parametrize("kind", [field.name for field in fields(Weights) if field.name != "meaning"])
def test_each_kind_can_be_switched_off(kind: str) -> None:
    about = About(modified=frozenset({f"{ROOT}/shop/mail.py"}), recent=(f"{ROOT}/shop/mail.py",))
    question = f"{_QUESTION}\nas @mail.py, and send_receipt in shop/_vendor/mail.py"
    kinds = {signal.kind for scored in _ranked(question, None, about) for signal in scored.signals}
    assert kind in kinds
    without = _ranked(question, Weights().without(kind), about)
    assert kind not in {signal.kind for scored in without for signal in scored.signals}


def test_the_points_of_a_file_are_the_sum_of_its_reasons() -> None:
    for scored in _ranked(_QUESTION):
        assert scored.score == pytest.approx(sum(signal.points for signal in scored.signals), abs=1e-3)
        assert all(signal.why for signal in scored.signals)


def test_a_place_is_a_question_too() -> None:
    snapshot = world(SHOP, ["shop/till.py"]).snapshot()
    offset = SHOP["shop/till.py"].index("total()") + 2
    query = Query.here(snapshot, Selection(f"{ROOT}/shop/till.py", Span(offset, offset)), ["undefined name `rate`"])
    assert query.names["total"] == "place"
    assert query.names["pay"] == "place"
    assert query.names["rate"] == "title"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_an_index_that_was_brought_up_to_date_is_the_one_from_scratch(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    here = world(SHOP)
    roots = (f"{ROOT}/{seed}-{steps}",)
    done(lexicon(here.snapshot().graph, roots))
    for _ in range(steps):
        name = chance.choice([*SHOP, "shop/new.py", "shop/other.py"])
        if chance.random() < 0.3:
            here.forget(f"{ROOT}/{name}")
        else:
            _put(here, name, "\n\n".join(chance.sample(list(SHOP.values()), 2)))
        if chance.random() < 0.5:
            done(lexicon(here.snapshot().graph, roots))
    _same(done(lexicon(here.snapshot().graph, roots)), done(lexicon(here.snapshot().graph, (f"{roots[0]}-fresh",))))


def _put(here: World, name: str, text: str) -> None:
    path = f"{ROOT}/{name}"
    language = language_for(path)
    assert language is not None
    here.learn([(path, FileFacts.of(Tree.parse(language, Document.of(text))), text.encode())])


def _same(one: Lexicon, two: Lexicon) -> None:
    assert one.paths == two.paths
    asked: Sequence[str] = ("tax", "basket", "=with_tax", "receipt", "address", "nothing")
    for field in FIELDS:
        weights = {word: 1.0 + number for number, word in enumerate(asked)}
        assert np.array_equal(one.scores(field, weights), two.scores(field, weights))
    assert [one.rarity(word) for word in asked] == [two.rarity(word) for word in asked]


def test_points_are_the_users_to_set() -> None:
    assert tuple(f.name for f in fields(Weights)) == EVIDENCE
    assert next(p.type.choices for p in why.params if p.name == "without") == EVIDENCE  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    told = Settings.model_validate({"evidence": ["path=12", "graph=0", "vendored=-2.5"]})
    weights = Weights.of(told.evidence)
    assert (weights.path, weights.graph, weights.vendored, weights.tagged) == (12, 0, -2.5, 40)
    for wrong in ("paths=1", "path", "path=", "path=one", "path=1=2"):
        with pytest.raises(ValidationError):
            Settings.model_validate({"evidence": [wrong]})
    assert Weights.of(()) == Weights()


def test_a_tag_that_leads_nowhere_is_said() -> None:
    graph = world({"app/shop.py": "class Cart:\n    def total(self): ...\n"}).snapshot().graph
    query = Query.of("@shop.py @app/shop.py @nope.py #Cart #Cart.total #Cart.nosuch #nosuch what")
    assert lost(graph, query) == ["@nope.py", "#Cart.nosuch", "#nosuch"]
