"""What differs from the last commit is known of a trusted folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dovetail.model.ask import Silence
from dovetail.verify.git import modified

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def _git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


async def test_changed_and_new_files_are_listed_and_ignored_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "b ä.py").write_text("b = 1\n")
    (tmp_path / ".gitignore").write_text("c.py\n")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "first")
    root = tmp_path.as_posix()
    assert await modified(root) == frozenset()
    (tmp_path / "b ä.py").write_text("b = 2\n")
    (tmp_path / "c.py").write_text("c = 1\n")
    (tmp_path / "d.py").write_text("d = 1\n")
    assert await modified(root) == {f"{root}/b ä.py", f"{root}/d.py"}


async def test_a_monitor_that_the_folder_names_is_not_run(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    _git(tmp_path, "config", "core.fsmonitor", str(trap))
    (tmp_path / "a.py").write_text("a = 1\n")
    found = await modified(tmp_path.as_posix())
    assert not isinstance(found, Silence)
    assert f"{tmp_path.as_posix()}/a.py" in found
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["lfs", "a=b"])
async def test_a_filter_that_the_folder_names_is_not_run(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.py"
    file.write_text("a = 1\n")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "first")
    for what in ("clean", "process"):
        _git(tmp_path, "config", f"filter.{name}.{what}", f"touch '{tmp_path}/sprung'; cat")
    (tmp_path / ".gitattributes").write_text(f"*.py filter={name}\n")
    file.write_text("a = 2\n")
    found = await modified(tmp_path.as_posix())
    if "=" in name:
        assert isinstance(found, Silence)
    else:
        assert isinstance(found, frozenset)
        assert file.as_posix() in found
    assert not (tmp_path / "sprung").exists()


async def test_a_folder_without_a_repository_says_so(tmp_path: Path) -> None:
    assert isinstance(await modified(tmp_path.as_posix()), Silence)
