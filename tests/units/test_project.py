"""The project's own promises: rooms, style, types, pins, and what travels in the wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import dovetail

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def passes(*command: str) -> None:
    """The command, of this environment and run in the project's root, ends with 0; else show what it says."""
    tool = Path(sys.executable).with_name(command[0])
    environment = os.environ | {"PYTHONPATH": str(ROOT / "server"), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        [str(tool), *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def test_rooms_import_only_as_the_contract_says():
    passes("lint-imports", "--no-logo", "--no-cache")


def test_style():
    passes("ruff", "check", "--no-cache", "--output-format=concise")


def test_format():
    passes("ruff", "format", "--check", "--no-cache")


def test_types():
    passes("pyright", "--level=error", f"--pythonpath={sys.executable}")


def test_one_version():
    assert metadata.version("dovetail") == dovetail.__version__
    for file in ROOT.glob("editors/*/package.json"):
        assert json.loads(file.read_text())["version"] == dovetail.__version__, file


def wanted() -> list[Requirement]:
    groups = [
        PROJECT["project"]["dependencies"],
        PROJECT["project"]["optional-dependencies"]["dev"],
        PROJECT["dependency-groups"]["build"],
        PROJECT["build-system"]["requires"],
    ]
    return [Requirement(line) for group in groups for line in group]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_pins_what_the_project_asks_for(requirement: Requirement):
    name = re.escape(canonicalize_name(requirement.name))
    pins = re.findall(rf"^{name}==(\S+)", LOCK, re.MULTILINE)
    assert pins, "`make lock` renews requirements.lock"
    assert all(requirement.specifier.contains(pin) for pin in pins)


def test_every_pin_has_hashes_and_none_names_a_place():
    for pin in re.split(r"\n(?=[a-z0-9])", LOCK)[1:]:
        assert "--hash=sha256:" in pin, pin
    assert not re.search(r"https?:|file:|^-", LOCK, re.MULTILINE)


def test_the_wheel_holds_the_package_the_grammars_and_the_model(tmp_path: Path):
    passes("python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    (wheel,) = tmp_path.glob("dovetail-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    def files(folder: str, inside: str) -> set[str]:
        found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" for path in found}

    assert held == files("server/dovetail", "dovetail") | files("grammars", "dovetail/grammars")
    assert any(re.fullmatch(r"dovetail/model/bundled/.+\.gguf", name) for name in held)
    assert "dovetail/grammars/python/tags.scm" in held
