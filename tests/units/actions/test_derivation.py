"""What annotations and documentation promise; what is in the grammar; what stands after a vote."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail.features.actions.validation.derive import Check, in_range
from dovetail.features.actions.validation.documents import promises
from dovetail.features.actions.validation.types import allowed, literal_type
from dovetail.features.actions.validation.writing import Slot, chosen, grammar
from dovetail.graph.documentation import read_documentation
from dovetail.model.gbnf import vet
from dovetail.syntax import languages

PYTHON = next(language for language in languages() if language.name == "python")


def table(name: str) -> Any:
    found = PYTHON.table(name)
    assert found is not None
    return found


RULES, DOCS = table("validation"), table("docstrings")
IMPORTS = {
    "Optional": "typing.Optional", "Union": "typing.Union", "Literal": "typing_extensions.Literal",
    "List": "typing.List", "Sequence": "collections.abc.Sequence", "Path": "pathlib.Path", "Any": "typing.Any",
    "Annotated": "typing.Annotated", "Callable": "typing.Callable", "t.Dict": "typing.Dict",
}  # fmt: skip


def origin(name: str) -> str | None:
    return IMPORTS.get(name) or (name if name in PYTHON.builtins else None)


@pytest.mark.parametrize(
    ("written", "checks", "missing"),
    [
        ("int", ("int",), False),
        ("float", ("int", "float"), False),
        ("'int'", ("int",), False),
        ("int | None", ("int",), True),
        ("Optional[list[int]]", ("list",), True),
        ("Union[int, str, None]", ("int", "str"), True),
        ("dict[str, list[int]] | tuple[int, ...]", ("dict", "tuple"), False),
        ("List[Any]", ("list",), False),
        ("t.Dict[str, int]", ("dict",), False),
        ("Sequence[str]", ("Sequence",), False),
        ("Annotated[int, 'a | b, c']", ("int",), False),
        ("Path | str", ("Path", "str"), False),
    ],
)
def test_what_an_annotation_allows(written: str, checks: tuple[str, ...], missing: bool) -> None:
    found = allowed(written, RULES, origin)
    assert found is not None
    assert (found.checks, found.missing) == (checks, missing)


@pytest.mark.parametrize(
    "written",
    [
        "Any",
        "object",
        "T",
        "Money",
        "int | Money",
        "Optional[T]",
        "type[int]",
        "Literal[x]",
        "list[",
        "",
        "int, str",
        "*Ts",
    ],
)
def test_what_is_not_known_is_not_checked(written: str) -> None:
    found = allowed(written, RULES, origin)
    assert found is None or not (found.checks or found.choices)


@given(st.text(st.sampled_from("intsrfloa|[],. '\"OptionalUnion"), max_size=30))
def test_no_annotation_is_too_strange(written: str) -> None:
    allowed(written, RULES, origin)


def test_a_literal_lists_its_choices() -> None:
    found = allowed("Literal['a', \"b,]\", 3] | None", RULES, origin)
    assert found is not None
    assert (found.choices, found.missing) == (("'a'", '"b,]"', "3"), True)


def test_a_tuple_of_so_many_items_is_not_asked_for_being_empty() -> None:
    fixed, free = allowed("tuple[int, str]", RULES, origin), allowed("tuple[int, ...]", RULES, origin)
    assert fixed is not None
    assert free is not None
    assert ("sized" in fixed.traits, "sized" in free.traits) == (False, True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("None", ("None", False)), ("True", ("bool", False)), ("-1", ("int", False)), ("1_000", ("int", False)),
        (".5", ("float", False)), ("1e-3", ("float", False)), ("''", ("str", True)), ("b'x'", ("bytes", False)),
        ("[]", ("list", True)), ("()", ("tuple", True)), ("(1, 2)", ("tuple", False)), ("{}", ("dict", True)),
        ("math.inf", None), ("DEFAULT", None), ("f()", None), ("...", None), ("object()", None),
    ],
)  # fmt: skip
def test_literals(written: str, expected: tuple[str, bool] | None) -> None:
    assert literal_type(written, RULES) == expected


STYLES = {
    "google": "Do.\n\nArgs:\n    n (int): {}\n    other: No.\n\nReturns:\n    It. n must be 7.\n",
    "numpy": "Do.\n\nParameters\n----------\nn : int\n    {}\nother\n    No.\n\nReturns\n-------\nint\n    n = 7.\n",
    "sphinx": "Do.\n\n:param int n: {}\n:param other: No.\n:returns: n must be 7.\n",
    "epytext": "Do.\n\n@param n: {}\n@type n: int\n@param other: No.\n",
}
SAYINGS = {
    "Must be positive.": ("positive", "", ""),
    "How many. Has to be greater than 0.": ("positive", "", ""),
    "must be non-negative": ("non-negative", "", ""),
    "Must be >= 0.": ("non-negative", "", ""),
    "must not be negative": ("non-negative", "", ""),
    "It can't be zero.": ("non-zero", "", ""),
    "Positive integer.": ("positive", "", ""),
    "a non-negative number of things": ("non-negative", "", ""),
    "Should be between 0 and 1.": ("between", "0", "1"),
    "Must be in [0.5, 1.5].": ("between", "0.5", "1.5"),
    "must be in the range (0, 1]": ("between-open-low", "0", "1"),
    "must be at least 3": ("at-least", "3", ""),
    "must be less than or equal to -2": ("at-most", "-2", ""),
    "must be greater than 2.5": ("more-than", "2.5", ""),
    "must not be empty": ("non-empty", "", ""),
    "Non-empty list of names.": ("non-empty", "", ""),
    "Cannot be None.": ("present", "", ""),
    "must be a positive integer, see above": ("positive", "", ""),
    "must not be an empty string": ("non-empty", "", ""),
    "must be positive (and small)": ("positive", "", ""),
    "must be between 0 and 1 inclusive.": ("between", "0", "1"),
    "must be greater than 0 and less than 10": ("positive", "", ""),
}
NOTHING = (
    "Number of positive samples.", "If negative, counts from the end.", "Must be positive if `other` is set.",
    "When zero, must be at least 1.", "The mean; between 0 and 1 most of the time.", "Usually positive.",
    "Must be positive or zero.", "must be positive definite", "must be at least 8 characters", "must be at least 2 * m",
    "must be one of 'a', 'b' or a callable", "must be 'a'", "must be at least 2D", "must not be empty or so",
    "Must be greater than 1e-3", "Must be between 0 and `size`.", "Must be positive, or nothing happens.",
    "Unless it is empty, must be at least 2.", "The list may be empty.", "",
)  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("saying", SAYINGS)
def test_what_is_documented(style: str, saying: str) -> None:
    documented = read_documentation(STYLES[style].format(saying), DOCS)
    (promise,) = promises("n", documented, DOCS)
    assert (promise.kind, promise.a, promise.b) == SAYINGS[saying]
    assert documented.parameters["n"].type == "int"
    assert promises("other", documented, DOCS) == []


@pytest.mark.parametrize("saying", NOTHING)
def test_what_promises_nothing(saying: str) -> None:
    documented = read_documentation(STYLES["google"].format(saying), DOCS)
    assert promises("n", documented, DOCS) == []


def test_documented_errors() -> None:
    doc = "Do.\n\nRaises:\n    KeyError: If `n` is less than 2 or\n        so.\n    ValueError: if names is empty.\n"
    documented = read_documentation(doc, DOCS)
    (few,), (none,) = promises("n", documented, DOCS), promises("names", documented, DOCS)
    assert (few.kind, few.a, few.error) == ("at-least", "2", "KeyError")
    assert (none.kind, none.error) == ("non-empty", "ValueError")


@given(st.text(st.sampled_from("Args:\n RaisesParameters-:paramn must be positive(,)0"), max_size=120))
def test_no_documentation_is_too_strange(doc: str) -> None:
    promises("n", read_documentation(doc, DOCS), DOCS)


def test_ranges() -> None:
    assert in_range("between-open-high", 0, "0", "1")
    assert not in_range("between-open-high", 1, "0", "1")
    assert not in_range("non-zero", 0, "", "")


TEXTS = st.lists(st.text(st.sampled_from('ab"\\\n\t{}[]é🙂 |()'), max_size=20), min_size=1, max_size=3)
CONFIDENCE = st.sampled_from(["certain", "likely", "possible"])


def slot(number: int, texts: list[str], confidence: str) -> Slot:
    written = tuple(f"    if {number}.{way} {text}:\n" for way, text in enumerate(texts))
    kinds = ("positive",) * len(texts)
    return Slot(Check("n", kinds, confidence, ""), written, kinds)


SLOTS = st.lists(st.tuples(TEXTS, CONFIDENCE), min_size=1, max_size=6).map(
    lambda rows: [slot(number, texts, confidence) for number, (texts, confidence) in enumerate(rows)]
)


@given(SLOTS)
def test_every_grammar_is_safe(slots: list[Slot]) -> None:
    written = grammar(slots)
    assert written is not None
    vet(written)


@given(SLOTS, st.data())
def test_a_choice_is_read_back(slots: list[Slot], data: st.DataObject) -> None:
    ways = [data.draw(st.integers(-1 if slot.optional else 0, len(slot.texts) - 1)) for slot in slots]
    answer = "".join(slot.texts[way] for slot, way in zip(slots, ways, strict=True) if way >= 0)
    assert chosen(slots, answer) == ways


def test_a_huge_grammar_is_not_asked() -> None:
    assert grammar([slot(0, ["x" * 40_000], "likely")]) is None


def test_the_tables_are_whole() -> None:
    """Every kind that a rule names is a kind, every message form has its templates."""
    kinds = set(RULES["kinds"])
    named = {kind for rule in (*RULES["uses"].values(), *RULES["calls"].values()) for kind in rule["kinds"]}
    named |= {row["kind"] for row in (*DOCS["phrases"], *DOCS["errors"])}
    assert named <= kinds
    for file in Path(PYTHON.folder).glob("*.toml"):
        tomllib.loads(file.read_text("utf-8"))
