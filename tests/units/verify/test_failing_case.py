"""A failing test in one line: expected, got, for which call."""

from __future__ import annotations

import pytest

from dovetail.verify import failing_case


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("assert 3 == 2; +  where 3 = share(6, 3)", "expected 2, got 3, for share(6, 3)"),
        ("AssertionError: assert 3 == 2\n +  where 3 = share(6, 3)", "expected 2, got 3, for share(6, 3)"),
        ("assert 2 == 3; +  where 3 = share(6, 3)", "expected 2, got 3, for share(6, 3)"),
        ("assert [1, 2] == [2, 1]; At index 0 diff: 1 != 2; Use -v to get more diff", "expected [2, 1], got [1, 2]"),
        ("assert 3 is None; +  where 3 = last([])", "expected None, got 3, for last([])"),
        ("assert False; +  where False = valid('a')", "expected something true, got False, for valid('a')"),
        ("assert not True; +  where True = valid('a')", "expected something false, got True, for valid('a')"),
        ("assert 3 is not None", "assert 3 is not None"),
        ("assert 'a == b' == 'c == d'", "assert 'a == b' == 'c == d'"),
        (
            "assert 3 == 2; +  where 3 = <method share>(6); +    where <method share> = Till.share",
            "expected 2, got 3, for <method share>(6)",
        ),
        ("TypeError: share() missing\none argument", "TypeError: share() missing one argument"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_failure_says(said: str, told: str) -> None:
    assert failing_case(said) == told


def test_it_stays_short() -> None:
    assert len(failing_case("assert " + "x" * 9000)) == 160
