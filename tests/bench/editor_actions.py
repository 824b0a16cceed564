"""How an action feels in Neovim: progress, Escape, the diff, and whether the editor ever stands still; loading it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.editors.neovim import PLUGIN, Neovim

_PROJECT = Path(__file__).parents[1] / "editors" / "project"
_STUB = 'def twice(size: int) -> int:\n    """Two times the size."""\n    ...\n'

_CLOCKS = """
local function clock() return vim.uv.hrtime() / 1e9 end
local now, last = {}, clock()
function _G.begin() now = {} end
function _G.seen() return now end
function _G.escape() now.escape = clock() vim.api.nvim_input('<Esc>') end
-- how long nothing else could be done: from one tick to the next, while `now.watched`
assert(vim.uv.new_timer()):start(0, 2, function()
  local tick = clock()
  if now.watched then
    now.gap = math.max(now.gap or 0, tick - last)
  end
  last = tick
end)
local coming, progress
local open, close = vim.api.nvim_open_win, vim.api.nvim_win_close
vim.api.nvim_open_win = function(buffer, enter, config)
  local window = open(buffer, enter, config)
  local footer = type(config.footer) == 'string' and config.footer or ''
  if footer:find('Esc cancels', 1, true) then
    coming, progress = 'progress', window
  elseif footer == ' … ' then
    coming = 'diff'
  end
  return window
end
vim.api.nvim_win_close = function(window, force)
  if window == progress then
    coming, progress = 'gone', nil
  end
  return close(window, force)
end
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('bench'), { on_end = function()
  if coming then
    now[coming], coming = clock(), nil
  end
end })
vim.api.nvim_create_autocmd('LspAttach', { callback = function(event)
  local client = assert(vim.lsp.get_client_by_id(event.data.client_id))
  local request = client.rpc.request
  client.rpc.request = function(method, ...)
    if method == 'codeAction/resolve' then
      now.chosen, now.watched, now.gap = clock(), true, 0
    end
    return request(method, ...)
  end
end })
"""


def actions(program: str, name: str, n: int) -> list[Figure]:
    """From a chosen row of the menu on, in one version of Neovim."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        shutil.copytree(_PROJECT, folder / "shop")
        (folder / "shop/shop/twice.py").write_text(_STUB)
        file = folder / "shop/shop/prices.py"
        editor = Neovim(program, folder, file, f"require('dovetail').setup {{}}\n{_CLOCKS}")
        try:
            editor.ready()
            made = [_made(editor, number) for number in range(n)]
            idle = [_idle(editor) for _ in range(n)]
            editor.file = folder / "shop/shop/twice.py"
            editor.lua(f"vim.cmd('silent edit! {editor.file}')")
            stopped = [_stopped(editor) for _ in range(n)]
        finally:
            editor.close()
    endless = "the model thinks for ever"
    return [
        Figure(f"{name}: action → progress shown", [s["progress"] - s["chosen"] for s in stopped], work=endless),
        Figure(f"{name}: Escape → stopped", [s["gone"] - s["escape"] for s in stopped], work=endless),
        Figure(
            f"{name}: action → diff readable", [s["diff"] - s["chosen"] for s in made],
            work="Add validation, with another text each time",
        ),
        Figure(
            f"{name}: longest standstill meanwhile", [s["gap"] for s in [*made, *stopped]], idle,
            "the same while nothing is done", "in all three",
        ),
    ]  # fmt: skip


def _made(editor: Neovim, number: int) -> dict[str, Any]:
    """An edit that rules make, looked at and dropped."""
    editor.lua(f"vim.api.nvim_buf_set_lines(0, -1, -1, true, {{ '# {number}' }})")  # what was made for a text is kept
    editor.lua("_G.begin()")
    editor.cursor("def discount")
    editor.act("Add validation")
    editor.until(lambda: "diff" in editor.lua("return _G.seen()"), "the diff is shown", 30)
    seen = editor.lua("return _G.seen()")
    editor.lua("_G.begin()")
    editor.until(lambda: "y apply" in editor.screen(), "its keys act")
    editor.keys("n")
    editor.until(lambda: "y apply" not in editor.screen(), "the diff is gone")
    return seen


def _idle(editor: Neovim) -> float:
    editor.lua("_G.begin() _G.seen().watched = true")
    time.sleep(0.3)
    return editor.lua("return _G.seen().gap")


def _stopped(editor: Neovim) -> dict[str, Any]:
    """One that a model has to write, which thinks for ever, and Escape."""
    models = _workers(editor)
    for model in models:
        os.kill(model, signal.SIGSTOP)
    try:
        editor.lua("_G.begin()")
        editor.cursor("def twice")
        editor.act("Implement twice")
        editor.until(lambda: "progress" in editor.lua("return _G.seen()"), "the progress is shown", 30)
        editor.lua("_G.escape()")
        editor.until(lambda: "gone" in editor.lua("return _G.seen()"), "it is stopped", 30)
        seen = editor.lua("return _G.seen()")
    finally:
        for model in models:
            os.kill(model, signal.SIGCONT)
    editor.until(lambda: editor.status().get("state") == "ready", "the model is there again", 60)
    return seen


def _workers(editor: Neovim) -> list[int]:
    """The processes of the model of this editor's server."""
    return [
        model
        for server in _children(editor.lua("return vim.fn.getpid()"), "dovetail")
        for model in _children(server, "model.worker")
    ]


def _children(parent: int, words: str) -> list[int]:
    ran = subprocess.run(["pgrep", "-f", "-P", str(parent), words], capture_output=True, text=True, check=False)
    return [int(line) for line in ran.stdout.split()]


def loading(program: str, name: str, n: int) -> list[Figure]:
    """What `setup` adds to the start of a Neovim that has a language server, against what that one costs."""
    bare = "vim.lsp.config('any', { cmd = { 'any' }, filetypes = { 'any' } }) vim.lsp.enable('any')"
    ours = f"vim.opt.runtimepath:prepend('{PLUGIN}') require('dovetail').setup {{}}"
    spent: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        init = Path(folder, "init.lua")
        init.write_text(
            f"local clock = vim.uv.hrtime\nlocal began = clock() {bare}\nlocal between = clock() {ours}\n"
            "io.stdout:write(between - began, ' ', clock() - between)\nvim.cmd.quitall()"
        )
        command = [program, "--clean", "--headless", "-u", str(init)]
        for _ in range(n):
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            before, own = map(float, ran.stdout.split())
            spent.append((own / 1e9, before / 1e9))
    against = "the first `vim.lsp.enable` of any server"
    return [Figure(f"{name}: loading the plugin", [own for own, _ in spent], [before for _, before in spent], against)]
