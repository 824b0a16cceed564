"""Which grammars may reach llama.cpp."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail.model import gbnf
from dovetail.model.shield import choices
from dovetail.syntax import shape

ROOT = Path(__file__).parents[3]
FOLDER, SERVER = ROOT / "grammars" / "gbnf", ROOT / "server"
GOOD = {
    "a literal": 'root ::= "a"',
    "nothing": 'root ::= ""',
    "a loop": 'root ::= ("if " name ":\\n")+\nname ::= [a-z_] [a-z0-9_]*',
    "right recursion": 'root ::= "a" root | "a"',
    "recursion in the middle": 'root ::= "(" root ")" | "x"',
    "comments and lines": '# a comment\n\nroot ::= # here\n  "a" | # and here\n  "b"\n',
    "lines inside a group": 'root ::= (\n  "a"\n  | "b"\n)\n',
    "all repetitions": 'root ::= "a"? "b"* "c"+ "d"{2} "e"{2,} "f"{0,3}',
    "escapes": r'root ::= "\x41\u00e9\U0001F600\n\t\\\"" [\]\[\-a-z] [^\n"]*',
    "a dash at the end of a class": "root ::= [a-z-]+",
    "any character": "root ::= .+",
    "the largest class but one": r"root ::= [^\x01-\x40\x42-\U0010FFFF]",
    "many alternatives": "root ::= " + " | ".join(f'"name{i}"' for i in range(1000)),
    "times times times": 'root ::= ((("a"{99}){99}){99}){99}',
    "a line of bounded length": r"root ::= [^\n]{0,200}",
}

BAD = {
    "empty": ("", "The grammar has no rule root."),
    "blank": (" \n # only this", "The grammar has no rule root."),
    "no root": ('start ::= "a"', "The grammar has no rule root."),
    "undefined": ("root ::= name", "The grammar uses a rule name that it does not define."),
    "undefined elsewhere": ('root ::= "a"\nb ::= c', "The grammar uses a rule c that it does not define."),
    "twice": ('root ::= "a"\nroot ::= "b"', "The grammar defines its rule root twice."),
    "left recursion": ('root ::= root "a" | "a"', "The grammar's rule root can begin with itself."),
    "hidden left recursion": (
        'root ::= b root "x" | "x"\nb ::= c c\nc ::= "" | "c"',
        "The grammar's rule root can begin with itself.",
    ),
    "left recursion round a corner": ('root ::= a\na ::= b "x"\nb ::= a | "y"', "The grammar's rule a can begin"),
    "never ends": ('root ::= "a" root', "The grammar's rule root never comes to an end."),
    "never ends together": ('root ::= "a" b\nb ::= "b" root', "never comes to an end."),
    "unclosed literal": ('root ::= "a', 'The grammar lacks a closing " in line 1.'),
    "unclosed class": ("root ::= [a", "The grammar lacks a closing ] in line 1."),
    "unclosed group": ('root ::= ("a"', "The grammar lacks a closing parenthesis in line 1."),
    "closed twice": ('root ::= "a")', "The grammar lacks the end of the rule in line 1."),
    "nothing to repeat": ("root ::= *", "The grammar lacks something to repeat in line 1."),
    "an empty literal repeated": ('root ::= ""*', "The grammar lacks something to repeat in line 1."),
    "an empty class": ("root ::= []", "The grammar lacks a class that some character is in in line 1."),
    "a class of nothing": (r"root ::= [^\x01-\U0010FFFF]", "The grammar lacks a class"),
    "a range downwards": ("root ::= [z-a]", "The grammar lacks a range that goes upwards in line 1."),
    "a surrogate": (r'root ::= "\ud800"', "The grammar lacks a character"),
    "beyond Unicode": (r'root ::= "\U00110000"', "The grammar lacks a character"),
    "NUL": (r'root ::= "\x00"', "The grammar lacks a character"),
    "NUL as it is": ('root ::= "\0"', "The grammar lacks a character"),
    "an unknown escape": (r'root ::= "\q"', "The grammar lacks a character"),
    "half an escape": (r'root ::= "\x4"', "The grammar lacks 2 hexadecimal digits"),
    "a token": ("root ::= <[1]>", "The grammar lacks the end of the rule"),
    "not a token": ("root ::= !<[1]>", "The grammar lacks the end of the rule"),
    "an underscore": ('root ::= a_b\na_b ::= "a"', "The grammar lacks the end of the rule"),
    "no arrow": ('root = "a"', "The grammar lacks ::= in line 1."),
    "prose": ("Please answer in JSON.", "The grammar lacks ::= in line 1."),
    "a repetition of zero": ('root ::= "a"{0}', "The grammar lacks a repetition of at least one"),
    "a repetition backwards": ('root ::= "a"{3,2}', "The grammar lacks a repetition from less to more"),
    "a repetition without end": ('root ::= "a"{3', "The grammar lacks a repetition like"),
    "too many times": ('root ::= "a"{1001}', "The grammar repeats something more than 1000 times."),
    "a number beyond all bounds": ('root ::= "a"{99999999999999999999}', "The grammar lacks a repetition like"),
    "times the letters": ("root ::= " + '"aaaaaaaaaa"{1000} ' * 7, "too large with its repetitions written out."),
    "a large group too often": ("root ::= (a b c){1000}\na ::= [a]\nb ::= [b]\nc ::= [c]", "a large group too often"),
    "repeating what may be empty": ('root ::= ("a"?){0,200} "z"', "repeats something that may be empty."),
    "a star of a star": ('root ::= ("a"*)*', "repeats something that may be empty."),
    "deep": ("root ::= " + "(" * 33 + '"a"' + ")" * 33, "The grammar nests more than 32 groups."),
    "deeper than the stack": ("root ::= " + "(" * 60000, "The grammar nests more than 32 groups."),
    "large": ('root ::= "' + "a" * (64 << 10) + '"', "The grammar is larger than 64 KiB."),
    "large in bytes": ('root ::= "' + "é" * (40 << 10) + '"', "The grammar is larger than 64 KiB."),
    "many rules": ("root ::= " + "[a]? " * 5000, "The grammar has more than 4096 rules, groups and repetitions."),
    "exponential to begin": (
        "root ::= a0\n" + "".join(f'a{i} ::= a{i + 1} | a{i + 1} "x"\n' for i in range(40)) + 'a40 ::= "q"',
        "can begin in too many ways.",
    ),
    "exponential to check": (
        "root ::= a0\n" + "".join(f"a{i} ::= a{i + 1} a{i + 1}?\n" for i in range(40)) + 'a40 ::= "q"?',
        "can begin",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_allowed(name: str) -> None:
    gbnf.vet(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_refused(name: str) -> None:
    grammar, expected = BAD[name]
    with pytest.raises(gbnf.GrammarRefused) as refused:
        gbnf.vet(grammar)
    assert expected in refused.value.reason


@given(st.text(alphabet='ro:=|()[]{}*+?".^-\\ab0,1 \nx#', max_size=60))
def test_any_text_is_allowed_or_refused(text: str) -> None:
    with contextlib.suppress(gbnf.GrammarRefused):
        gbnf.vet("root ::= " + text)


def test_our_own_grammars_are_allowed() -> None:
    for file in (Path(__file__).parents[3] / "grammars" / "gbnf").glob("*.gbnf"):
        gbnf.vet(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.gbnf")), ids=lambda file: file.stem)
def test_every_shape_of_an_answer_may_be_used_and_is(file: Path) -> None:
    gbnf.vet(shape(file.stem))
    asking = [path for path in SERVER.rglob("*.py") if f'shape("{file.stem}")' in path.read_text("utf-8")]
    assert asking


def test_an_endpoint_that_knows_no_grammar_can_be_asked_for_a_verdict() -> None:
    assert choices(shape("yes-or-no")) == ("YES", "NO")
