"""Rows of the menu that change how code is written, from the request to the edit, over a real pipe."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as t
from pytest_lsp import LanguageClient

from tests.session import SHOP, command, opened, settled

_LINES = SHOP.split("\n")


async def rows(client: LanguageClient, uri: str, where: t.Range, *only: str) -> dict[str, t.CodeAction]:
    found = await client.text_document_code_action_async(
        t.CodeActionParams(
            t.TextDocumentIdentifier(uri), where, t.CodeActionContext(diagnostics=[], only=list(only) or None)
        )
    )
    return {row.title: row for row in found or () if isinstance(row, t.CodeAction)}


def whole_line(number: int) -> t.Range:
    return t.Range(t.Position(number, 0), t.Position(number, len(_LINES[number])))


def texts(row: t.CodeAction) -> str:
    assert row.edit is not None
    return "".join(edit.new_text for each in row.edit.document_changes or () for edit in each.edits)  # pyright: ignore


async def test_extract_and_document(client: LanguageClient, project: Path) -> None:
    await settled(client)
    uri = opened(client, project / "shop.py")
    total = next(n for n, line in enumerate(_LINES) if "return sum" in line)

    selected = await rows(client, uri, whole_line(total), "refactor.extract")
    assert list(selected) == ["Extract function"]
    made = await client.code_action_resolve_async(selected["Extract function"])
    assert "return self._total_result()" in texts(made)

    head = await rows(client, uri, t.Range(t.Position(total - 1, 8), t.Position(total - 1, 8)))
    made = await client.code_action_resolve_async(head["Document total"])
    assert "Returns:" in texts(made)


async def test_a_parameter_that_is_asked_for_in_words(client: LanguageClient, project: Path) -> None:
    """About what the sentence names, wherever the cursor is; every call of the project in the one edit."""
    await settled(client)
    uri = opened(client, project / "prices.py")
    here = {"line": 0, "character": 0}
    asked = {"text": "rename price_of to cost_of", "uri": uri, "range": {"start": here, "end": here}}
    renamed = await command(client, "dovetail.ask", asked)
    row = t.CodeAction(title=renamed["title"], data=renamed["row"])
    assert texts(await client.code_action_resolve_async(row)).count("cost_of") == 3
    asked["text"] = "remove the parameter name from price_of"
    refused = await command(client, "dovetail.ask", asked)
    row = await client.code_action_resolve_async(t.CodeAction(title=refused["title"], data=refused["row"]))
    assert row.disabled is not None
    assert "price_of uses name" in row.disabled.reason
    asked["text"] = "add a parameter vat: float = 0.2 to price_of"
    added = await command(client, "dovetail.ask", asked)
    row = await client.code_action_resolve_async(t.CodeAction(title=added["title"], data=added["row"]))
    assert texts(row) == ", vat: float = 0.2"
