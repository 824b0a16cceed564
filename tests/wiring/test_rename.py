"""Renames over a real pipe: every file that means it, refused in words, and the row of the menu."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.session import opened, settled


def at(uri: str, line: int, character: int) -> t.TextDocumentPositionParams:
    return t.TextDocumentPositionParams(t.TextDocumentIdentifier(uri), t.Position(line, character))


async def test_a_rename_reaches_files_that_are_not_open(client: LanguageClient, project: Path) -> None:
    await settled(client)
    uri = opened(client, project / "prices.py")
    place = at(uri, 5, 6)
    told = await client.text_document_prepare_rename_async(
        t.PrepareRenameParams(text_document=place.text_document, position=place.position)
    )
    assert isinstance(told, t.PrepareRenamePlaceholder)
    assert told.placeholder == "price_of"
    edit = await client.text_document_rename_async(
        t.RenameParams(text_document=place.text_document, position=place.position, new_name="cost_of")
    )
    assert edit is not None
    changed = {each.text_document.uri.rsplit("/", 1)[-1]: each for each in edit.document_changes or ()}  # pyright: ignore
    assert sorted(changed) == ["prices.py", "shop.py"]
    assert changed["prices.py"].text_document.version == 1  # pyright: ignore
    assert len(changed["shop.py"].edits) == 2  # pyright: ignore


async def test_a_rename_that_cannot_be_done_says_why(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "prices.py")
    place = at(uri, 5, 6)
    with pytest.raises(JsonRpcException, match="PRICES is defined"):
        await client.text_document_rename_async(
            t.RenameParams(text_document=place.text_document, position=place.position, new_name="PRICES")
        )


async def test_a_file_that_changed_on_disk_is_not_edited_unseen(client: LanguageClient, project: Path) -> None:
    await settled(client)
    uri = opened(client, project / "prices.py")
    place = at(uri, 5, 6)
    (project / "shop.py").write_text("# new\n" + (project / "shop.py").read_text())
    with pytest.raises(JsonRpcException, match="has changed on disk"):
        await client.text_document_rename_async(
            t.RenameParams(text_document=place.text_document, position=place.position, new_name="cost_of")
        )
