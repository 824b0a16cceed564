"""Dovetail in Neovim 0.11 and 0.12: typed into a real terminal, with the real server and the bundled model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import pytest

from tests.editors.neovim import PLUGIN, Neovim, find
from tests.served import Quiet, served

pytestmark = pytest.mark.model

PROJECT = Path(__file__).parent / "project"
SETUP = """
require('dovetail').setup {
  -- whatever the model says is shown, however slow this machine is
  user = { completion = { confidence = -30, chance = 0, patience_ms = 20000 }, hover = { patience_ms = 0 } },
}
"""
GUARD = "if price < 0:\n        raise ValueError"


def open_project(version: str, folder: Path, init: str, more: Mapping[str, str] = MappingProxyType({})) -> Neovim:
    nvim = find(version)
    if nvim is None or shutil.which("tmux") is None:
        pytest.skip(f"Neovim {version} or tmux is not installed: run tests/editors/setup.sh neovim")
    shutil.copytree(PROJECT, folder / "shop")
    for name, text in more.items():
        (folder / "shop/shop" / name).write_text(text)
    return Neovim(nvim, folder, folder / "shop/shop/prices.py", init)


@pytest.fixture(scope="module", params=["0.12", "0.11"])
def editor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neovim]:
    editor = open_project(request.param, tmp_path_factory.mktemp("nvim"), SETUP)
    try:
        editor.ready()
        yield editor
    finally:
        editor.close()


@pytest.fixture
def nvim(editor: Neovim) -> Iterator[Neovim]:
    """The editor with the file as it is on disk."""
    editor.normal()
    editor.lua(f"vim.cmd('silent! fclose!') vim.cmd('silent edit! {editor.file}') vim.cmd('messages clear')")
    yield editor
    editor.normal()


def ask_for_validation(nvim: Neovim) -> str:
    """Choose "Add validation" and wait for the diff; the text before."""
    before = nvim.text()
    nvim.cursor("def discount")
    nvim.act("Add validation")
    nvim.until(lambda: "y apply" in nvim.screen(), "the diff is shown")
    return before


def write_a_function(nvim: Neovim) -> str:
    """Type the head of a function at the end; the text so far."""
    nvim.keys("G", "o", "Enter")
    nvim.type("def dearest(items: list[Item]) -> Item:")
    nvim.keys("Enter")
    nvim.type('"""The item with the highest price."""')
    nvim.keys("Enter")
    nvim.type("return ")
    nvim.until(nvim.ghost, "ghost text is shown")
    return nvim.text()


def test_ghost_text_is_accepted_and_undone(nvim: Neovim) -> None:
    before = write_a_function(nvim)
    ghost = nvim.ghost()
    assert nvim.text() == before, "ghost text is not text"
    assert f"return {ghost.splitlines()[0]}" in nvim.screen()
    nvim.picture(f"ghost-{nvim.lua('return vim.version().minor')}")
    nvim.keys("Tab")
    nvim.until(lambda: nvim.text() == before + ghost, "it is accepted")
    nvim.until(lambda: nvim.status()["counts"].get("completion accepted"), "the server is told")
    nvim.normal()
    nvim.keys("u")
    nvim.until(lambda: nvim.text() == before, "one undo takes it back")


def test_ghost_text_is_accepted_by_words_and_dismissed(nvim: Neovim) -> None:
    before = write_a_function(nvim)
    first = nvim.ghost()
    nvim.keys("C-]")
    nvim.until(lambda: not nvim.ghost(), "it is dismissed")
    assert nvim.text() == before
    nvim.type(first[0])
    nvim.until(nvim.ghost, "it comes again with the next key")
    typed, ghost = nvim.text(), nvim.ghost()
    nvim.keys("M-Right")
    nvim.until(lambda: nvim.text() != typed, "a word is accepted")
    assert (typed + ghost).startswith(nvim.text())


def test_ghost_text_is_accepted_by_lines(nvim: Neovim) -> None:
    nvim.keys("G", "o", "Enter")
    nvim.type("def dearest(items: list[Item]) -> Item:")
    nvim.keys("Enter")
    nvim.until(nvim.ghost, "ghost text is shown")
    before, ghost = nvim.text(), nvim.ghost()
    nvim.keys("M-C-Right")
    first = ghost.lstrip("\n").split("\n")[0]
    nvim.until(lambda: nvim.text() == before + ghost[: ghost.index(first) + len(first)], "a line is accepted")


def test_another_suggestion_is_asked_for(nvim: Neovim) -> None:
    before = write_a_function(nvim)
    first = nvim.ghost()
    nvim.keys("M-Down")
    nvim.until(lambda: nvim.ghost() not in ("", first), "another is shown", 30)
    other = nvim.ghost().split(" (")[0]
    assert nvim.text() == before
    nvim.keys("Tab")
    nvim.until(lambda: nvim.text() == before + other, "it is accepted")


@pytest.mark.parametrize(
    ("name", "text", "typed"),
    [
        ("cart.ts", "export function cost(price: number): number {\n  return price * 2;\n}\n", "export function co"),
        ("cart.go", "package shop\n\nfunc Cost(price int) int {\n\treturn price * 2\n}\n", "func Total(price int) "),
    ],
)
def test_ghost_text_in_other_languages(nvim: Neovim, name: str, text: str, typed: str) -> None:
    file = nvim.file.with_name(name)
    file.write_text(text)
    nvim.lua(f"vim.cmd.edit('{file}')")
    nvim.until(lambda: nvim.lua("return #vim.lsp.get_clients({ name = 'dovetail', bufnr = 0 }) == 1"), "it attaches")
    nvim.keys("G", "o", "Enter")
    nvim.type(typed)
    nvim.until(nvim.ghost, "ghost text is shown", 30)
    ghost = nvim.ghost()
    nvim.keys("Tab")
    nvim.until(
        lambda: typed + ghost in nvim.lua("return table.concat(vim.fn.getline(1, '$'), '\\n')"), "it is accepted"
    )
    nvim.normal()
    nvim.lua("vim.cmd('silent bwipeout!')")


def test_a_key_without_ghost_text_does_what_it_did(nvim: Neovim) -> None:
    nvim.lua("vim.bo.expandtab = true vim.bo.shiftwidth = 4 vim.bo.softtabstop = 4")
    nvim.keys(":Dovetail pause", "Enter", "G", "o", "Tab")
    nvim.type("x")
    nvim.until(lambda: nvim.text().endswith("\n    x"), "Tab indents")
    assert nvim.ghost() == ""
    nvim.normal()
    nvim.keys(":Dovetail resume", "Enter")


def test_hover_shows_facts(nvim: Neovim) -> None:
    nvim.cursor("discount")
    nvim.keys("K")
    nvim.until(lambda: "Called by" in nvim.screen(), "the hover is shown")
    assert "Order.total" in nvim.screen()
    nvim.picture(f"hover-{nvim.lua('return vim.version().minor')}")


def test_the_menu_begins_with_what_changes_something(nvim: Neovim) -> None:
    nvim.cursor("def discount")
    nvim.keys("w", "gra")
    nvim.until(lambda: "1: Add validation to discount" in nvim.screen(), "the menu is shown")
    assert "2: Explain discount" in nvim.screen()
    assert "3: " not in nvim.screen()
    nvim.keys("q", "Enter")


def test_a_previewed_edit_is_applied_and_undone(nvim: Neovim) -> None:
    before = ask_for_validation(nvim)
    assert nvim.text() == before, "nothing changes before the answer"
    nvim.until(lambda: "checks held: changes only its range" in nvim.screen(), "what was checked is told")
    nvim.picture(f"preview-{nvim.lua('return vim.version().minor')}")
    nvim.keys("e")
    nvim.until(lambda: "Held:" in nvim.screen(), "the evidence is shown over the diff")
    nvim.picture(f"evidence-{nvim.lua('return vim.version().minor')}")
    nvim.keys("q", "y")
    nvim.until(lambda: GUARD in nvim.text().split("def discount")[1], "the edit is applied")
    assert nvim.file.read_text().rstrip("\n") == before, "nothing is written to disk"
    nvim.keys("u")
    nvim.until(lambda: nvim.text() == before, "one undo takes it back")


@pytest.mark.parametrize("key", ["n", "q", "Escape"])
def test_a_rejected_edit_changes_nothing(nvim: Neovim, key: str) -> None:
    before = ask_for_validation(nvim)
    nvim.keys(key)
    nvim.until(lambda: "y apply" not in nvim.screen(), "the diff is gone")
    assert nvim.text() == before
    assert not nvim.lua("return vim.bo.modified")


def test_an_edit_whose_file_changed_meanwhile_is_refused(nvim: Neovim) -> None:
    ask_for_validation(nvim)
    nvim.lua(f"vim.api.nvim_buf_set_lines(vim.fn.bufnr('{nvim.file}'), 0, 0, false, {{ '# typed meanwhile' }})")
    changed = nvim.text()
    nvim.keys("y")
    nvim.until(lambda: "has changed since" in nvim.messages(), "it is told")
    assert nvim.text() == changed


def open_menu(nvim: Neovim) -> None:
    nvim.cursor("def discount")
    nvim.lua("_G.menu, _G.kept = nil, vim.ui.select; vim.ui.select = function(...) _G.menu = { ... } end")
    nvim.lua("vim.schedule(vim.lsp.buf.code_action)")
    nvim.until(lambda: nvim.lua("return _G.menu ~= nil"), "the menu is there")


def choose(nvim: Neovim) -> None:
    """Choose "Add validation" in the menu that is open."""
    nvim.lua(
        "vim.ui.select = _G.kept\n"
        "for _, row in ipairs(_G.menu[1]) do\n"
        "  if row.action.title:find('Add validation', 1, true) then _G.menu[3](row) end\nend"
    )


def choose_after(nvim: Neovim, *keys: str) -> str:
    """Open the menu, press keys in the text, then choose "Add validation"; the text before that."""
    open_menu(nvim)
    nvim.keys(*keys)
    nvim.normal()
    before = nvim.text()
    choose(nvim)
    return before


def test_a_row_chosen_after_the_text_moved_changes_the_place_where_it_is_now(nvim: Neovim) -> None:
    before = choose_after(nvim, "O", "# typed meanwhile")
    nvim.until(lambda: "y apply" in nvim.screen(), "the diff is shown")
    nvim.keys("y")
    nvim.until(lambda: GUARD in nvim.text().split("def discount")[1], "the edit is applied")
    assert nvim.text().startswith(before[: before.index("    return price * (100")])


def test_a_row_chosen_after_its_place_changed_tells_why_it_is_refused(nvim: Neovim) -> None:
    before = choose_after(nvim, "C", "gone = 1")
    nvim.until(lambda: "has changed since it was offered" in nvim.messages(), "the reason is told")
    assert nvim.text() == before


def test_an_edit_that_comes_while_somebody_types_takes_no_key(nvim: Neovim) -> None:
    open_menu(nvim)
    nvim.keys("G", "o")
    nvim.until(lambda: nvim.lua("return vim.fn.mode()") == "i", "somebody types")
    choose(nvim)
    nvim.until(lambda: "waits for normal mode" in nvim.screen(), "it is announced")
    nvim.type("y = my_text")
    nvim.until(lambda: nvim.text().endswith("\ny = my_text"), "every key goes to the text")
    assert "y apply" not in nvim.screen()
    assert GUARD not in nvim.text().split("def discount")[1]
    nvim.normal()
    nvim.until(lambda: "y apply" in nvim.screen(), "the diff is shown, for the text as it is now")
    nvim.keys("y")
    nvim.until(lambda: GUARD in nvim.text().split("def discount")[1], "the edit is applied")
    assert nvim.text().endswith("\ny = my_text")


def test_an_edit_that_the_server_sends_touches_all_its_files_or_none(nvim: Neovim) -> None:
    orders = nvim.file.with_name("orders.py")
    nvim.lua(f"_G.orders = vim.fn.bufadd('{orders}') vim.fn.bufload(_G.orders)")
    change = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "newText": "# new\n"}

    def send() -> None:
        nvim.lua(
            f"local change = vim.json.decode([==[{json.dumps(change)}]==])\n"
            "change.annotationId = 'x'\n"
            "local function file(b) return { edits = { vim.deepcopy(change) }, textDocument =\n"
            "  { uri = vim.uri_from_bufnr(b), version = vim.lsp.util.buf_versions[b] } } end\n"
            "local client = require('dovetail').client()\n"
            "local edit = { documentChanges = { file(0), file(_G.orders) },\n"
            "  changeAnnotations = { x = { label = 'x', needsConfirmation = true } } }\n"
            "_G.answer = nil\n"
            "coroutine.wrap(function() _G.answer = client.handlers['workspace/applyEdit'](nil,\n"
            "  { label = 'Two files', edit = edit }, { client_id = client.id }) end)()"
        )
        nvim.until(lambda: "Two files" in nvim.screen(), "the diff is shown")

    def answer(key: str) -> dict[str, object]:
        nvim.until(lambda: "y apply" in nvim.screen(), "its keys act")
        nvim.keys(key)
        return nvim.until(lambda: nvim.lua("return _G.answer"), "the server is answered")

    def first_lines() -> list[str]:
        return nvim.lua(
            "return { vim.fn.getline(1), vim.api.nvim_buf_get_lines(_G.orders, 0, 1, false)[1] }"
        )  # fmt: skip

    untouched = first_lines()
    send()
    assert "--- " in nvim.screen()
    assert answer("n") == {"applied": False, "failureReason": "rejected"}
    assert first_lines() == untouched

    send()
    nvim.lua("vim.api.nvim_buf_set_lines(_G.orders, -1, -1, false, { '# typed meanwhile' })")
    refused = answer("y")
    assert refused["applied"] is False
    assert "orders.py has changed" in str(refused["failureReason"])
    assert first_lines() == untouched, "neither file changed, though only one was stale"

    nvim.keys("i")  # somebody types when it comes
    nvim.until(lambda: nvim.lua("return vim.fn.mode()") == "i", "insert mode")
    send()
    assert "y apply" not in nvim.screen()
    nvim.normal()
    nvim.until(lambda: "y apply" in nvim.screen(), "the diff is shown when the typing is over")
    assert answer("y") == {"applied": True}
    assert first_lines() == ["# new", "# new"]
    nvim.lua(
        "for _, b in ipairs({ 0, _G.orders }) do vim.api.nvim_buf_call(b, function() vim.cmd('silent undo') end) end"
    )
    assert first_lines()[0] == untouched[0], "one undo in each file takes it back"
    assert first_lines()[1] == untouched[1]
    nvim.lua("vim.api.nvim_buf_delete(_G.orders, { force = true })")


def test_a_key_that_was_on_its_way_when_the_diff_came_answers_nothing(nvim: Neovim) -> None:
    before = nvim.text()
    nvim.lua(
        "local place = { line = 0, character = 0 }\n"
        "local change = { newText = '# new\\n', range = { start = place, ['end'] = place } }\n"
        "_G.answer = nil\n"
        "local edit = { changes = { [vim.uri_from_bufnr(0)] = { change } } }\n"
        "require('dovetail.preview').ask(require('dovetail').client(), edit, 'Hasty', nil,\n"
        "  function(refusal) _G.answer = refusal or 'applied' end)\n"
        "for _, key in ipairs({ 'y', 'n', 'q', '<Esc>' }) do vim.api.nvim_feedkeys(vim.keycode(key), 'mx', false) end"
    )
    assert nvim.lua("return _G.answer") is None
    nvim.until(lambda: "y apply" in nvim.screen(), "its keys are told once they act")
    assert nvim.text() == before
    nvim.keys("y")
    nvim.until(lambda: nvim.lua("return _G.answer") == "applied", "it is applied")
    assert nvim.text() == f"# new\n{before}"


def test_an_edit_for_an_older_text_is_not_even_shown(nvim: Neovim) -> None:
    before = nvim.text()
    answer = nvim.lua(
        "local client, answer = require('dovetail').client()\n"
        "local file = { uri = vim.uri_from_bufnr(0), version = vim.lsp.util.buf_versions[vim.fn.bufnr()] - 1 }\n"
        "local place = { line = 0, character = 0 }\n"
        "local change = { newText = 'x', range = { start = place, ['end'] = place } }\n"
        "local edit = { documentChanges = { { edits = { change }, textDocument = file } } }\n"
        "coroutine.wrap(function() answer = client.handlers['workspace/applyEdit'](nil,\n"
        "  { label = 'Late', edit = edit }, { client_id = client.id }) end)()\n"
        "return answer"
    )
    assert answer["applied"] is False
    assert "has changed since" in answer["failureReason"]
    assert nvim.text() == before


def test_edits_of_other_servers_are_left_alone(nvim: Neovim) -> None:
    nvim.lua(
        """
        local uri = vim.uri_from_bufnr(0)
        local edit = { changes = { [uri] = { { newText = '# other\\n',
          range = { start = { line = 0, character = 0 }, ['end'] = { line = 0, character = 0 } } } } } }
        vim.lsp.start({ name = 'other', cmd = function()
          local answers = { initialize = { capabilities = { codeActionProvider = true } },
            ['textDocument/codeAction'] = { { title = 'Of another server', edit = edit } } }
          return { request = function(method, _, answer) answer(nil, answers[method]) return true, 1 end,
            notify = function() end, is_closing = function() return false end, terminate = function() end }
        end })
        """
    )
    nvim.until(lambda: nvim.lua("return #vim.lsp.get_clients({ name = 'other', bufnr = 0 }) == 1"), "it is there")
    nvim.act("Of another server")
    nvim.until(lambda: nvim.text().startswith("# other\n"), "its edit is applied without our preview")
    nvim.lua("vim.lsp.buf_detach_client(0, vim.lsp.get_clients({ name = 'other' })[1].id)")


def test_plugins_that_show_a_diff_of_their_own_get_plain_edits(nvim: Neovim) -> None:
    """As actions-preview and fzf-lua do: resolve by themselves, then apply with Neovim's own function."""
    nvim.cursor("def discount")
    nvim.lua(
        """
        local client = require('dovetail').client()
        local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
        params.context = { diagnostics = {}, triggerKind = 1 }
        client:request('textDocument/codeAction', params, function(_, rows)
          for _, row in ipairs(rows) do
            if row.title:find('Add validation', 1, true) then
              client:request('codeAction/resolve', row, function(_, resolved)
                _G.resolved = resolved
                vim.lsp.util.apply_workspace_edit(resolved.edit, client.offset_encoding)
                client:exec_cmd(resolved.command)
              end)
            end
          end
        end)
        """
    )
    nvim.until(lambda: GUARD in nvim.text().split("def discount")[1], "it is applied without a question")
    assert "y apply" not in nvim.screen()
    assert nvim.lua("return _G.resolved.edit.changeAnnotations == nil")


def test_a_file_that_an_edit_creates_is_shown_and_not_written(nvim: Neovim) -> None:
    new = nvim.file.parent / "deeper" / "notes.py"
    before = nvim.text()
    edit = {
        "documentChanges": [
            {"kind": "create", "uri": new.as_uri(), "options": {"ignoreIfExists": True}},
            {"textDocument": {"uri": new.as_uri(), "version": None}, "edits": [{
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
                "newText": "first\nsecond\n"}]},
            {"textDocument": {"uri": nvim.file.as_uri(), "version": None}, "edits": [{
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
                "newText": "# noted\n"}]},
        ]
    }  # fmt: skip
    nvim.lua(
        f"_G.edit = vim.json.decode([==[{json.dumps(edit)}]==])\n"
        "local client = require('dovetail').client()\n"
        "coroutine.wrap(function() _G.answer = client.handlers['workspace/applyEdit'](nil,\n"
        "  { label = 'Notes', edit = _G.edit }, { client_id = client.id }) end)()"
    )
    nvim.until(lambda: "+second" in nvim.screen(), "the diff is shown")
    assert "--- a new file" in nvim.screen()
    assert "Notes · 2 files" in nvim.screen()
    nvim.until(lambda: "y apply" in nvim.screen(), "its keys act")
    nvim.keys("y")
    nvim.until(lambda: nvim.text() == f"# noted\n{before}", "it is applied")
    assert not new.exists(), "nothing is written to disk"
    nvim.lua(f"vim.cmd.buffer('{new}') vim.cmd('silent write')")
    assert new.read_text() == "first\nsecond\n"
    nvim.lua(f"vim.cmd('silent bwipeout!') vim.cmd('silent edit! {nvim.file}')")


def test_the_statusline_tells_model_and_what_was_accepted(nvim: Neovim) -> None:
    line = "require('dovetail').statusline()"
    nvim.until(lambda: "accepted" in nvim.lua(f"return {line}"), "what the tests before accepted is counted")
    assert nvim.status()["model"] in nvim.lua(f"return {line}")
    nvim.keys(":Dovetail pause", "Enter")
    nvim.until(lambda: nvim.lua(f"return {line}") == "Dovetail: paused", "it says so")
    nvim.keys(":Dovetail resume", "Enter")


def test_settings_are_narrowed_while_it_runs(nvim: Neovim) -> None:
    nvim.lua("require('dovetail').setup { settings = { hover = { enabled = false } } }")
    nvim.cursor("discount")
    nvim.keys("K")
    nvim.until(lambda: "No information available" in nvim.messages(), "no hover is shown")
    nvim.lua("require('dovetail').setup { settings = { hover = { enabled = true } } }")

    def hovered() -> bool:
        nvim.lua("vim.lsp.buf.hover()")
        return "Called by" in nvim.screen()

    nvim.until(hovered, "it is shown again")


def test_a_folder_can_be_trusted_while_it_runs(nvim: Neovim) -> None:
    assert nvim.status()["trusted"] is False
    nvim.keys(":Dovetail trust", "Enter")
    nvim.until(lambda: nvim.status()["trusted"] is True, "the server is told")
    assert "trusted until Neovim ends" in nvim.messages()
    nvim.lua("require('dovetail').client():notify('dovetail/trustLost', {})")
    nvim.until(lambda: nvim.status()["trusted"] is False, "and takes it back")


def test_health_has_no_error(nvim: Neovim) -> None:
    nvim.keys(":checkhealth dovetail", "Enter")
    nvim.until(lambda: "checks done" in nvim.messages() or "is not trusted" in nvim.screen(), "it is checked", 40)
    assert "ERROR" not in nvim.screen()
    assert "ready" in nvim.screen()
    nvim.lua("vim.cmd('silent bwipeout!')")


def test_status_tells_the_model_and_the_reasons_for_silence(nvim: Neovim) -> None:
    nvim.keys(":Dovetail status", "Enter")
    nvim.until(lambda: "model:" in nvim.screen(), "the status is shown")
    assert "trusted: no" in nvim.screen()
    nvim.keys("q")
    nvim.until(lambda: "model:" not in nvim.screen(), "it is closed")
    assert nvim.lua("return require('dovetail').statusline()").startswith("Dovetail: ")


def test_an_explanation_is_shown(nvim: Neovim) -> None:
    nvim.cursor("discount")
    nvim.keys(":Dovetail explain", "Enter")
    nvim.until(lambda: "Explanation" in nvim.screen() and "discount" in nvim.screen(), "it is shown", 40)
    nvim.picture(f"explanation-{nvim.lua('return vim.version().minor')}")
    nvim.keys("o")
    nvim.until(lambda: len(nvim.lua("return vim.fn.tabpagebuflist()")) == 2, "it is kept beside the code")
    assert nvim.lua("return vim.fn.bufname()").startswith("dovetail://explanation/")
    assert "discount" in nvim.lua("return table.concat(vim.fn.getline(1, '$'), ' ')")
    assert nvim.lua("return { vim.bo.filetype, vim.bo.modifiable, vim.bo.modified }") == ["markdown", False, False]
    nvim.keys(":close", "Enter")
    nvim.until(lambda: len(nvim.lua("return vim.fn.tabpagebuflist()")) == 1, "it is closed")
    line = nvim.lua("return vim.fn.search('return price [*]', 'w')")
    nvim.keys(f":{line}Dovetail explain", "Enter")
    nvim.until(lambda: "A part of" in nvim.screen(), "a line is explained", 40)
    nvim.keys("q")


def test_commands_are_completed_and_an_unknown_one_is_told_of(nvim: Neovim) -> None:
    names = nvim.lua("return vim.fn.getcompletion('Dovetail ', 'cmdline')")
    assert {"status", "stats", "evidence", "why", "explain", "ask", "undo", "cancel", "pause"} <= set(names)
    assert nvim.lua("return vim.fn.getcompletion('Dovetail ask e', 'cmdline')") == []
    nvim.keys(":Dovetail unheard of", "Enter")
    nvim.until(lambda: "no `:Dovetail unheard`" in nvim.messages(), "it is told")
    nvim.keys(":Dovetail cancel", "Enter")
    nvim.until(lambda: "nothing is waited for" in nvim.messages(), "it is told")


def test_statistics_and_what_a_model_would_see_are_shown(nvim: Neovim) -> None:
    nvim.keys(":Dovetail stats", "Enter")
    nvim.until(lambda: "Counted in memory" in nvim.screen(), "the statistics are shown")
    nvim.keys("q")
    nvim.until(lambda: "Counted in memory" not in nvim.screen(), "they are closed")
    nvim.cursor("discount")
    nvim.keys(":Dovetail why who takes percent off", "Enter")
    nvim.until(lambda: "What the model saw" in nvim.screen(), "the choice is shown")
    assert "discount" in nvim.screen()
    nvim.keys("q")


def test_where_the_cursor_rests_the_model_reads_ahead(nvim: Neovim) -> None:
    nvim.cursor("self.price = price", 25)
    asked = (
        "local c = vim.lsp.get_clients({ name = 'dovetail' })[1]\n"
        "local r = c:request_sync('workspace/executeCommand', { command = 'dovetail.showStats' }, 15000, 0)\n"
        "return r and r.result and r.result.counts or vim.empty_dict()"
    )
    nvim.until(lambda: nvim.lua(asked).get("prefetch"), "the prompt is read before a key is struck")


def test_what_is_asked_in_words_is_an_edit_to_look_at_or_a_question(nvim: Neovim) -> None:
    before = nvim.text()
    nvim.cursor("def discount")
    nvim.keys("w", ":Dovetail ask add validation", "Enter")
    nvim.until(lambda: "y apply" in nvim.screen(), "the diff is shown")
    nvim.keys("n")
    nvim.until(lambda: "y apply" not in nvim.screen(), "the diff is gone")
    assert nvim.text() == before
    nvim.keys(":Dovetail ask", "Enter")
    nvim.until(lambda: "What should be done?" in nvim.screen(), "it is asked for")
    nvim.type("gently please")
    nvim.keys("Enter")
    nvim.until(lambda: "it is not clear what is wanted" in nvim.screen(), "it is asked back")
    nvim.keys("C-u")
    nvim.type("explain this")
    nvim.keys("Enter")
    nvim.until(lambda: "Explanation" in nvim.screen() and "Called by" in nvim.screen(), "it is explained")
    nvim.keys("q")


def test_a_restart_that_was_asked_for_is_no_mishap(nvim: Neovim) -> None:
    before = nvim.lua("return require('dovetail').client().id")
    nvim.keys(":Dovetail restart", "Enter")
    nvim.until(
        lambda: nvim.lua("return (require('dovetail').client() or { id = 0 }).id") > before, "another is started"
    )
    nvim.ready()
    assert "ended" not in nvim.messages()


def test_a_killed_server_is_started_again_and_told_of(nvim: Neovim) -> None:
    nvim.lua("require('dovetail.server').trust = true")  # read anew at each start
    children = subprocess.run(
        ["pgrep", "-f", "-P", str(nvim.lua("return vim.fn.getpid()")), "dovetail"],
        capture_output=True,
        text=True,
        check=True,
    )
    for child in children.stdout.split():
        os.kill(int(child), signal.SIGKILL)
    nvim.until(lambda: "quit with" in nvim.screen(), "Neovim tells it")
    nvim.keys("Enter")
    nvim.until(lambda: "started again" in nvim.messages(), "it is told")
    nvim.ready()
    assert nvim.status()["trusted"] is True
    nvim.lua("require('dovetail.server').trust = false")
    nvim.cursor("discount")
    nvim.keys("K")
    nvim.until(lambda: "Called by" in nvim.screen(), "the new server answers")


class Slow(Quiet):
    """A model that thinks until nobody listens any more."""

    left: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b": thinking\n\n")
                time.sleep(0.02)
        except OSError:
            self.left.set()


@pytest.fixture(scope="module", params=["0.12", "0.11"])
def slow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neovim]:
    """An editor whose model does not come to an end; with a name that two files share."""
    with served(Slow) as address:
        folder = tmp_path_factory.mktemp("slow")
        init = (
            f"require('dovetail').setup {{ user = {{ endpoint = '{address}/v1', endpoint_model = 'slow' }},\n"
            "settings = { completion = { ahead = false } } }"  # else it is busy wherever the cursor rests
        )
        editor = open_project(request.param, folder, init, {
            "stock.py":
                "from shop.orders import Order\n\ntmp = Order([])\n\n\ndef add(left, right):\n    return left\n",
            "shelf.py": "from shop.stock import tmp\n\nprint(tmp.total())\n",
        })  # fmt: skip
        try:
            editor.ready()
            editor.lua(f"vim.cmd.edit('{folder}/shop/shop/stock.py')")
            editor.file = folder / "shop/shop/stock.py"
            yield editor
        finally:
            editor.close()


@pytest.mark.parametrize("keys", [["Escape"], [":Dovetail cancel", "Enter"]])
def test_what_takes_long_is_shown_and_can_be_stopped(slow: Neovim, keys: list[str]) -> None:
    Slow.left.clear()
    before = slow.text()
    slow.cursor("add")
    slow.act("Document add")
    slow.until(lambda: "Document add: Generate" in slow.screen(), "the progress is shown, with its stage")
    assert "Esc cancels" in slow.screen()
    assert slow.lua("return require('dovetail').statusline()") == "Dovetail: Document add …"
    slow.picture(f"progress-{slow.lua('return vim.version().minor')}")
    slow.cursor("return left")  # the editor is not held up
    slow.keys(*keys)
    slow.until(lambda: "Document add: cancelled" in slow.messages(), "it is told")
    slow.until(lambda: "Esc cancels" not in slow.screen(), "the progress is gone")
    slow.until(Slow.left.is_set, "the model is not waited for")
    assert slow.text() == before
    assert slow.status()["state"] == "ready"
    slow.lua("vim.cmd('messages clear')")


def test_escape_keeps_its_meaning(slow: Neovim) -> None:
    slow.lua("_G.mapped = 0 vim.keymap.set('n', '<Esc>', function() _G.mapped = _G.mapped + 1 end)")
    slow.keys("Escape")
    slow.until(lambda: slow.lua("return _G.mapped") == 1, "it does what it is mapped to")
    slow.cursor("add")
    slow.act("Document add")
    slow.until(lambda: "Esc cancels" in slow.screen(), "the progress is shown")
    slow.keys("O", "Escape")
    slow.until(lambda: slow.lua("return vim.fn.mode()") == "n", "it leaves insert mode")
    assert "Esc cancels" in slow.screen(), "and stops nothing"
    slow.keys("Escape")
    slow.until(lambda: "Esc cancels" not in slow.screen(), "it stops what is waited for")
    slow.lua("vim.keymap.del('n', '<Esc>') vim.cmd('silent edit!')")


def test_an_edit_of_two_files_is_shown_whole_and_taken_back(slow: Neovim) -> None:
    shelf = f"vim.fn.bufnr('{slow.file.with_name('shelf.py')}')"

    def first() -> str:
        return str(slow.lua(f"return vim.api.nvim_buf_get_lines({shelf}, 0, 1, false)[1]"))

    before = slow.text()
    slow.cursor("tmp")
    slow.act("Rename tmp to order")
    slow.until(lambda: "y apply" in slow.screen(), "the diff is shown")
    assert "+order = Order([])" in slow.screen()
    assert "+from shop.stock import order" in slow.screen()
    slow.until(lambda: "checks held:" in slow.screen(), "what was checked is told")
    assert "Rename tmp to order · 2 files" in slow.screen()
    assert slow.lua("return #vim.api.nvim_list_tabpages()") == 2, "they have a tab of their own"
    slow.keys("n")
    slow.until(lambda: slow.lua("return #vim.api.nvim_list_tabpages()") == 1, "it is dropped")
    assert slow.text() == before
    assert first() == "None", "a file that was only looked at is not opened"
    slow.act("Rename tmp to order")
    slow.until(lambda: "y apply" in slow.screen(), "the diff is shown again")
    slow.keys("]]")
    slow.until(lambda: slow.lua("return vim.fn.getline('.')").startswith("--- "), "the next file is a key away")
    slow.picture(f"files-{slow.lua('return vim.version().minor')}")
    slow.keys("y")
    slow.until(lambda: first() == "from shop.stock import order", "both files are changed")
    assert "order = Order([])" in slow.text()
    slow.until(lambda: slow.status()["counts"].get("rename accepted"), "the server is told")
    slow.keys(":Dovetail undo", "Enter")
    slow.until(lambda: all(said in slow.screen() for said in ("take back", "y apply")), "the way back is shown")
    slow.keys("y")
    slow.until(lambda: slow.text() == before, "it is as before")
    assert first() == "from shop.stock import tmp"


@pytest.mark.parametrize(
    ("name", "text", "used", "fact"),
    [
        (
            "cart.ts",
            "/** What it costs. */\nexport function cost(price: number): number {\n  return price * 2;\n}\n\n"
            "export function total(): number {\n  return cost(1);\n}\n",
            "cost(1)",
            "function cost(price: number): number",
        ),
        (
            "cart.go",
            "package shop\n\n// Cost is what it costs.\nfunc Cost(price int) int {\n\treturn price * 2\n}\n\n"
            "func Total() int {\n\treturn Cost(1)\n}\n",
            "Cost(1)",
            "func Cost(price int) int",
        ),
    ],
)
def test_other_languages_are_served(slow: Neovim, name: str, text: str, used: str, fact: str) -> None:
    file = slow.file.with_name(name)
    file.write_text(text)
    slow.lua(f"vim.cmd.edit('{file}')")
    slow.until(lambda: slow.lua("return #vim.lsp.get_clients({ name = 'dovetail', bufnr = 0 }) == 1"), "it attaches")
    slow.cursor(used)
    slow.keys("K")
    slow.until(lambda: "Called by" in slow.screen(), "the hover is shown")
    assert fact in slow.screen()
    slow.lua("vim.cmd('silent! fclose!') vim.lsp.buf.definition()")
    slow.until(lambda: fact in slow.lua("return vim.fn.getline('.')"), "the cursor is at the definition")
    assert slow.lua("return #vim.diagnostic.get(0)") == 0
    slow.lua(f"vim.cmd('silent edit! {slow.file}')")


def test_the_help_has_its_tags(nvim: Neovim, tmp_path: Path) -> None:
    doc = shutil.copytree(PLUGIN / "doc", tmp_path / "doc")
    nvim.lua(f"vim.cmd.helptags('{doc}')")
    tags = {line.split("\t")[0] for line in (doc / "tags").read_text().splitlines()}
    assert {"dovetail", ":Dovetail", "dovetail-setup", "dovetail-settings"} <= tags


@pytest.mark.parametrize("version", ["0.12", "0.11"])
def test_the_server_alone_is_enough(tmp_path: Path, version: str) -> None:
    """`vim.lsp.enable` and nothing else: hover, and an action whose edit is plain."""
    nvim = open_project(version, tmp_path, "vim.lsp.enable('dovetail')")
    try:
        nvim.ready()
        nvim.cursor("discount")
        nvim.keys("K")
        nvim.until(lambda: "Called by" in nvim.screen(), "the hover is shown")
        nvim.cursor("def discount")
        nvim.act("Add validation")
        nvim.until(lambda: GUARD in nvim.text().split("def discount")[1], "the edit is applied")
    finally:
        nvim.close()


@pytest.mark.parametrize("version", ["0.12", "0.11"])
def test_a_model_that_is_missing_is_told_and_the_rest_works(tmp_path: Path, version: str) -> None:
    nvim = open_project(version, tmp_path, "require('dovetail').setup { user = { model = '/nowhere/to/be.gguf' } }")
    try:
        nvim.shows("There is no model file be.gguf")
        nvim.keys("Enter")
        nvim.until(lambda: nvim.status().get("scanning") is False, "the project is read")
        assert "be.gguf" in nvim.lua("return require('dovetail').statusline()")
        before = ask_for_validation(nvim)
        nvim.keys("y")
        nvim.until(lambda: nvim.text() != before, "rules need no model")
    finally:
        nvim.close()


def test_starting_loads_little(nvim: Neovim, tmp_path: Path) -> None:
    """What is asked for later is read later: an editor that only starts pays for two small files."""
    script = tmp_path / "init.lua"
    script.write_text(
        f"vim.opt.runtimepath:prepend('{PLUGIN}')\nrequire('dovetail').setup {{}}\nlocal names = {{}}\n"
        "for name in pairs(package.loaded) do\n"
        "  if vim.startswith(name, 'dovetail') then names[#names + 1] = name end\nend\n"
        "table.sort(names)\nio.stdout:write(table.concat(names, ' '))\nvim.cmd.quitall()"
    )
    command = [nvim.nvim, "--clean", "--headless", "-u", str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["dovetail", "dovetail.server"], ran.stderr


def test_a_server_inside_a_folder_needs_the_folder_trusted(nvim: Neovim, tmp_path: Path) -> None:
    inside = tmp_path / "bin" / "dovetail"
    inside.parent.mkdir()
    inside.write_text("#!/bin/sh\n")
    inside.chmod(0o755)
    link = tmp_path.parent / f"link-to-{tmp_path.name}"
    link.symlink_to(inside)

    def refusal(trust: str) -> list[str]:
        return nvim.lua(
            f"local s = require('dovetail.server') local before = s.trust s.trust = {trust}\n"
            f"local r = {{ s.refusal('{inside}', '{tmp_path}') or '', s.refusal('{link}', '{tmp_path}') or '' }}\n"
            "s.trust = before return r"
        )

    assert all("lies inside" in reason for reason in refusal("false"))
    assert all("lies inside" in reason for reason in refusal("{ '/somewhere/else' }"))
    assert refusal(f"{{ '{tmp_path}' }}") == ["", ""]
