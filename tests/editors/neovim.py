"""A real Neovim in a real terminal: typed into by keys, read from its screen, asked over its socket."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.editors.terminal import CHECKOUT, TOOLS, Terminal

PLUGIN = CHECKOUT / "editors" / "nvim"

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
    """The Neovim "0.11", or one that has what "0.12" brought; or None."""
    kept = TOOLS / {"0.11": "python/bin/nvim", "0.12": "nvim012/bin/nvim"}[version]
    for nvim in (str(kept), shutil.which("nvim")):
        if nvim and os.path.exists(nvim):
            told = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=False).stdout
            number = re.match(r"NVIM v0\.(\d+)\.", told)
            if number and (number[1] == "11" if version == "0.11" else int(number[1]) >= 12):
                return nvim
    return None


class Neovim(Terminal):
    """One editor. `init` is Lua, run after the plugin's folder is on the runtime path."""

    name = "Neovim"

    def __init__(self, nvim: str, folder: Path, file: Path, init: str) -> None:
        self.nvim, self.file = nvim, file
        self._socket = folder / "socket"
        config = folder / "init.lua"
        config.write_text(
            f"{_ASK}\nvim.opt.swapfile = false\nvim.opt.shortmess:append('I')\nvim.opt.termguicolors = true\n"
            f"vim.opt.runtimepath:prepend({json.dumps(str(PLUGIN))})\n{init}\n"
        )
        command = [nvim, "--clean", "-u", str(config), "--listen", str(self._socket), str(file)]
        super().__init__(folder, command, file.parent, {})
        self.until(self._socket.exists, "Neovim listens")
        self.until(lambda: self._expression("luaeval('asked and 1 or 0')") == "1", "its configuration is read")

    def normal(self) -> None:
        """Back to normal mode, and be there. Not by Escape: one that comes late would close a preview."""
        self.keys("C-\\", "C-n")
        self.until(lambda: self.lua("return vim.fn.mode()") == "n", "normal mode")

    def lua(self, code: str) -> Any:
        """Run Lua inside; its JSON-able result."""
        packed = base64.b64encode(code.encode()).decode()
        told = self._expression(f"v:lua.asked('{packed}')")
        good, result = json.loads(told)
        assert good, f"{result}\n{code}"
        return result

    def _expression(self, asked: str) -> str:
        try:
            told = subprocess.run(
                [self.nvim, "--headless", "--server", str(self._socket), "--remote-expr", asked],
                capture_output=True, text=True, timeout=20, check=True,
            )  # fmt: skip
        except subprocess.SubprocessError as error:
            raise AssertionError(f"Neovim does not answer ({error})\n{self.screen()}") from error
        return told.stdout.strip()

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
