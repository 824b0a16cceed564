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

_FILTER = ("clean=", "smudge=", "process=", "required=false")


async def modified(root: str) -> frozenset[str] | Silence:
    """The files under a trusted folder that are changed or new since its last commit."""
    git = shutil.which("git")
    real = Path(root).resolve()
    if git is None or Path(git).resolve().is_relative_to(real):
        return Silence("git is not installed outside of the project", "none")
    forced = [git, "-C", str(real), *_FORCED]
    told = await start([*forced, "config", "--name-only", "-z", "--get-regexp", r"^filter\."], b"", _DEADLINE)
    if isinstance(told, Silence):
        return told
    filters = {name.rpartition(".")[0] for name in told.out.decode("utf-8", "surrogateescape").split("\0") if name}
    if any("=" in name for name in filters):  # cannot be named on a command line, so not be switched off
        return Silence(f"git of {real.name} has a filter that cannot be switched off", "refused")
    # a filter is a command, and git runs it to compare a file with what was committed
    off = [word for name in sorted(filters) for what in _FILTER for word in ("-c", f"{name}.{what}")]
    listed = await start(
        [*forced, *off, "ls-files", "--modified", "--others", "--exclude-standard", "-z"], b"", _DEADLINE
    )
    if isinstance(listed, Silence):
        return listed
    if listed.code:
        return Silence(f"git could not list the changes of {real.name}", "failed")
    names = listed.out.decode("utf-8", "surrogateescape").split("\0")
    return frozenset(f"{root.rstrip('/')}/{name}" for name in names if name)
