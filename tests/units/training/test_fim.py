"""Where the recipe cuts files, and in which order it tells the pieces. Needs no torch."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from training.fim import FILE, KINDS, MID, PRE, SUF, Kind, Repository, cut, draw, prompt, read, segments

SHAPES = '''"""Shapes."""


class Shape:
    """Something with an area."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height

    def area(self) -> int:
        """Width times height."""
        return self.width * self.height


def largest(shapes: list[Shape]) -> Shape:
    best = shapes[0]
    for shape in shapes:
        if shape.area() > best.area():
            best = shape
    return best
'''

USER = '''from .shapes import Shape, largest

LIMIT = 10


def report(shapes):
    """Größe des größten."""
    winner = largest(shapes)
    if winner.area() > LIMIT:
        print("too large", winner.area())
    return winner
'''


def test_every_kind_of_middle_is_what_it_says() -> None:
    source = read("p", "p/shapes.py", SHAPES)

    def drawn(kind: Kind) -> set[str]:
        rng = random.Random(1)
        places = [cut(source, 0, len(source.text), kind, rng) for _ in range(300)]
        return {source.text[a:b].decode() for a, b in filter(None, places)}

    assert {"best = shapes[0]", "self.width = width"} <= {line.strip() for line in drawn("line")}
    assert drawn("condition") == {"shape.area() > best.area()"}
    assert '"""Width times height."""' in drawn("docstring")
    assert "return self.width * self.height" in drawn("statement")
    assert "self.width * self.height" in drawn("expression")
    assert all("\n" not in middle for middle in drawn("rest") | drawn("span") | drawn("line"))
    assert any(middle.count("\n") > 1 for middle in drawn("lines"))
    assert "best = shape" in drawn("block")


def test_whole_lines_are_drawn_as_one_writes_them() -> None:
    """A long one no oftener than a short one, mostly from where an editor has indented to."""
    text = b"def first():\n    if x:\n        y()\n        " + b"z" * 150 + b"()\n    else:\n        pass\n"
    source, rng = read("p", "p/a.py", text.decode()), random.Random(1)
    places = [found for _ in range(3000) if (found := cut(source, 0, len(text), "line", rng, 1.0))]
    lines = Counter(text[low:high].strip() for low, high in places)
    assert len(lines) == 6
    assert min(lines.values()) > 0.8 * max(lines.values())
    typed = Counter(low - text.rfind(b"\n", 0, low) - 1 for low, high in places if text[low:high].strip() == b"y()")
    assert set(typed) == {0, 4, 8}
    assert typed[8] > typed[4] + typed[0]


@pytest.mark.parametrize("text", [SHAPES, USER])
def test_a_cut_never_splits_a_character_and_stays_in_its_segment(text: str) -> None:
    source = read("p", "p/x.py", text)
    rng = random.Random(2)
    for start, end in segments(source, rng, 40, 200) * 20:
        found = draw(source, start, end, rng)
        if found is None:
            continue
        kind, low, high = found
        assert kind in KINDS
        assert start <= low < high <= end
        for piece in (source.text[start:low], source.text[low:high], source.text[high:end]):
            piece.decode()


def test_segments_cover_the_file_in_whole_lines() -> None:
    source = read("p", "p/shapes.py", SHAPES)
    pieces = segments(source, random.Random(3), 30, 90)
    assert b"".join(source.text[a:b] for a, b in pieces) == source.text
    assert all(source.text[a:b].endswith(b"\n") for a, b in pieces)


def test_context_tells_what_imported_names_are_and_what_the_file_defines_elsewhere() -> None:
    shapes, user = read("p", "p/shapes.py", SHAPES), read("p", "p/user.py", USER)
    repository = Repository([shapes, user])
    start = USER.index("def report")
    visible = user.text[start:]
    context = repository.context(user, len(user.text) - len(visible), len(user.text), visible, 400)
    assert context == [
        ("p/shapes.py", "def largest(shapes: list[Shape]) -> Shape: ...\n"),
        ("p/user.py", "LIMIT = 10\n"),
    ]


def test_context_keeps_its_limit() -> None:
    shapes, user = read("p", "p/shapes.py", SHAPES), read("p", "p/user.py", USER)
    context = Repository([shapes, user]).context(user, 0, 10, user.text, 60)
    assert sum(len(path) + len(text) for path, text in context) <= 60


def test_lines_like_this_come_from_outside_of_what_the_prompt_shows() -> None:
    """Nothing of the segment is quoted, least of all the middle that is to be told."""
    other = (
        "def tallest(shapes):\n    best = shapes[0]\n    for shape in shapes:\n        print(shape)\n    return best\n"
    )
    shapes, tall = read("p", "p/shapes.py", SHAPES), read("p", "p/tall.py", other)
    # Files that were not parsed are quoted as well.
    repository = Repository([shapes], {"p/shapes.py": shapes.text, "p/tall.py": tall.text})
    start = SHAPES.index("def largest")
    low = SHAPES.index("shapes[0]")
    found = repository.similar(shapes, start, low, low + len("shapes[0]"), len(SHAPES))
    assert found == [("tall.py", "    best = shapes[0]\n")]
    assert repository.similar(shapes, 0, low, low + 9, len(SHAPES)) == found
    assert Repository([shapes]).similar(shapes, 0, low, low + 9, len(SHAPES)) == []
    below = SHAPES.index("        if shape.area()")
    before_typing = repository.similar(shapes, start, below + 11, below + 20, len(SHAPES), typed=False)
    assert before_typing[-1] == ("tall.py", "    for shape in shapes:\n        print(shape)\n")


def test_the_middle_joins_the_prefix_when_the_suffix_comes_first() -> None:
    assert prompt("a", "b", []) == [PRE, SUF, "b", MID, "a"]
    assert prompt("a", "b", [], suffix_first=False) == [PRE, "a", SUF, "b", MID]
    assert prompt("a", None, []) == ["a"]
    assert prompt("a", "b", [("p.py", "def f(): ...\n")], "q.py") == [
        FILE,
        "p.py\ndef f(): ...\n",
        FILE,
        "q.py\n",
        PRE,
        SUF,
        "b",
        MID,
        "a",
    ]
