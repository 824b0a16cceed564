"""What a model would see at a place, asked over a real pipe."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.bench.pipe import ready, server
from tests.session import SHOP, command, opened, settled

_TOTAL = next(n for n, line in enumerate(SHOP.splitlines()) if "return sum" in line)


async def test_a_place_is_weighed_and_its_document_can_be_read(client: LanguageClient, project: Path) -> None:
    await settled(client)
    uri = opened(client, project / "shop.py")
    where = {"textDocument": {"uri": uri}, "position": {"line": _TOTAL, "character": 21}}
    told = await command(client, "dovetail.showEvidence", {**where, "question": "is the price wrong?"})
    assert told["id"] == "context-1"
    assert "definition of price_of" in told["markdown"] or "the whole of price_of" in told["markdown"]
    assert "named on the cursor's line" in told["markdown"]
    assert "prices.py" in told["markdown"]
    assert "Which files it is about" in told["markdown"]
    assert told["uri"] == f"dovetail://evidence/{told['id']}.md"
    again = t.TextDocumentContentParams(uri=told["uri"])
    found = await client.workspace_text_document_content_async(again)
    assert found.text == told["markdown"]


async def test_a_file_that_git_ignores_is_told_of_in_no_other_ones_context(
    client: LanguageClient, project: Path
) -> None:
    await settled(client)
    (project / ".gitignore").write_text("prices.py\n", "utf-8")
    opened(client, project / "prices.py")
    uri = opened(client, project / "shop.py")
    where = {"textDocument": {"uri": uri}, "position": {"line": _TOTAL, "character": 21}}
    told = await command(client, "dovetail.showEvidence", where)
    assert "the project leaves its file out" in told["markdown"]
    shown = told["markdown"].split("left out", 1)[0].split("Left out", 1)[0]
    assert "definition of price_of" not in shown
    assert "the whole of price_of" not in shown


async def test_a_document_that_is_gone_says_so(client: LanguageClient) -> None:
    with pytest.raises(JsonRpcException, match="not remembered"):
        await client.workspace_text_document_content_async(t.TextDocumentContentParams(uri="dovetail://evidence/x.md"))
    with pytest.raises(JsonRpcException, match="textDocument and position"):
        await command(client, "dovetail.showEvidence", {"textDocument": {"uri": "file:///x.py"}})


async def test_an_explanation_has_an_address_and_says_more_of_a_finding(project: Path) -> None:
    """Over a bare pipe: lsprotocol reads a row with a command as if it were the command."""
    uri = (project / "shop.py").as_uri()
    at = {"start": {"line": _TOTAL, "character": 4}, "end": {"line": _TOTAL, "character": 10}}
    told = {
        "range": at, "message": "Undefined name `price_off`", "code": "F821", "source": "Ruff",
        "codeDescription": {"href": "https://docs.astral.sh/ruff/rules/undefined-name"},
        "relatedInformation": [{"location": {"uri": uri, "range": at}, "message": "it is read here"}],
    }  # fmt: skip
    async with server(root=project) as pipe:
        await ready(pipe)
        item = {"uri": uri, "languageId": "python", "version": 1, "text": SHOP}
        pipe.notify("textDocument/didOpen", {"textDocument": item})
        here = {"textDocument": {"uri": uri}, "range": at, "context": {"diagnostics": [told]}}
        _, rows = await pipe.timed("textDocument/codeAction", here)
        row = next(row for row in rows if row["title"] == "Explain F821")
        _, said = await pipe.timed("workspace/executeCommand", row["command"])
        assert "Checks for uses of undefined names." in said["markdown"]
        assert "(https://docs.astral.sh/ruff/rules/undefined-name)" in said["markdown"]
        assert f"shop.py, line {_TOTAL + 1}: it is read here" in said["markdown"]
        assert said["uri"].startswith("dovetail://explanation/")
        _, found = await pipe.timed("workspace/textDocumentContent", {"uri": said["uri"]})
        assert found["text"] == said["markdown"]
