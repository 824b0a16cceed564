"""Suggestions over a real pipe: what is known is answered at once, and the account says by whom."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pytest_lsp import LanguageClient

from tests.session import AGAIN, command, completion, opened, settled, typed

pytestmark = pytest.mark.model

_LINE, _COLUMN = 14, 14


async def _ask(client: LanguageClient, uri: str, line: int, character: int) -> list[str]:
    result = await completion(client, uri, line, character, asked_for=False)
    assert result is not None
    return [str(item.insert_text) for item in result.items]


async def _answered(client: LanguageClient) -> dict[str, Any]:
    return (await command(client, "dovetail.showStats"))["counts"]


async def test_from_the_file_then_typed_ahead_then_quiet_after_taking_back(
    client: LanguageClient, project: Path
) -> None:
    await settled(client)
    uri = opened(client, project / "again.py", AGAIN)
    rest = 'LookupError("nobody of that name")'
    assert await _ask(client, uri, _LINE, _COLUMN) == [rest]
    typed(client, uri, 2, _LINE, _COLUMN, "L")
    assert await _ask(client, uri, _LINE, _COLUMN + 1) == [rest[1:]]
    typed(client, uri, 3, _LINE, _COLUMN, "", delete=1)
    assert await _ask(client, uri, _LINE, _COLUMN) == []
    told = await _answered(client)
    assert told["asked"] == 3
    assert told["with the model"] == 0
    assert told["answered"]["the project"] == 1
    assert told["answered"]["typed ahead"] == 1
    assert told["quiet"] == {"something was just taken back": 1}


async def test_what_was_taken_is_counted_and_nothing_of_the_text_is_told(client: LanguageClient, project: Path) -> None:
    await settled(client)
    uri = opened(client, project / "again.py", AGAIN)
    await _ask(client, uri, _LINE, _COLUMN)
    evidence = await command(client, "dovetail.showEvidence")
    await command(client, "dovetail.accepted", evidence["id"])
    for message in ("textDocument/didShowCompletion", "textDocument/didFocus", "didChangeStatus"):
        client.protocol.notify(message, {"textDocument": {"uri": uri}})
    client.protocol.notify("textDocument/didPartiallyAcceptCompletion", {"acceptedLength": 3})
    stats = await command(client, "dovetail.showStats")
    assert stats["counts"]["accepted"] == {"project": 1}
    assert "Accepted word by word: 1." in stats["markdown"]
    assert "nobody of that name" not in stats["markdown"]


NUMBERS = "".join(f"def number_{n}(value):\n    return value * {n}\n\n\n" for n in range(60))


async def _rests(client: LanguageClient, uri: str, line: int, character: int, purpose: str) -> dict[str, Any]:
    """Move the cursor there, as editors tell it, until something was made ready; the account then."""
    there = t.Position(line, character)
    context = t.CodeActionContext([], trigger_kind=t.CodeActionTriggerKind.Automatic)
    await client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(uri), t.Range(there, there), context)
    )
    for _ in range(100):
        await asyncio.sleep(0.1)
        if (told := await _answered(client)).get(purpose):
            return told
    raise AssertionError(f"nothing was made ready: {told}")


async def test_where_the_cursor_rests_the_prompt_is_read_before_the_first_key(
    client: LanguageClient, project: Path
) -> None:
    await settled(client)
    uri = opened(client, project / "rest.py", NUMBERS)
    told = await _rests(client, uri, 121, 21, "prefetch")
    assert told["prefetch"]["evaluated"] > 100
    typed(client, uri, 2, 121, 21, "0")
    await client.text_document_inline_completion_async(
        t.InlineCompletionParams(
            text_document=t.TextDocumentIdentifier(uri),
            position=t.Position(121, 22),
            context=t.InlineCompletionContext(trigger_kind=t.InlineCompletionTriggerKind.Invoked),
        )
    )
    told = await _answered(client)
    assert told["typing"]["reused"] > 20 * told["typing"]["evaluated"]


async def test_where_the_cursor_rests_the_sentence_of_a_hover_is_written(client: LanguageClient, project: Path) -> None:
    await settled(client)
    uri = opened(client, project / "rest.py", NUMBERS)
    told = await _rests(client, uri, 120, 6, "hover")
    assert told["hover"]["evaluated"] > 20
