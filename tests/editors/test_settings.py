"""What the editors say of settings and languages is what the server says."""

from __future__ import annotations

import json
import subprocess
import sys

from dovetail.settings import DANGEROUS
from tests.editors.terminal import CHECKOUT


def test_the_written_files_are_current() -> None:
    ran = subprocess.run(
        [sys.executable, str(CHECKOUT / "editors/settings.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_dangerous_settings_come_from_the_user_alone() -> None:
    package = json.loads((CHECKOUT / "editors/vscode/package.json").read_text("utf-8"))
    restricted = package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert {name.rsplit(".", 1)[-1] for name in restricted} >= DANGEROUS
    properties = {
        name: value for group in package["contributes"]["configuration"] for name, value in group["properties"].items()
    }
    assert all(properties[name]["scope"] == "machine" for name in restricted)


def test_the_lock_file_names_no_registry() -> None:
    lock = (CHECKOUT / "editors/vscode/package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
