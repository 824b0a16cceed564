"""Dovetail in VS Code, in a browser: the package that people install, the real server, the bundled model.

From outside, by keys: one editor for all scenarios, which are in vscode.mjs; each is a test here. From inside, by
VS Code's own API: what the files in inside/ say, run by Mocha in the extension host.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.editors.terminal import CHECKOUT, TOOLS

pytestmark = [pytest.mark.model, pytest.mark.slow]

HERE = Path(__file__).parent
DRIVER = HERE / "vscode.mjs"
NAMES: list[str] = re.findall(r'^  async "(.+)"\(\)', DRIVER.read_text("utf-8"), re.MULTILINE)
INSIDE = [
    f"{suite} {name}"
    for text in [file.read_text("utf-8") for file in sorted((HERE / "inside").glob("*.test.js"))]
    for suite in re.findall(r'^describe\("(.+)"', text, re.MULTILINE)
    for name in re.findall(r'^  it\("(.+)", ', text, re.MULTILINE)
]


def run(driver: Path, folder: Path) -> dict[str, str | None]:
    """What went wrong in each scenario, None for nothing."""
    node = TOOLS / "python/bin/node"
    package = CHECKOUT / "editors/vscode/dovetail.vsix"
    there = [node, TOOLS / "vscode/ready", TOOLS / "mocha/node_modules/mocha"]
    if not (all(file.exists() for file in there) and shutil.which("chromium")):
        pytest.skip("VS Code, its Node.js, Mocha or Chromium is not installed: run tests/editors/setup.sh vscode")
    if not package.exists():
        pytest.skip("the extension is not packed: run tests/editors/setup.sh vscode")
    sources = [*(CHECKOUT / "editors/vscode/src").iterdir(), *(CHECKOUT / "editors/vscode").glob("package*.json")]
    newest = max(file.stat().st_mtime for file in sources)
    assert package.stat().st_mtime > newest, "the package is older than its sources: run tests/editors/setup.sh vscode"
    server = Path(sys.executable).with_name("dovetail")
    command = [node, driver, TOOLS, package, server, HERE / "project", folder]
    if pictures := os.environ.get("DOVETAIL_PICTURES"):
        command.append(Path(pictures).resolve())
    ran = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    results = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert results, ran.stderr
    return {result["name"]: result["error"] for result in results}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    return run(DRIVER, tmp_path_factory.mktemp("vscode"))


@pytest.fixture(scope="module")
def told_inside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    return run(HERE / "vscode_inside.mjs", tmp_path_factory.mktemp("inside"))


@pytest.mark.parametrize("name", NAMES)
def test_vscode(told: dict[str, str | None], name: str) -> None:
    assert name in told, "VS Code did not get so far"
    assert not told[name], told[name]


@pytest.mark.parametrize("name", INSIDE)
def test_inside_vscode(told_inside: dict[str, str | None], name: str) -> None:
    assert name in told_inside, f"Mocha did not get so far: {told_inside}"
    assert not told_inside[name], told_inside[name]


def test_what_lies_in_a_folder_is_not_the_server(tmp_path: Path) -> None:
    node = TOOLS / "python/bin/node"
    if not node.exists():
        pytest.skip("Node.js is not installed: run tests/editors/setup.sh vscode")
    folder = tmp_path / "folder"
    folder.mkdir()
    inside = folder / "dovetail"
    inside.write_text("#!/bin/sh\n")
    inside.chmod(0o755)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "dovetail").symlink_to(inside)

    def find(setting: str, path: str, trusted: bool, clone: Path | None = None) -> dict[str, str]:
        given = json.dumps([setting, [str(folder)], trusted, str(clone or "")])
        module = CHECKOUT / "editors/vscode/src/server.ts"
        code = f"import('{module}').then(s => console.log(JSON.stringify(s.find(...{given}))))"
        env = {**os.environ, "PATH": path, "NODE_NO_WARNINGS": "1"}
        return json.loads(
            subprocess.run([node, "-e", code], env=env, capture_output=True, text=True, check=True).stdout
        )

    for path in (str(folder), str(elsewhere)):
        assert "lies inside" in find("", path, trusted=True)["refusal"]
    assert "lies inside" in find(str(inside), "", trusted=False)["refusal"]
    assert find(str(inside), "", trusted=True) == {"command": str(inside)}
    assert "absolute" in find("dovetail", "", trusted=True)["refusal"]
    assert "no `dovetail`" in find("", "", trusted=True)["refusal"]

    for clone in (folder, elsewhere):  # the one in which the package was made
        made = clone / ".venv/bin/dovetail"
        made.parent.mkdir(parents=True)
        made.write_text("#!/bin/sh\n")
        made.chmod(0o755)
    assert find("", "", trusted=False, clone=elsewhere) == {"command": str(elsewhere / ".venv/bin/dovetail")}
    assert "no `dovetail`" in find("", "", trusted=False, clone=folder)["refusal"]
    assert find("", "", trusted=True, clone=folder) == {"command": str(folder / ".venv/bin/dovetail")}


def test_the_package_is_small() -> None:
    package = CHECKOUT / "editors/vscode/dovetail.vsix"
    if not package.exists():
        pytest.skip("the extension is not packed: run make vscode")
    assert package.stat().st_size <= 1_000_000
