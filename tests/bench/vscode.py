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
    """From opening a file to the first suggestion, from a key to ghost text, from a row of the menu to its diff."""
    node, package = TOOLS / "python/bin/node", CHECKOUT / "editors/vscode/dovetail.vsix"
    if not (node.exists() and (TOOLS / "vscode/ready").exists() and shutil.which("chromium")):
        sys.stderr.write("VS Code is not installed (tests/editors/setup.sh vscode): left out\n")
        return []
    packed = subprocess.run([CHECKOUT / "editors/vscode/pack.sh"], capture_output=True, text=True, check=False)
    if packed.returncode:
        sys.stderr.write(f"The extension could not be packed: {packed.stdout[-300:]}{packed.stderr[-300:]}: left out\n")
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, log = _relayed(folder)
        home = folder / "home"
        home.mkdir()
        driver, project = CHECKOUT / "tests/editors/vscode_times.mjs", CHECKOUT / "tests/editors/project"
        command = [node, driver, TOOLS, package, server, project, home, str(min(n, 30)), "3", str(min(n, 10))]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
        if ran.returncode or not ran.stdout.startswith("{"):
            sys.stderr.write(f"VS Code did not get so far: {(ran.stderr or ran.stdout).strip()[-300:]}\n")
            return []
        told = json.loads(ran.stdout)
        work = "the server starts, a function is typed; a key is tried again after 0.75 s"
        first = Figure("VS Code: file opened → first suggestion", _seconds(told["first"]), work=work)
        return [first, *_waits(told["keys"], log), *_actions(told)]


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


def _seconds(milliseconds: list[float]) -> list[float]:
    return [one / 1000 for one in milliseconds]


def _actions(told: dict[str, list[float]]) -> list[Figure]:
    endless = "the model thinks for ever"
    return [
        Figure("VS Code: action → progress shown", _seconds(told["told"]), work=endless),
        Figure("VS Code: Escape → stopped", _seconds(told["stopped"]), work=endless),
        Figure(
            "VS Code: action → diff readable", _seconds(told["made"]),
            work="Add validation, with another text each time",
        ),
        Figure(
            "VS Code: longest standstill meanwhile", _seconds(told["frames"]), _seconds(told["idle"]),
            "the same while nothing is done", "from one frame to the next, in all three",
        ),
    ]  # fmt: skip


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
