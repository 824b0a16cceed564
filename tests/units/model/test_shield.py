"""What a chat model says where it was to choose, and what is read of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail.model import shield

WORDS = ("fix", "edit")


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ('{"choice": "fix"}', "fix"),
        ('{"why": {"because": "it {breaks}"}, "choice": "edit"}', "edit"),
        ('Sure! Here you are:\n```json\n{"choice": "fix"}\n```\nAnything else?', "fix"),
        ('<think>{"choice": "edit"}?</think>{"choice": "fix"}', "fix"),
        ('Is it {"choice": "edit"}? No.\n</think>\n\n{"choice": "fix"}', "fix"),
        ('{"choice": "fix"} or {"choice": "edit"}?', ""),
        ('{"choice": "fix"}, I repeat: {"choice": "fix"}', "fix"),
        ('{"choice": "fix", "not": {"choice": "edit"}}', "fix"),
        ("{'choice': 'fix'}", "fix"),
        ('{"choice": "fix",}', "fix"),
        ('{"choice": "fix"', "fix"),
        ('{"answer": 1} {"choice": "edit"}', "edit"),
        ("Fix.", "fix"),
        ("I would say: edit", "edit"),
        ("fix or edit", ""),
        ("prefixed", ""),
        ('{"choice": "both"} fix', ""),
        ('{"choice": ["fix"]}', ""),
        ("[" * 3000, ""),
        ("{" * 3000, ""),
        ("", ""),
    ],
)
def test_a_choice_is_read(said: str, choice: str) -> None:
    assert shield.read(said, WORDS)[0] == choice


def test_what_is_wrong_names_the_field() -> None:
    assert shield.read('{"choice": "both"}', WORDS)[1] == "choice: it is none of fix, edit"
    assert shield.read('{"chosen": "fix"}', WORDS)[1] == "choice: Field required"
    assert shield.read("fix or edit", WORDS)[1] == "it holds no JSON object"


@given(st.text())
def test_whatever_is_said_is_a_choice_or_none(said: str) -> None:
    choice, wrong = shield.read(said, WORDS)
    assert choice in WORDS if choice else wrong


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        ('root ::= "yes" | "no"', ("yes", "no")),
        ('root ::= "a \\"b\\""', ('a "b"',)),
        ('root ::= "a" [^\\n]*', ()),
        ('root ::= x\nx ::= "a"', ()),
        ("root ::= [a-z]+", ()),
    ],
)
def test_a_grammar_that_is_a_choice(grammar: str, words: tuple[str, ...]) -> None:
    assert shield.choices(grammar) == words
