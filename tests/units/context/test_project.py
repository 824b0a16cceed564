"""A project in one line, by rules."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.context.project import LONGEST, manifests, summary
from tests.units.context.project import world

_GRAPH = (
    world({"app.py": "import flask\nfrom click import command\n", "cli.py": "import click.core\n"}).snapshot().graph
)
_PYPROJECT = """
[project]
name = "shop"
requires-python = ">=3.11"
[project.scripts]
shop = "shop:main"
[build-system]
build-backend = "hatchling.build"
[tool.pytest.ini_options]
[tool.ruff]
"""


def test_what_the_files_say_is_told() -> None:
    assert summary({"pyproject.toml": _PYPROJECT, "Makefile": ""}, _GRAPH) == (
        "Python >=3.11, pip, hatchling; uses click, Flask; entry: shop; build: make; test: pytest; lint: ruff"
    )


def test_the_first_rule_that_applies_speaks() -> None:
    assert summary({"pyproject.toml": _PYPROJECT, "uv.lock": ""}, _GRAPH).startswith("Python >=3.11, uv;")
    assert summary({}, world({}).snapshot().graph) == ""


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(manifests())), st.text(max_size=300)))
def test_a_summary_is_one_short_line(files: dict[str, str]) -> None:
    line = summary({**files, "pyproject.toml": _PYPROJECT + files.get("pyproject.toml", "")}, _GRAPH)
    assert len(line) <= LONGEST
    assert "\n" not in line
