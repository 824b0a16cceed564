"""What is made ready where the cursor rests ends with the next key, and of what is private there is nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t

from dovetail.graph import Graph
from dovetail.lsp import completion, resting
from dovetail.lsp.server import Dovetail
from dovetail.model.ask import Answer, Ask, ModelInfo, Silence
from dovetail.text import Span
from dovetail.world import Selection
from tests.scripted import Scripted
from tests.session import AGAIN

SHOP = "def area(width, height):\n    return width * height\n"
NAME = Span(SHOP.index("area"), SHOP.index("area"))


class Slow(Scripted):
    """Takes its time for a hover, and keeps which asks were given up."""

    def __init__(self, info: ModelInfo | None = None) -> None:
        super().__init__(["Returns the area."] * 9, info=info)
        self.asked, self.may = asyncio.Event(), asyncio.Event()
        self.given_up: list[Ask] = []

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        try:
            if ask.purpose == "hover":
                self.asked.set()
                await self.may.wait()
            return await super().answer(ask)
        except asyncio.CancelledError:
            self.given_up.append(ask)
            raise


class Desk:
    """A server without an editor, one open file, and the cursor on a name in it."""

    def __init__(self, folder: Path, text: str = SHOP, *, private: bool = False) -> None:
        self.path = (folder / "shop.py").as_posix()
        self.ls = ls = Dovetail()
        ls.protocol.client_capabilities = t.ClientCapabilities()
        ls.port = self.port = Slow()
        ls.world.set_roots([folder.as_posix()])
        ls.world.open(self.path, text, 1, None, private=private)
        self.text = text
        self.at = Selection(self.path, NAME)

    def typed(self) -> None:
        document = t.VersionedTextDocumentIdentifier(2, f"file://{self.path}")
        change = t.TextDocumentContentChangeWholeDocument(self.text + "\n")
        self.ls.protocol.fm.features[t.TEXT_DOCUMENT_DID_CHANGE](t.DidChangeTextDocumentParams(document, [change]))

    async def hovered(self) -> Any:
        where = t.HoverParams(t.TextDocumentIdentifier(f"file://{self.path}"), t.Position(0, NAME.start))
        return await self.ls.protocol.fm.features[t.TEXT_DOCUMENT_HOVER](where)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "_IDLE", 0)


async def until_asked(desk: Desk) -> None:
    resting.rests(desk.ls, desk.at)
    await asyncio.wait_for(desk.port.asked.wait(), 10)


async def rest(turns: int = 50) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_a_key_ends_the_sentence_that_nobody_asked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await until_asked(desk)
    desk.typed()
    await rest()
    assert [ask.purpose for ask in desk.port.given_up] == ["hover"]
    assert not [task for task in desk.ls.tasks if not task.done()]


@pytest.mark.asyncio
async def test_so_does_a_selection(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await until_asked(desk)
    resting.rests(desk.ls, Selection(desk.path, Span(0, 3)))
    await rest()
    assert [ask.purpose for ask in desk.port.given_up] == ["hover"]


@pytest.mark.asyncio
async def test_a_sentence_that_a_hover_waits_for_is_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await until_asked(desk)
    hovered = asyncio.ensure_future(desk.hovered())
    await rest()
    desk.ls.resting.leave()
    await rest()
    desk.port.may.set()
    assert "Returns the area." in (await hovered).contents.value
    assert not desk.port.given_up


@pytest.mark.asyncio
async def test_a_sentence_that_was_ended_is_written_at_the_next_hover(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await until_asked(desk)
    desk.ls.resting.leave()
    desk.port.may.set()
    assert "Returns the area." in (await desk.hovered()).contents.value


@pytest.mark.asyncio
async def test_a_file_that_the_project_leaves_out_is_shown_to_no_model_unasked(tmp_path: Path) -> None:
    desk = Desk(tmp_path, private=True)
    desk.port.may.set()
    resting.rests(desk.ls, desk.at)
    await asyncio.wait(desk.ls.tasks)
    assert not desk.port.asks


@pytest.mark.asyncio
async def test_nothing_is_looked_for_that_a_key_would_wait_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who refers to a name takes up to a second to tell in a large project, and no sentence needs it."""
    looked: list[object] = []
    monkeypatch.setattr(Graph, "references", lambda *given, **_: looked.append(given) or [])
    desk = Desk(tmp_path)
    desk.port.may.set()
    resting.rests(desk.ls, desk.at)
    await asyncio.wait(desk.ls.tasks)
    assert [ask.purpose for ask in desk.port.asks] == ["hover"]
    assert not looked


@pytest.mark.asyncio
async def test_a_model_on_another_machine_is_told_nothing_unasked(tmp_path: Path) -> None:
    """It may cost money, and who moves a cursor has sent nothing."""
    desk = Desk(tmp_path)
    assert desk.port.info is not None
    desk.ls.port = away = Slow(replace(desk.port.info, away=True))
    desk.ls.trusted = {tmp_path.as_posix()}
    away.may.set()
    resting.rests(desk.ls, desk.at)
    await asyncio.wait(desk.ls.tasks)
    assert not away.asks
    assert "Returns the area." in (await desk.hovered()).contents.value


@pytest.mark.asyncio
@pytest.mark.parametrize("listed", [False, True])
async def test_a_key_ends_what_is_made_ready_behind_a_suggestion(tmp_path: Path, *, listed: bool) -> None:
    """In the ordinary list as well as in ghost text."""
    desk = Desk(tmp_path, AGAIN)
    ls = desk.ls
    completion.register_list(ls)
    where = t.TextDocumentIdentifier(f"file://{desk.path}"), t.Position(14, 14)
    context = t.InlineCompletionContext(trigger_kind=t.InlineCompletionTriggerKind.Automatic)
    params = t.CompletionParams(*where) if listed else t.InlineCompletionParams(context, *where)
    suggest = ls.protocol.fm.features[t.TEXT_DOCUMENT_COMPLETION if listed else t.TEXT_DOCUMENT_INLINE_COMPLETION]
    assert (await suggest(params)).items
    (ahead,) = ls.tasks
    desk.typed()
    await suggest(params)
    await rest()
    assert ahead.cancelled()
    await ls.end()
