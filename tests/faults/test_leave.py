"""Tests are the project's code: without the user's leave none is run, whatever lies in the folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from dovetail.cli import main
from tests.laid import lay


def test_no_test_runs_without_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "CANARY"
    trap = f"open({str(canary)!r}, 'a').write(__file__)\n"
    for name in ("conftest.py", "test_it.py", "pytest.py", "sitecustomize.py", "it.py"):
        (tmp_path / name).write_text(trap)
    for name in ("pytest", "python", "python3"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
        program.chmod(0o755)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p it'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:/usr/local/bin:/usr/bin:/bin")
    for command in ("python3 -m pytest test_it.py", "pytest test_it.py"):
        result = CliRunner().invoke(main, ["fix", "--test", command])
        assert result.exit_code == 2, result.output
    (tmp_path / "it.py").write_text(f"{trap}\n\ndef half(total: int) -> int:\n    return total // 2\n")
    for sentence, code in (("write tests for half", 2), ("add validation to half", 0)):
        result = CliRunner().invoke(main, ["--endpoint", "http://127.0.0.1:9", "do", sentence, "it.py"])
        assert result.exit_code == code, result.output
    assert not canary.exists()


def test_nor_what_runs_tests_of_other_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the project's runner, not its scripts, not a program of its own; what would run is told instead."""
    canary, root = tmp_path / "CANARY", tmp_path / "shop"
    trap = f'require("fs").writeFileSync({str(canary)!r}, "");\n'
    lay(root, {
        "package.json": '{"scripts": {"pretest": "touch ../CANARY", "test": "vitest"}}',
        ".npmrc": f"node-options=--require {root}/trap.cjs\n",
        "trap.cjs": trap,
        "till.js": "export function share(bill) {\n  return bill.total;\n}\n",
        "till.test.js": f'import {{ share }} from "./till.js";\nimport {{ test }} from "vitest";\n{trap}',
        "vitest.config.js": trap,
        "node_modules/vitest/package.json": '{"bin": {"vitest": "./vitest.mjs"}}',
        "node_modules/vitest/vitest.mjs": trap,
        "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\n',
        ".cargo/config.toml": f'[build]\nrustc-wrapper = "{root}/node"\n',
        "build.rs": f'fn main() {{ std::fs::write("{canary}", "").unwrap(); }}\n',
        "src/lib.rs": "pub fn share(n: u32) -> u32 {\n    1 / n\n}\n\n#[cfg(test)]\nmod tests {}\n",
    })  # fmt: skip
    for name in ("node", "cargo", "rustc", "go"):
        program = root / name
        program.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
        program.chmod(0o755)
    monkeypatch.chdir(root)
    monkeypatch.setenv("NODE_OPTIONS", f"--require={root}/trap.cjs")
    user = os.environ["PATH"]
    for path in (f".:{root}:{user}", f".:{root}"):
        monkeypatch.setenv("PATH", path)
        for place, mine in (("till.js:2", "node"), ("src/lib.rs:2", "cargo")):
            result = CliRunner().invoke(main, ["--endpoint", "http://127.0.0.1:9", "fix", place, "--tests"])
            assert result.exit_code == 2, result.output
            known = path.endswith(user) and shutil.which(mine, path=user)
            told = {"node": "node node_modules/vitest/vitest.mjs run till.test.js", "cargo": "cargo test --offline"}
            said = told[mine] if known else f"there is no {mine} on your path outside of the project"
            assert said in " ".join(result.output.split()), result.output
    assert not canary.exists()
