"""A real Neovim in a real terminal (tmux): typed into by keys, read from its screen, asked over its socket."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGIN = CHECKOUT / "editors" / "nvim"
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dovetail" / "editors"

_SIXTEEN = [SVG_EXPORT_THEME.ansi_colors[i] for i in range(16)]
_DARK = TerminalTheme((0x14, 0x16, 0x1B), (0xE0, 0xE2, 0xEA), [(c[0], c[1], c[2]) for c in _SIXTEEN])
"""Neovim's own colours."""

_ASK = r"""
function _G.asked(code)
  local good, result = pcall(assert(loadstring(vim.base64.decode(code))))
  if result == nil then
    result = vim.NIL
  end
  return vim.json.encode({ good, result })
end
"""


def find(version: str) -> str | None:
    """The Neovim of a version, "0.11" or "0.12", or None."""
    kept = TOOLS / {"0.11": "python/bin/nvim", "0.12": "nvim012/bin/nvim"}[version]
    for nvim in (str(kept), shutil.which("nvim")):
        if nvim and os.path.exists(nvim):
            told = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=False).stdout
            if told.startswith(f"NVIM v{version}."):
                return nvim
    return None


class Neovim:
    """One editor. `init` is Lua, run after the plugin's folder is on the runtime path."""

    def __init__(self, nvim: str, folder: Path, file: Path, init: str) -> None:
        self.nvim, self.file = nvim, file
        self._socket = folder / "socket"
        self._tmux = ["tmux", "-L", f"dovetail-{os.getpid()}-{folder.name}", "-f", "/dev/null"]
        config = folder / "init.lua"
        config.write_text(
            f"{_ASK}\nvim.opt.swapfile = false\nvim.opt.shortmess:append('I')\nvim.opt.termguicolors = true\n"
            f"vim.opt.runtimepath:prepend({json.dumps(str(PLUGIN))})\n{init}\n"
        )
        homes = {f"XDG_{name.upper()}_HOME": str(folder / name) for name in ("state", "data", "config")}
        clean = {"TERM": "tmux-256color", "LANG": "C.UTF-8", "DOVETAIL_CONFIG": str(folder / "none.toml")}
        command = ["env", *(f"{k}={v}" for k, v in (homes | clean).items())]
        command += [nvim, "--clean", "-u", str(config), "--listen", str(self._socket), str(file)]
        size = ["-x", "110", "-y", "34"]
        start = ["new-session", "-d", *size, *command, ";", "set-option", "-sg", "escape-time", "0"]
        subprocess.run([*self._tmux, *start], check=True, cwd=file.parent)
        self.until(self._socket.exists, "Neovim listens")

    def until(self, true: Callable[[], T], what: str, seconds: float = 15) -> T:
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

    def normal(self) -> None:
        """Back to normal mode, and be there. Not by Escape: one that comes late would close a preview."""
        self.keys("C-\\", "C-n")
        self.until(lambda: self.lua("return vim.fn.mode()") == "n", "normal mode")

    def type(self, text: str) -> None:
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True)

    def screen(self, colours: bool = False) -> str:
        """What a person sees."""
        command = [*self._tmux, "capture-pane", "-p", *(["-e"] if colours else [])]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.rstrip()

    def lua(self, code: str) -> Any:
        """Run Lua inside; its JSON-able result."""
        packed = base64.b64encode(code.encode()).decode()
        asked = f"v:lua.asked('{packed}')"
        try:
            told = subprocess.run(
                [self.nvim, "--headless", "--server", str(self._socket), "--remote-expr", asked],
                capture_output=True, text=True, timeout=20, check=True,
            )  # fmt: skip
        except subprocess.SubprocessError as error:
            raise AssertionError(f"Neovim does not answer ({error})\n{self.screen()}") from error
        good, result = json.loads(told.stdout)
        assert good, f"{result}\n{code}"
        return result

    def picture(self, name: str) -> None:
        """Keep the screen as a picture, where `DOVETAIL_PICTURES` names a folder."""
        if folder := os.environ.get("DOVETAIL_PICTURES"):
            console = Console(record=True, width=110, file=io.StringIO())
            console.print(Text.from_ansi(self.screen(colours=True)))
            Path(folder).mkdir(parents=True, exist_ok=True)
            console.save_svg(str(Path(folder, f"neovim-{name}.svg")), title="Neovim", theme=_DARK)

    # ---- what the tests look at -----------------------------------------------------------------

    def text(self) -> str:
        """The text of the buffer of the file."""
        buffer = f"vim.fn.bufnr({json.dumps(str(self.file))})"
        return self.lua(f"return table.concat(vim.api.nvim_buf_get_lines({buffer}, 0, -1, false), '\\n')")

    def cursor(self, line: str, column: int | None = None) -> None:
        """Go to the line that holds a text: to the text, or to `column` (0-based)."""
        at = "s - 1" if column is None else str(column)
        found = self.lua(
            "for i, l in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do\n"
            f"  local s = l:find({json.dumps(line)}, 1, true)\n"
            f"  if s then vim.api.nvim_win_set_cursor(0, {{ i, {at} }}) return i end\nend"
        )
        assert found, f"there is no line with {line!r}"

    def status(self) -> dict[str, Any]:
        """What the server says of itself; {} while there is none."""
        return self.lua(
            "local c = vim.lsp.get_clients({ name = 'dovetail' })[1]\n"
            "if not c or not c.initialized then return vim.empty_dict() end\n"
            "local r = c:request_sync('workspace/executeCommand', { command = 'dovetail.status' }, 15000, 0)\n"
            "return r and r.result or vim.empty_dict()"
        )

    def ready(self) -> None:
        """Wait until the server has its model and has read the project."""
        self.until(lambda: (s := self.status()).get("state") == "ready" and not s["scanning"], "the server is ready")

    def ghost(self) -> str:
        """The ghost text at the cursor, "" for none."""
        return self.lua(
            "local out = {}\n"
            "for name, id in pairs(vim.api.nvim_get_namespaces()) do\n"
            "  if name == 'nvim.lsp.inline_completion' or name == 'dovetail.ghost' then\n"
            "    for _, m in ipairs(vim.api.nvim_buf_get_extmarks(0, id, 0, -1, { details = true })) do\n"
            "      for _, c in ipairs(m[4].virt_text or {}) do out[#out + 1] = c[1] end\n"
            "      for _, l in ipairs(m[4].virt_lines or {}) do out[#out + 1] = '\\n' .. l[1][1] end\n"
            "    end\n  end\nend\nreturn table.concat(out)"
        )

    def messages(self) -> str:
        return self.lua("return vim.fn.execute('messages')")

    def act(self, title: str) -> None:
        """Choose a row of the menu by its title, through the built-in menu's code."""
        self.lua(
            "vim.schedule(function() vim.lsp.buf.code_action({ apply = true, filter = function(a)\n"
            f"  return a.title:find({json.dumps(title)}, 1, true) ~= nil end }}) end)"
        )

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False)
