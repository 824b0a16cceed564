"""What the README says of settings is made from the settings; `pytest --update` writes it again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dovetail.settings import table

_README = Path(__file__).parents[2] / "README.md"


def test_the_table_of_settings_is_current(request: pytest.FixtureRequest) -> None:
    text = _README.read_text("utf-8")
    marked = re.compile(r"(<!-- settings:.*?-->\n).*?(<!-- /settings -->)", re.DOTALL)
    current = marked.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", text)
    if request.config.getoption("--update"):
        _README.write_text(current, "utf-8")
    assert text == current or request.config.getoption("--update")
