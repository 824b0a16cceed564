"""What is wrapped around a model's code goes; a line is put right in the usual ways."""

from __future__ import annotations

import pytest

from dovetail.features.actions.answers import code_of, first_line, watching
from dovetail.features.actions.fix import repairs
from dovetail.syntax import languages

FIX = next(language for language in languages() if language.name == "python").table("fix")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x = 1", "x = 1"),
        ("\ufeffx = 1\r\ny = 2\r\n", "x = 1\ny = 2"),
        ("<think>hm\nhm</think>x = 1", "x = 1"),
        ("<think>and so on", ""),
        ("Sure:\n```python\nx = 1\n```\nThat is it.", "x = 1"),
        ("```python\nx = 1\n", "x = 1"),
        ("````md\n```python\nx = 1\n```\n````", "```python\nx = 1\n```"),
        ("```md\n```python\nx = 1\n```\n```\nbye", "```python\nx = 1\n```"),
        ("~~~\nx = '$&'\n~~~", "x = '$&'"),
        ("\tx = 1\n\ty", "\tx = 1\n\ty"),
        ("", ""),
    ],
)
def test_code_of(text: str, code: str) -> None:
    assert code_of(text) == code


def test_half_a_line_goes() -> None:
    assert code_of("x = 1\ny = (", cut=True) == "x = 1"
    assert code_of("```\nx = 1\n```\nand", cut=True) == "x = 1"


def test_first_line() -> None:
    assert first_line("\n   \n  x = 1  \ny") == "x = 1"


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("def f(x)", "def f(x):"),
        ("else  # or", "else:  # or"),
        ("    print(sum(x)", "    print(sum(x))"),
        ("x = [1, (2]", "x = [1, (2)]"),
        ("x = (1]", "x = (1)"),
        ("if x == (1:", "if x == (1):"),
        ("if f(x", "if f(x):"),
        ("f(x))", "f(x)"),
        ('print("a)', 'print("a")'),
        ("if x = 3:", "if x == 3:"),
        ("else if x:", "elif x:"),
        ("if a && b:", "if a and b:"),
        ("except E, e:", "except E as e:"),
        ("i++", "i += 1"),
    ],
)
def test_repairs(line: str, meant: str) -> None:
    assert FIX is not None
    assert meant in list(repairs(line, FIX))


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        ("Sure, here is the fixed line", True, False),
        ("This function returns the sum", True, False),
        ("Sure, here is the code:\n```python\nx = 1\n", False, True),
        ("Sure, here is the code that you wanted, and I hope that it helps you. " * 4, False, False),
        ("<think>Sure, here is what I think of that", True, True),
        ("x = 1\nx = 1\nx = 1\n", False, False),
        ("x = 1\nx = 1\ny = 1\n", False, True),
        ("a or b or b or b or b or b or b or b or b or b or b or b", True, False),
        ("[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", True, True),
        ("# " + "-" * 70, False, True),
        ("def f(x):\n    return 1", False, False),
        ("return f(x)", True, True),
    ],
)
def test_what_leads_nowhere_is_stopped_while_it_is_written(text: str, line: bool, wanted: bool) -> None:
    """At some prefix, and at none where it may still become an answer."""
    watch = watching("def f(x):", line=line)
    assert all(watch(0, text[:end]) for end in range(len(text) + 1)) is wanted
