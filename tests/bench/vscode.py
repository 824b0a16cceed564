"""What a person waits for in VS Code, in a headless browser, with the package that people install."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Figure
from tests.editors.terminal import CHECKOUT, TOOLS


def vscode(n: int) -> list[Figure]:
    """From opening a file to the first suggestion, and from a key to ghost text."""
    node, package = TOOLS / "python/bin/node", CHECKOUT / "editors/vscode/dovetail.vsix"
    if not (node.exists() and (TOOLS / "vscode/ready").exists() and shutil.which("chromium") and package.exists()):
        sys.stderr.write("VS Code is not installed (tests/editors/setup.sh vscode): left out\n")
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, log = _relayed(folder)
        home = folder / "home"
        home.mkdir()
        driver, project = CHECKOUT / "tests/editors/vscode_times.mjs", CHECKOUT / "tests/editors/project"
        command = [node, driver, TOOLS, package, server, project, home, str(min(n, 30)), "3"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
        if ran.returncode or not ran.stdout.startswith("{"):
            sys.stderr.write(f"VS Code did not get so far: {(ran.stderr or ran.stdout).strip()[-300:]}\n")
            return []
        told = json.loads(ran.stdout)
        first = [milliseconds / 1000 for milliseconds in told["first"]]
        work = "the server starts, a function is typed; a key is tried again after 0.75 s"
        return [Figure("VS Code: file opened → first suggestion", first, [], "", work), *_waits(told["keys"], log)]


def _relayed(folder: Path) -> tuple[Path, Path]:
    """A command that is the server, and the file in which the times of its answers will stand (see relay.py)."""
    log, command = folder / "answers", folder / "bin" / "dovetail"
    command.parent.mkdir()
    server = Path(sys.executable).with_name("dovetail")
    relay = Path(__file__).with_name("relay.py")
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{relay}" "{log}" "{server}" "$@"\n')
    command.chmod(0o755)
    log.touch()
    return command, log


def _waits(keys: list[tuple[float, float]], log: Path) -> list[Figure]:
    """From (key, ghost text) and the answers in between, all in Unix milliseconds."""
    answers = [float(line) for line in log.read_text("utf-8").split()]
    found = [(key, last, ghost) for key, ghost in keys
             if (last := max((a for a in answers if key <= a <= ghost), default=0.0))]  # fmt: skip
    if not found:
        return []
    work = f"{len(found)} of {len(keys)} keys got ghost text"
    return [
        Figure(
            "VS Code: key → ghost text", [(ghost - key) / 1000 for key, _, ghost in found],
            [(last - key) / 1000 for key, last, _ in found], "until the server's answer", work,
        ),
        Figure("VS Code: answer → ghost text on the screen", [(g - last) / 1000 for _, last, g in found], [], "", work),
    ]  # fmt: skip
