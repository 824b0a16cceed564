"""Typing while an action is made costs no work that was done, and nothing that was typed is written over."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from dovetail.features.actions import Edited, Offer, Request, Result, actions
from dovetail.lsp import menu
from dovetail.lsp.server import Dovetail
from dovetail.model.ask import Answer, Ask, Silence
from dovetail.settings import Memory, Settings
from dovetail.text import Document, Edit, Span
from dovetail.world import Selection
from tests.scripted import Scripted

SHOP = "def area(width, height):\n    return width * height\n"


class Thinking(Scripted):
    """Says nothing until it may."""

    def __init__(self, *said: str) -> None:
        super().__init__(said)
        self.asked, self.may = asyncio.Event(), asyncio.Event()

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        self.asked.set()
        await self.may.wait()
        return await super().answer(ask)


class Desk:
    """A server without an editor, and one row of its menu."""

    def __init__(self, folder: Path, text: str, action: str, about: str, port: Scripted) -> None:
        self.path = (folder / "shop.py").as_posix()
        self.ls = ls = Dovetail()
        ls.protocol.client_capabilities = t.ClientCapabilities()
        ls.settings = Settings(memory=Memory(enabled=False))
        ls.port = port
        ls.world.set_roots([folder.as_posix()])
        file = ls.world.open(self.path, text, 1, None)
        self.version = 1
        at = text.encode().index(about.encode())
        request = Request(Selection(self.path, Span(at, at)))
        found = next(each for each in actions() if each.name == action)
        name = (("name", "size"),)  # what an editor would have asked for
        offer = next(iter(found.offer(ls.snapshot(), request)), Offer(action, Span(at, at), name))
        self.row = menu.row_of(ls, f"file://{self.path}", file, request, found, offer)
        self.meals = menu.Meals()

    @property
    def text(self) -> str:
        return self.ls.snapshot().files[self.path].document.text()

    def typed(self, old: str, new: str) -> None:
        """Replace a text that is there once."""
        assert self.text.count(old) == 1
        at = len(self.text[: self.text.index(old)].encode())

        def edit(document: Document) -> Edit:
            return Edit(Span(at, at + len(old.encode())), new.encode())

        self.version += 1
        self.ls.world.edit(self.path, self.version, [edit])

    def begin(self) -> asyncio.Task[tuple[Result, str]]:
        return asyncio.ensure_future(menu.cook(self.ls, self.meals, self.row))

    def with_it(self, result: Result) -> str:
        assert isinstance(result, Edited)
        return self.ls.snapshot().after(result.change).files[self.path].document.text()


def implementing(folder: Path, *said: str) -> tuple[Desk, Thinking]:
    port = Thinking(*said)
    text = (
        '# a shop\n\n\ndef area(width: int, height: int) -> int:\n    """The area."""\n    ...\n\n\ndef last(): ...\n'
    )
    return Desk(folder, text, "implement", "area(", port), port


async def test_what_the_model_said_is_kept_for_the_text_that_moved(tmp_path: Path) -> None:
    desk, port = implementing(tmp_path, "return width * height\n")
    making = desk.begin()
    await port.asked.wait()
    desk.typed("# a shop\n", "# a shop, moved\nimport os\n\n")
    desk.typed("def last(): ...", "def last(): return os.sep")
    port.may.set()
    result, _ = await making
    assert desk.with_it(result) == desk.text.replace("    ...\n", "    return width * height\n")
    assert len(port.asks) == 1, "it was asked once"
    assert any("verified again" in note for note in result.evidence.notes)
    again, _ = await menu.cook(desk.ls, desk.meals, desk.row)
    assert isinstance(again, Edited)
    assert isinstance(result, Edited)
    assert again.change == result.change
    assert len(port.asks) == 1


async def test_what_is_typed_in_the_range_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    desk, port = implementing(tmp_path, "return width * height\n")
    making = desk.begin()
    await port.asked.wait()
    desk.typed("    ...\n", "    ...  # mine\n")
    port.may.set()
    with pytest.raises(JsonRpcException, match="changed meanwhile"):
        await making
    assert "# mine" in desk.text


async def test_a_place_that_is_gone_is_refused_in_words(tmp_path: Path) -> None:
    desk, port = implementing(tmp_path, "return width * height\n")
    making = desk.begin()
    await port.asked.wait()
    desk.typed("def area(", "def size(")
    port.may.set()
    with pytest.raises(JsonRpcException, match="what this is about has changed"):
        await making


async def test_what_held_for_the_old_text_need_not_hold_for_the_new_one(tmp_path: Path) -> None:
    """The gates are asked again: a name that the model used is not there any more."""
    port = Thinking("return width * height * FACTOR\n")
    text = 'FACTOR = 2\n\n\ndef area(width: int, height: int) -> int:\n    """The area."""\n    ...\n'
    desk = Desk(tmp_path, text, "implement", "area(", port)
    making = desk.begin()
    await port.asked.wait()
    desk.typed("FACTOR = 2\n", "OTHER = 2\n")
    port.may.set()
    result, _ = await making
    assert not isinstance(result, Edited)
    assert any(trial.failed == "names exist" for trial in result.evidence.trials)


async def test_another_file_that_moved_is_seen(tmp_path: Path) -> None:
    """An edit of several files is made for the text of each as it is."""
    other = (tmp_path / "other.py").as_posix()
    desk = Desk(tmp_path, SHOP, "rename", "area(", Scripted())
    desk.ls.world.open(other, "from shop import area\n\nprint(area(1, 2))\n", 1, None)
    making = desk.begin()
    for _ in range(3):  # until it works on the text as it was
        await asyncio.sleep(0)
    assert desk.meals[desk.row].snapshot.files[other].version == 1
    desk.ls.world.edit(other, 2, [lambda _: Edit(Span(0, 0), b"# first\n")])
    result, _ = await making
    assert isinstance(result, Edited)
    after: Any = desk.ls.snapshot().after(result.change)
    assert after.files[other].document.text() == "# first\nfrom shop import size\n\nprint(size(1, 2))\n"
