"""Dovetail in Emacs with eglot, as the README sets it up: the plain road, without annotations or ghost text."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.terminal import Terminal, snippet

pytestmark = pytest.mark.model

PROJECT = Path(__file__).parent / "project"
INIT = """
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      server-socket-dir "{sockets}" eldoc-echo-area-use-multiline-p nil)
(require 'package)
(package-initialize)
{snippet}
(server-start)
"""
EARLY = "(setq native-comp-deferred-compilation nil native-comp-async-report-warnings-errors nil)"


class Emacs(Terminal):
    """One Emacs with a file, configured like a user's own."""

    name = "Emacs"

    def __init__(self, folder: Path, file: Path) -> None:
        self.file = file
        self._socket = folder / "sockets/server"
        configuration = folder / ".emacs.d/init.el"
        configuration.parent.mkdir()
        lisp = snippet("**Emacs with eglot**", "elisp", Path(sys.executable).with_name("dovetail"))
        configuration.write_text(INIT.format(sockets=self._socket.parent, snippet=lisp))
        configuration.with_name("early-init.el").write_text(EARLY)
        super().__init__(folder, ["emacs", "-nw", str(file)], file.parent, {"HOME": str(folder)})
        self.until(self._socket.exists, "Emacs listens")

    def lisp(self, code: str) -> Any:
        """The JSON-able value of an expression."""
        told = subprocess.run(
            ["emacsclient", "-s", str(self._socket), "--eval", f"(json-encode {code})"],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        assert told.returncode == 0, f"{told.stderr}\n{self.screen()}"
        return json.loads(json.loads(told.stdout))

    def text(self, file: Path | None = None) -> str:
        """The text of a file's buffer."""
        return self.lisp(
            f'(with-current-buffer (find-buffer-visiting "{file or self.file}")'
            " (buffer-substring-no-properties (point-min) (point-max)))"
        )

    def ready(self) -> bool:
        """Whether the server has its model and has read the project."""
        asked = '\'(:command "dovetail.status" :arguments [])'
        buffer = f'(find-buffer-visiting "{self.file}")'
        request = f"(jsonrpc-request (eglot-current-server) :workspace/executeCommand {asked})"
        status = self.lisp(f"(with-current-buffer {buffer} {request})")
        return status["state"] == "ready" and not status["scanning"]

    def messages(self) -> str:
        return self.lisp('(with-current-buffer "*Messages*" (buffer-string))')

    def command(self, name: str) -> None:
        """What `M-x name` does."""
        self.keys("M-x")
        self.shows("M-x")
        self.type(name)
        self.keys("Enter")

    def cursor(self, text: str) -> None:
        """Go to the first place of a text, as a search does."""
        self.keys("M-<", "C-s")
        self.shows("I-search:")
        self.type(text)
        self.keys("Enter", "C-b")


@pytest.fixture(scope="module")
def emacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emacs]:
    if not all(map(shutil.which, ("emacs", "emacsclient", "tmux"))):
        pytest.skip("Emacs or tmux is not installed: run tests/editors/setup.sh emacs")
    folder = tmp_path_factory.mktemp("emacs")
    shutil.copytree(PROJECT, folder / "shop")
    subprocess.run(["git", "init", "-q", folder / "shop"], check=True)
    emacs = Emacs(folder, folder / "shop/shop/prices.py")
    try:
        if not emacs.lisp('(or (locate-library "eglot") "")'):
            pytest.skip("Emacs has no eglot: run tests/editors/setup.sh emacs")
        emacs.command("eglot")
        emacs.until(lambda: "managing" in emacs.messages(), "eglot is connected", 30)
        emacs.until(emacs.ready, "the server has read the project", 30)
        yield emacs
    finally:
        emacs.close()


def test_documentation_shows_facts(emacs: Emacs) -> None:
    emacs.cursor("def discount")
    emacs.command("eldoc")
    emacs.shows("Called by")
    emacs.picture("hover")
    assert "Order.total" in emacs.screen()
    emacs.keys("C-x", "1")


def test_an_explanation_is_told(emacs: Emacs) -> None:
    """This eglot shows no documents: what is to be read is a message."""
    emacs.cursor("def discount")
    emacs.command("eglot-code-actions")
    emacs.shows("Pick an action")
    emacs.type("Explain discount")
    emacs.keys("Enter")
    emacs.until(lambda: "Function, defined in shop/prices.py" in emacs.messages(), "it is told")


def ask_for_validation(emacs: Emacs) -> str:
    """Choose "Add validation" and wait for the question; the text before."""
    before = emacs.text()
    emacs.cursor("def discount")
    emacs.command("eglot-code-actions")
    emacs.shows("Pick an action")
    emacs.type("Add validation to discount")
    emacs.keys("Enter")
    emacs.shows("Proceed?")
    return before


def test_an_edit_that_is_declined_changes_nothing(emacs: Emacs) -> None:
    before = ask_for_validation(emacs)
    emacs.keys("n")
    emacs.until(lambda: not emacs.lisp("(and (active-minibuffer-window) t)"), "it is answered")
    assert emacs.text() == before


def test_an_edit_is_applied_and_undone(emacs: Emacs) -> None:
    before = ask_for_validation(emacs)
    emacs.keys("y")
    emacs.until(lambda: "raise ValueError" in emacs.text().split("def discount")[1], "the edit is applied")
    assert emacs.file.read_text() == before, "nothing is written to disk"
    emacs.keys("C-_")
    emacs.until(lambda: emacs.text() == before, "one undo takes it back")


def test_a_rename_touches_all_its_files(emacs: Emacs) -> None:
    orders = emacs.file.with_name("orders.py")
    # eglot tells the server half a second after a key, and a rename does not make it hurry
    pending = f'(with-current-buffer (find-buffer-visiting "{emacs.file}") (and eglot--recent-changes t))'
    emacs.until(lambda: not emacs.lisp(pending), "the server knows the text")
    emacs.cursor("def discount")
    emacs.command("eglot-rename")
    emacs.shows("Rename `discount' to:")
    emacs.keys("C-a", "C-k")
    emacs.type("reduced")
    emacs.keys("Enter")
    emacs.shows("Proceed?")
    assert str(orders) in emacs.screen()
    emacs.keys("y")
    emacs.until(lambda: "def reduced(" in emacs.text(), "the file is changed")
    emacs.until(lambda: "return reduced(total, percent)" in emacs.text(orders), "the other is changed")
    assert "import Item, reduced" in emacs.text(orders)
