"""One editor's session over a real pipe."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.bench.pipe import ready, server
from tests.session import SHOP, command, completion, menu, names, opened, typed

_ADD = next(n for n, line in enumerate(SHOP.splitlines()) if "def add" in line)
_TOTAL = next(n for n, line in enumerate(SHOP.splitlines()) if "return sum" in line)


async def test_the_project_is_indexed_and_secrets_are_not(client: LanguageClient) -> None:
    status = await command(client, "dovetail.status")
    assert status["state"] == "ready"
    assert status["model"]
    assert status["indexed"] == "2 files"


async def test_hover_tells_what_the_graph_knows(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    found = await client.text_document_hover_async(t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(_TOTAL, 21)))
    assert found is not None
    assert isinstance(found.contents, t.MarkupContent)
    text = found.contents.value
    assert "def price_of(name: str) -> float" in text
    assert "The price of one" in text
    assert "prices.py" in text
    assert "#L6" in text
    assert "Called by (1)" in text


async def test_unsaved_text_counts(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    assert await names(client, uri) == ["Basket", "__init__", "add", "total"]
    typed(client, uri, 2, _ADD, 8, "put", delete=3)
    assert await names(client, uri) == ["Basket", "__init__", "put", "total"]


async def test_definition_crosses_files_and_follows_the_disk(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    ask = t.DefinitionParams(t.TextDocumentIdentifier(uri), t.Position(_TOTAL, 21))
    found = await client.text_document_definition_async(ask)
    assert isinstance(found, list)
    assert isinstance(found[0], t.Location)
    assert (found[0].uri.rsplit("/", 1)[1], found[0].range.start.line) == ("prices.py", 5)
    (project / "prices.py").write_text("\n\ndef price_of(name):\n    return 1\n", "utf-8")
    event = t.FileEvent(uri=(project / "prices.py").as_uri(), type=t.FileChangeType.Changed)
    client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams(changes=[event]))
    for _ in range(100):
        found = await client.text_document_definition_async(ask)
        assert isinstance(found, list)
        if found and isinstance(found[0], t.Location) and found[0].range.start.line == 2:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the change on disk did not arrive")


async def test_a_suggestion_and_what_it_rests_on(client: LanguageClient, project: Path) -> None:
    """The small model speaks at some of these places; every silence has a reason."""
    text = SHOP + "\n\ndef empty(self) -> bool:\n    return "
    uri = opened(client, project / "shop.py", text)
    lines = text.splitlines()
    shown = 0
    for line, character in ((len(lines) - 1, 11), (_TOTAL, 15), (_TOTAL, 19), (_ADD + 5, 19)):
        result = await completion(client, uri, line, character)
        evidence = await command(client, "dovetail.showEvidence")
        if result and result.items:
            shown += 1
            item = result.items[0]
            assert item.range is not None
            assert item.range.start.line == line
            assert "Held" in evidence["markdown"]
            assert "text before the cursor" in evidence["markdown"]
        else:
            assert "Nothing was shown" in evidence["markdown"]
    status = await command(client, "dovetail.status")
    assert status["counts"].get("completion shown", 0) == shown


async def test_a_newer_key_supersedes(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    older = asyncio.ensure_future(completion(client, uri, _TOTAL, 15))
    newer = asyncio.ensure_future(completion(client, uri, _TOTAL, 15))
    assert await older is None  # null, not an empty list: the editor keeps its ghost text
    assert await newer is not None


async def test_ghost_text_goes_on_from_the_row_chosen_in_the_list(client: LanguageClient, project: Path) -> None:
    """And what the project wrote before needs no model: twice after the same words it went on alike."""
    text = "".join(f"def {name}(self):\n    self.log.debug('done', extra=self.extra)\n\n\n" for name in ("a", "b"))
    text += "def c(self):\n    self.log.de\n"
    uri = opened(client, project / "log.py", text)
    line = len(text.splitlines()) - 1
    here = t.Range(t.Position(line, 13), t.Position(line, 15))
    chosen = t.SelectedCompletionInfo(range=here, text="debug")
    result = await client.text_document_inline_completion_async(
        t.InlineCompletionParams(
            text_document=t.TextDocumentIdentifier(uri),
            position=here.end,
            context=t.InlineCompletionContext(t.InlineCompletionTriggerKind.Invoked, selected_completion_info=chosen),
        )
    )
    assert isinstance(result, t.InlineCompletionList)
    assert result.items[0].insert_text == "debug('done', extra=self.extra)"
    assert result.items[0].range == here


async def test_add_validation_from_menu_to_preview(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    row = next(row for row in await menu(client, uri, _ADD, 10) if str(row.kind).endswith("validate"))
    assert row.edit is None
    made = await client.code_action_resolve_async(row)
    assert made.edit is not None
    changes = made.edit.document_changes
    assert changes is not None
    change = changes[0]
    assert isinstance(change, t.TextDocumentEdit)
    assert change.text_document.version == 1
    assert made.edit.change_annotations is None
    assert "count" in str(change.edits[0])
    again = await client.code_action_resolve_async(row)
    assert again.edit == made.edit


async def test_an_action_follows_text_that_moves(client: LanguageClient, project: Path) -> None:
    """Before it is chosen, and while it is made: lines typed above cost no work, and nothing but its range changes."""
    uri = opened(client, project / "shop.py")
    row = next(row for row in await menu(client, uri, _ADD, 10) if str(row.kind).endswith("validate"))
    typed(client, uri, 2, 0, 0, "#\n")
    making = asyncio.ensure_future(client.code_action_resolve_async(row))
    typed(client, uri, 3, 0, 1, " more\n")
    made = (await making).edit
    assert made is not None
    assert made.document_changes is not None
    change = made.document_changes[0]
    assert isinstance(change, t.TextDocumentEdit)
    assert change.text_document.version == 3
    assert {edit.range.start.line for edit in change.edits if isinstance(edit, t.TextEdit)} == {_ADD + 2 + 5}


async def test_an_action_whose_place_was_typed_in_is_refused(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    row = next(row for row in await menu(client, uri, _ADD, 10) if row.data)
    typed(client, uri, 2, _ADD, 8, "put", delete=3)
    with pytest.raises(JsonRpcException, match="what this is about has changed") as refused:
        await client.code_action_resolve_async(row)
    assert refused.value.code == t.LSPErrorCodes.ContentModified


async def test_a_forged_row_is_refused(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    row = (await menu(client, uri, _ADD, 10))[0]
    row.data = {"uri": uri, "version": 1, "action": "validate", "title": "x", "start": -5}
    with pytest.raises(JsonRpcException, match="did not come from Dovetail"):
        await client.code_action_resolve_async(row)
    assert await names(client, uri)


async def test_explain_answers_with_markdown(project: Path) -> None:
    """Over a bare pipe: lsprotocol reads a row with a command as if it were the command."""
    uri = (project / "shop.py").as_uri()
    at = {"line": _ADD, "character": 10}
    async with server(root=project) as pipe:
        await ready(pipe)
        item = {"uri": uri, "languageId": "python", "version": 1, "text": SHOP}
        pipe.notify("textDocument/didOpen", {"textDocument": item})
        here = {"textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
        _, rows = await pipe.timed("textDocument/codeAction", here)
        row = next(row for row in rows if row["title"] == "Explain add")
        _, told = await pipe.timed("workspace/executeCommand", row["command"])
        assert "def add" in told["markdown"]
        assert "how many, must be positive" in told["markdown"]
