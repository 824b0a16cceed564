"""Dovetail in Helix, as the README sets it up: the plain road, without annotations or ghost text."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.terminal import TOOLS, Terminal, snippet

pytestmark = pytest.mark.model

PROJECT = Path(__file__).parent / "project"


def find() -> tuple[str, dict[str, str]] | None:
    """Helix and what its environment needs, or None."""
    if (kept := TOOLS / "helix/bin/hx").exists():
        return str(kept), {"HELIX_RUNTIME": str(TOOLS / "helix/root/usr/lib/hx/runtime")}
    found = shutil.which("hx") or shutil.which("helix")
    return (found, {}) if found else None


class Helix(Terminal):
    """One Helix with a file; what it holds is seen on its screen, and on disk once it is written."""

    name = "Helix"

    def __init__(self, helix: str, environment: dict[str, str], folder: Path, file: Path) -> None:
        self.file = file
        configuration = folder / "config/helix/languages.toml"
        configuration.parent.mkdir(parents=True)
        configuration.write_text(snippet("**Helix**", "toml", Path(sys.executable).with_name("dovetail")))
        super().__init__(folder, [helix, str(file)], file.parent.parent, environment)

    def escape(self) -> None:
        """The key Escape, told so that it cannot be the start of another."""
        self.type("\x1b[27u")

    def written(self, file: Path | None = None) -> str:
        """A file as it is on disk; "" for the moment in which Helix puts a new one in its place."""
        try:
            return (file or self.file).read_text()
        except FileNotFoundError:
            return ""

    def hovers(self) -> bool:
        """Ask for the facts of `discount`; whether they are shown, callers in other files included."""
        self.cursor("discount")
        self.keys("Space", "k")
        end = time.monotonic() + 1
        while "Called by" not in self.screen():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def command(self, typed: str) -> None:
        """Type a command as after `:`, from normal mode."""
        self.escape()
        self.type(f":{typed}")
        self.keys("Enter")

    def cursor(self, text: str) -> None:
        """Select the first place of a text, as a search from the start does."""
        self.escape()
        self.type("gg")
        self.type(f"/{text}")
        self.keys("Enter")


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helix]:
    found = find()
    if found is None or shutil.which("tmux") is None:
        pytest.skip("Helix or tmux is not installed: run tests/editors/setup.sh helix")
    folder = tmp_path_factory.mktemp("helix")
    shutil.copytree(PROJECT, folder / "shop")
    subprocess.run(["git", "init", "-q", folder / "shop"], check=True)
    helix = Helix(*found, folder, folder / "shop/shop/prices.py")
    try:
        helix.shows("def discount")
        helix.until(helix.hovers, "the server has read the project", 60)
        yield helix
    finally:
        helix.close()


@pytest.fixture
def helix(editor: Helix) -> Iterator[Helix]:
    yield editor
    editor.escape()
    editor.command("reload-all")


def test_hover_shows_facts(helix: Helix) -> None:
    assert helix.hovers()
    helix.shows("Called by")
    helix.picture("hover")
    assert "Order.total" in helix.screen()


def test_an_explanation_is_opened_as_a_document(helix: Helix) -> None:
    helix.cursor("discount")
    helix.keys("Space", "a")
    helix.shows("Explain discount")
    helix.keys("Up", "Enter")  # it tells, so it is the last row
    helix.shows("explanation.md")
    assert "Function, defined in shop/prices.py" in helix.screen()
    helix.command("buffer-close!")
    helix.shows("def discount")


def test_an_action_is_made_when_it_is_chosen_and_undone(helix: Helix) -> None:
    before = helix.written()
    helix.cursor("discount")
    helix.keys("Space", "a")
    helix.shows("Add validation to discount")
    helix.picture("menu")
    helix.keys("Enter")
    helix.shows('raise ValueError(f"price must not')
    helix.picture("edit")
    assert helix.written() == before, "nothing is written to disk"
    helix.command("write")
    helix.until(lambda: "raise ValueError" in helix.written().split("def discount")[1], "it is what was shown")
    helix.escape()
    helix.keys("u")
    helix.command("write")
    helix.until(lambda: helix.written() == before, "one undo takes it back")


def test_a_rename_touches_all_its_files(helix: Helix) -> None:
    orders = helix.file.with_name("orders.py")
    helix.cursor("discount")
    helix.keys("Space", "r")
    helix.shows("rename-to:")
    helix.keys("C-u")
    helix.type("reduced")
    helix.keys("Enter")
    helix.shows("def reduced(")
    helix.command("write-all")
    helix.until(lambda: "def reduced(" in helix.written(), "the file is changed")
    helix.until(lambda: "return reduced(total, percent)" in helix.written(orders), "the other is changed")
    assert "import Item, reduced" in helix.written(orders)
