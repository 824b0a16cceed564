"""What a rule is about is told by the tool that has it, offline, and nothing of an open folder is run for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dovetail.features.actions.explaining.rule import digest, summary
from dovetail.model.ask import Run, Silence
from dovetail.verify.checkers import run_checker

ESLINT = """"use strict";
module.exports = {
	meta: {
		type: "problem",

		docs: {
			description: "disallow the use of `debugger` \\"here\\"",
			recommended: true,
			url: "https://eslint.org/docs/latest/rules/no-debugger",
		},
		fixable: null,
"""


async def told(source: str, code: str, *roots: Path) -> str | Silence:
    found = await run_checker(Run("rules", "/x", "", select=(source, code)), [each.as_posix() for each in roots])
    return found if isinstance(found, Silence) else found[0].message


async def test_ruff_tells_its_rules_and_those_it_has_taken_over() -> None:
    said = await told("ruff", "F401")
    assert isinstance(said, str)
    assert summary(said) == "Checks for unused imports."
    for source, code in (("flake8", "E501"), ("pycodestyle", "E711"), ("pylint", "E0100")):
        assert isinstance(await told(source, code), str), code


@pytest.mark.parametrize(("source", "code"), [("ruff", "XYZ1"), ("Pyright", "reportReturnType"), ("rustc", "E0382")])
async def test_what_nobody_here_can_tell_is_said_in_words(source: str, code: str) -> None:
    said = await told(source, code)
    assert isinstance(said, Silence)
    assert said.reason


async def test_rules_of_eslint_are_read_and_not_run(tmp_path: Path) -> None:
    rules = tmp_path / "node_modules" / "eslint" / "lib" / "rules"
    rules.mkdir(parents=True)
    (rules / "no-debugger.js").write_text(ESLINT, "utf-8")
    assert await told("eslint", "no-debugger", tmp_path) == 'Disallow the use of `debugger` "here".'
    assert isinstance(await told("eslint", "no-alert", tmp_path), Silence)


@pytest.mark.skipif(os.name != "posix", reason="links")
async def test_a_rule_that_leads_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.js"
    secret.write_text(ESLINT, "utf-8")
    rules = tmp_path / "project" / "node_modules" / "eslint" / "lib" / "rules"
    rules.mkdir(parents=True)
    (rules / "no-debugger.js").symlink_to(secret)
    assert isinstance(await told("eslint", "no-debugger", tmp_path / "project"), Silence)


@pytest.mark.skipif(os.name != "posix", reason="the tool of this test is a script")
async def test_rustc_explains_its_codes_unless_it_lies_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "rustc"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport sys\nprint('about', *sys.argv[1:])\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert await told("rust-analyzer", "E0382", tmp_path / "project") == "about --explain E0382\n"
    assert isinstance(await told("rustc", "E0382", tmp_path), Silence)


def test_what_is_told_is_text_and_code_and_no_markup_of_its_own() -> None:
    told = "# a (B1)\n\n## What it does\nSee [`here`](https://x.y) and [there]: <b>`x`</b>\n\n- one\n- two\n\n"
    told += "```python\n# no heading\nx = 1\n```\n\n## Options\n- `x`\n"
    assert digest(told, "python") == [
        "See `here` and there: \\<b\\>`x`\\</b\\>",
        "- one\n- two",
        "```python\n# no heading\nx = 1\n```",
    ]


def test_of_a_long_rule_no_half_is_told() -> None:
    parts = digest("\n\n".join([*("word " * 100 for _ in range(4)), "as in:", "```\ncode\n```"]), "rust")
    assert parts
    assert sum(map(len, parts)) <= 1100
    assert not parts[-1].endswith(":")
