"""Whether a line that a model wrote can mean what the old one did."""

from __future__ import annotations

import pytest

from dovetail.features.actions.fix.meaning import named, same
from dovetail.syntax import language_for


@pytest.mark.parametrize(
    ("message", "old", "new", "holds"),
    [
        ("Test for membership should be `not in`", "if not x in y:", "if x not in y:", True),
        ("Test for membership should be `not in`", "if not x in y:", "if y not in x:", False),
        ("Don't compare with `==`; it's `is`", "if a == None:", "if a is None:", True),
        ("Don't compare with `==`; it's `is`", "if a == b(None):", "if a is b:", False),
        ("`x` is not used", "f(a, b)", "f((a, b))", False),
        ("`x` is not used", "f(a)[b]", "f(a[b])", False),
        ("`x` is not used", "f(a[1:])", "f(a[1])", False),
        ("`x` is not used", "f(a, -b)", "f(a - b)", False),
        ("`x` is not used", "return (a + b) * c", "return a + b * c", False),
        ("Unnecessary words", "if (a):", "if a:", True),
        ("Assert test is a non-empty tuple", "assert (a, 'told')", "assert a, 'told'", True),
        ("`x` is not used", "y = f('a b')", "y = f('b a')", False),
        ("`x` is not used", "y = f('a b')", 'y = f("a b",)', True),
    ],
)  # fmt: skip
def test_only_what_is_named_may_change(message: str, old: str, new: str, holds: bool) -> None:
    language = language_for("a.py")
    assert language is not None
    assert same(language, old, new, named(message), message, free=False) is holds


@pytest.mark.parametrize(
    ("old", "new", "holds"),
    [
        ("x = totl(a)", "x = sum(a)", True),
        ("x = totl(a)", "x = self.total(a)", True),
        ("x = totl(a)", "x = total(b)", False),
        ("x = totl(a, b)", "x = total(b, a)", False),
        ("x = totl(a) + totl", "x = total(a) + total", True),
        ("x = y", "x = z", False),
    ],
)
def test_anything_may_come_in_the_place_of_a_name_that_nobody_defines(old: str, new: str, holds: bool) -> None:
    language = language_for("a.py")
    assert language is not None
    assert same(language, old, new, {"totl"}, "Undefined name `totl`", free=True) is holds


def test_what_a_message_quotes_is_named() -> None:
    assert named("Don't use 'let' in the class's body, \"foo\" or “bar baz”; it's `not in`") == {
        "let", "foo", "bar", "baz", "not", "in",
    }  # fmt: skip
