"""What a person waits for in an editor: the first suggestion, ghost text, progress, a stop, a diff to read.

One function an editor, each in the real one (`tests/editors/setup.sh`); one that is not installed is told and left out.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.editor_actions import actions, loading
from tests.bench.figures import Figure
from tests.bench.vscode import vscode
from tests.editors.neovim import Neovim, find

_STDLIB = Path(sysconfig.get_paths()["stdlib"])

_CLOCKS = """
local began = assert(vim.uv.clock_gettime('realtime'))
_G.opened_at = began.sec + began.nsec / 1e9
_G.shown = {} -- of each key: when it came, when the server was asked and answered, when it could be seen
local now = {}
local ghosts = { [vim.api.nvim_create_namespace('nvim.lsp.inline_completion')] = true,
  [vim.api.nvim_create_namespace('dovetail.ghost')] = true }
local function clock() return vim.uv.hrtime() / 1e9 end
local function finish()
  if now.key then
    _G.shown[#_G.shown + 1] = now
  end
  now = {}
end
function _G.key() now = { key = clock() } end
local set = vim.api.nvim_buf_set_extmark
vim.api.nvim_buf_set_extmark = function(buffer, space, ...)
  if ghosts[space] then
    now.drawn = true
    _G.first_at = _G.first_at or (function()
      local t = assert(vim.uv.clock_gettime('realtime'))
      return t.sec + t.nsec / 1e9
    end)()
  end
  return set(buffer, space, ...)
end
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('bench'), { on_end = function()
  if now.answered and now.drawn then
    now.seen = clock()
    finish()
  end
end })
vim.api.nvim_create_autocmd('LspAttach', { callback = function(event)
  local client = assert(vim.lsp.get_client_by_id(event.data.client_id))
  local request = client.rpc.request
  client.rpc.request = function(method, params, answer, ...)
    if method ~= 'textDocument/inlineCompletion' then
      return request(method, params, answer, ...)
    end
    now.asked = clock()
    return request(method, params, function(problem, result)
      now.answered, now.drawn = clock(), nil
      answer(problem, result)
      if not result or #(result.items or result) == 0 then
        finish()
      end
    end, ...)
  end
end })
"""


def neovim(n: int) -> list[Figure]:
    """Neovim 0.12 and 0.11, in a terminal. A key is one that somebody types after a pause."""
    figures: list[Figure] = []
    for version in ("0.12", "0.11"):
        program = find(version)
        if program is None or shutil.which("tmux") is None:
            sys.stderr.write(f"Neovim {version} or tmux is not installed (tests/editors/setup.sh neovim): left out\n")
            continue
        name = f"Neovim {version}"
        figures += _suggestions(program, name, min(n, 60))
        figures += actions(program, name, min(n, 20))
        figures += loading(program, name, min(n, 20))
    return figures


def _suggestions(program: str, name: str, n: int) -> list[Figure]:
    first: list[float] = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            editor, opened = _opened(program, Path(folder), "")
            try:
                first.append(_first(editor) - opened)
            finally:
                editor.close()
    with tempfile.TemporaryDirectory() as folder:
        editor, _ = _opened(program, Path(folder), "user = { completion = { confidence = -30, chance = 0 } }")
        try:
            editor.ready()
            keys = _keys(editor, n)
        finally:
            editor.close()
    seen = [key for key in keys if "seen" in key]
    work = f"{len(seen)} of {len(keys)} keys got ghost text; the model is not silent"
    return [
        Figure(f"{name}: file opened → first suggestion", first, [], "", "from its start, by words, a look at each"),
        Figure(
            f"{name}: key → ghost text", [k["seen"] - k["key"] for k in seen],
            [k["answered"] - k["asked"] for k in seen], "what the server took of it", work,
        ),
        Figure(f"{name}: answer → ghost text on the screen", [k["seen"] - k["answered"] for k in seen], [], "", work),
    ]  # fmt: skip


def _opened(program: str, folder: Path, options: str) -> tuple[Neovim, float]:
    project = folder / "project"
    project.mkdir()
    subprocess.run(["git", "init", "-q", project], check=True)
    for module in ("argparse.py", "textwrap.py", "gettext.py"):
        shutil.copy(_STDLIB / module, project)
    opened = time.time()
    init = f"require('dovetail').setup {{ {options} }}\n{_CLOCKS}"
    return Neovim(program, folder, project / "argparse.py", init), opened


def _first(editor: Neovim) -> float:
    """When the first suggestion was there for somebody who begins to type at once, and looks up after each word."""
    text = editor.file.read_text("utf-8")
    method = text[text.rindex("    def format_help") : text.rindex("    def error")]
    editor.keys("G", "o")
    editor.type("    ")
    for word in re.findall(r"\s*\S+", method):
        lines = word.split("\n")
        if len(lines) > 1:
            editor.keys("Enter", "C-u")
        editor.type(lines[-1])
        looked = time.monotonic()
        while time.monotonic() - looked < 0.7:
            if at := editor.lua("return _G.first_at"):
                return at
    raise AssertionError(f"no suggestion in all of\n{method}\n{editor.screen()}")


def _keys(editor: Neovim, n: int) -> list[dict[str, float]]:
    """The ends of lines, taken away and begun anew with one key each."""
    lines = editor.file.read_text("utf-8").split("\n")
    chance = random.Random(1)
    places = [k for k, line in enumerate(lines) if line.startswith("        ") and 24 < len(line) < 90 and k > 60]
    for place in chance.sample(places, n):
        line = lines[place]
        cut = len(line) - chance.randrange(8, 16)
        before = editor.lua("return #_G.shown")
        letter = json.dumps(line[cut])
        editor.lua(
            f"vim.api.nvim_buf_set_lines(0, {place}, {place + 1}, true, {{ {json.dumps(line[:cut])} }})\n"
            f"vim.api.nvim_win_set_cursor(0, {{ {place + 1}, 0 }})\n"
            "vim.api.nvim_input('A')"
        )
        time.sleep(1)  # what is asked for on the way in is answered, and a person pauses
        editor.lua(f"_G.key() vim.api.nvim_input({letter} == '<' and '<lt>' or {letter})")
        editor.until(lambda before=before: editor.lua("return #_G.shown") > before, "the key is answered", 30)
        editor.normal()
        editor.lua(f"vim.api.nvim_buf_set_lines(0, {place}, {place + 1}, true, {{ {json.dumps(line)} }})")
    return editor.lua("return _G.shown")


EDITORS: tuple[Callable[[int], list[Figure]], ...] = (neovim, vscode)


def editors(n: int) -> list[Figure]:
    """All editors that are installed here."""
    return [figure for measure in EDITORS for figure in measure(n)]
