"""A program in a real terminal (tmux): typed into by keys, read from its screen."""

from __future__ import annotations

import io
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dovetail" / "editors"

_SIXTEEN = [SVG_EXPORT_THEME.ansi_colors[i] for i in range(16)]
_DARK = TerminalTheme((0x14, 0x16, 0x1B), (0xE0, 0xE2, 0xEA), [(c[0], c[1], c[2]) for c in _SIXTEEN])
"""Neovim's own colours."""


def snippet(heading: str, language: str, server: Path) -> str:
    """The first block of a language below a heading of the editors' README, with this server in it."""
    text = (CHECKOUT / "editors/README.md").read_text("utf-8")
    found = re.search(rf"{re.escape(heading)}.*?```{language}\n(.*?)```", text, re.DOTALL)
    assert found, f"editors/README.md has no {language} for {heading}"
    return found[1].replace("/home/you/src/dovetail/.venv/bin/dovetail", str(server))


class Terminal:
    """One program. `folder` is for its homes; the cache stays the user's, with what was measured there."""

    name = "program"

    def __init__(self, folder: Path, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._tmux = ["tmux", "-L", f"dovetail-{os.getpid()}-{folder.name}", "-f", "/dev/null"]
        homes = {f"XDG_{name.upper()}_HOME": str(folder / name) for name in ("state", "data", "config")}
        clean = {"TERM": "tmux-256color", "LANG": "C.UTF-8", "DOVETAIL_CONFIG": str(folder / "none.toml")}
        whole = ["env", *(f"{k}={v}" for k, v in {**homes, **clean, **env}.items()), *command]
        size = ["-x", "110", "-y", "34"]
        start = ["new-session", "-d", *size, *whole, ";", "set-option", "-sg", "escape-time", "0"]
        subprocess.run([*self._tmux, *start], check=True, cwd=cwd)

    def until(self, true: Callable[[], T], what: str, seconds: float = 30) -> T:
        """Wait until something is true; fails with the screen."""
        end = time.monotonic() + seconds
        while True:
            if value := true():
                return value
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain until {what}\n{self.screen()}\n{self.messages()}")
            time.sleep(0.05)

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names: `"i"`, `"Escape"`, `"M-Right"`."""
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def type(self, text: str) -> None:
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True)

    def screen(self, colours: bool = False) -> str:
        """What a person sees."""
        command = [*self._tmux, "capture-pane", "-p", *(["-e"] if colours else [])]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.rstrip()

    def shows(self, text: str, seconds: float = 30) -> None:
        """Wait until a text is on the screen."""
        self.until(lambda: text in self.screen(), f"{text!r} is on the screen", seconds)

    def messages(self) -> str:
        """What else the program says, for a test that fails."""
        return ""

    def picture(self, name: str) -> None:
        """Keep the screen as a picture, where `DOVETAIL_PICTURES` names a folder."""
        if folder := os.environ.get("DOVETAIL_PICTURES"):
            console = Console(record=True, width=110, file=io.StringIO())
            console.print(Text.from_ansi(self.screen(colours=True)))
            Path(folder).mkdir(parents=True, exist_ok=True)
            file = Path(folder, f"{self.name.lower()}-{name}.svg")
            console.save_svg(str(file), title=self.name, theme=_DARK)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False)
