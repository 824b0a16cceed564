"""Every page shows what it says. `pytest --update` writes what is seen now; the diff is to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page import perform, read, rewrite

PAGES = sorted(Path(__file__).parent.rglob("*.page"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_page(path: Path, request: pytest.FixtureRequest) -> None:
    page = read(path)
    sees = perform(page)
    if request.config.getoption("--update"):
        rewrite(page, sees)
        return
    assert sees == page.sees
