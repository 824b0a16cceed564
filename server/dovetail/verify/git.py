"""Which files differ from the last commit. Only for a folder that the user trusts: git obeys its configuration."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dovetail.model.ask import Silence
from dovetail.verify.process import start

_DEADLINE = 5.0
_FORCED = (
    "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.bareRepository=explicit",
    "--no-optional-locks", "--literal-pathspecs", "--no-pager",
)  # fmt: skip


async def modified(root: str) -> frozenset[str] | Silence:
    """The files under a trusted folder that are changed or new since its last commit."""
    git = shutil.which("git")
    real = Path(root).resolve()
    if git is None or Path(git).resolve().is_relative_to(real):
        return Silence("git is not installed outside of the project", "none")
    place = ["-C", str(real)]
    listed = await start(
        [git, *place, *_FORCED, "ls-files", "--modified", "--others", "--exclude-standard", "-z"], b"", _DEADLINE
    )
    if isinstance(listed, Silence):
        return listed
    if listed.code:
        return Silence(f"git could not list the changes of {real.name}", "failed")
    names = listed.out.decode("utf-8", "surrogateescape").split("\0")
    return frozenset(f"{root.rstrip('/')}/{name}" for name in names if name)
