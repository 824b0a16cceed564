"""In an editor in which no linter runs, the menu knows what ours says of the line; where one runs, it is that one's."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as t
from pytest_lsp import LanguageClient

from tests.session import opened, settled

TEXT = "import os\n\n\ndef share(total):\n    return total\n"


async def rows(
    client: LanguageClient, uri: str, kind: t.CodeActionTriggerKind | None, *told: t.Diagnostic
) -> list[t.CodeAction]:
    at = t.Range(t.Position(0, 8), t.Position(0, 8))
    context = t.CodeActionContext(list(told), only=[t.CodeActionKind.QuickFix], trigger_kind=kind)
    found = await client.text_document_code_action_async(t.CodeActionParams(t.TextDocumentIdentifier(uri), at, context))
    return [row for row in found or () if isinstance(row, t.CodeAction)]


async def test_a_menu_that_is_opened_offers_what_the_linter_finds(client: LanguageClient, project: Path) -> None:
    await settled(client)
    (project / "lint.py").write_text(TEXT)
    uri = opened(client, project / "lint.py")
    assert await rows(client, uri, t.CodeActionTriggerKind.Automatic) == []
    (row,) = await rows(client, uri, t.CodeActionTriggerKind.Invoked)
    assert row.title == "Fix: `os` imported but unused"
    made = await client.code_action_resolve_async(row)
    assert made.edit is not None, made.disabled
    (row,) = await rows(client, uri, None)  # a client that does not tell why it asks
    assert row.title == "Fix: `os` imported but unused"


async def test_where_another_server_says_what_ruff_finds_ours_is_silent(client: LanguageClient, project: Path) -> None:
    await settled(client)
    (project / "lint.py").write_text(TEXT)
    uri = opened(client, project / "lint.py")
    at = t.Range(t.Position(3, 0), t.Position(3, 3))
    await rows(client, uri, None, t.Diagnostic(at, "x", code="E1", source="Ruff"))
    assert await rows(client, uri, t.CodeActionTriggerKind.Invoked) == []
