"""Guards for functions that nobody wrote for us: they parse, name what exists, let every default pass."""

from __future__ import annotations

from collections import Counter

from tests.bench.validation import files, look
from tests.scripted import no_linter

PACKAGES = ["statistics", "textwrap", "fractions", "random", "click", "pathspec", "platformdirs", "httpcore"]


async def test_guards_of_installed_packages() -> None:
    counts: Counter[str] = Counter()
    shown: list[str] = []
    for path in list(files(PACKAGES))[:40]:
        await look(path, no_linter, counts, shown, [])
    assert counts["offered"] > 100
    assert {name: n for name, n in counts.items() if name.isupper()} == {}
    assert counts["parses"] + counts["refused"] + counts["was broken"] == counts["offered"]
