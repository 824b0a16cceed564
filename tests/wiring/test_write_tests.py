"""Tests over a real pipe: those that are written, those that judge an edit; nothing is offered without trust."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.session import command, introduction, opened, plain, settled
from tests.wiring.test_refactorings import rows

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")
TWICE = "PRICES = {'apple': 1}\n\n\ndef twice(times: int) -> int:\n    return 2 * times\n"
_AT = t.Range(t.Position(3, 5), t.Position(3, 5))


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-I", "-m", "dovetail"]))
async def trusted(lsp_client: LanguageClient, project: Path) -> AsyncGenerator[None]:
    user = {"python": sys.executable}
    await lsp_client.initialize_session(introduction(project, workspaceTrusted=True, user=user))
    await settled(lsp_client)
    yield
    await lsp_client.shutdown_session()


async def test_a_new_file_of_tests(trusted: LanguageClient, project: Path) -> None:
    uri = opened(trusted, project / "prices.py", TWICE)
    menu = await rows(trusted, uri, _AT)
    row = await trusted.code_action_resolve_async(menu["Write tests for twice (runs it in a sandbox)"])
    assert row.edit is not None, row.disabled
    assert row.edit.document_changes is not None
    created, changed = row.edit.document_changes
    assert isinstance(created, t.CreateFile)
    assert isinstance(changed, t.TextDocumentEdit)
    assert created.uri == changed.text_document.uri == (project / "tests" / "test_prices.py").as_uri()
    assert changed.text_document.version is None
    (edit,) = changed.edits
    assert isinstance(edit, t.TextEdit | t.AnnotatedTextEdit)
    assert "assert twice(3) == 6" in edit.new_text
    assert not (project / "tests").exists()
    again = await trusted.code_action_resolve_async(menu["Write tests for twice (runs it in a sandbox)"])
    assert again.edit == row.edit
    here = {"line": 3, "character": 5}
    asked = {"text": "same for twice", "uri": uri, "range": {"start": here, "end": here}}
    assert "twice" in str(await command(trusted, "dovetail.ask", asked))


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on the path")
async def test_an_edit_of_javascript_is_tried_and_held_against_its_tests_by_node(
    trusted: LanguageClient, project: Path
) -> None:
    test = (
        'import test from "node:test";\nimport assert from "node:assert";\nimport { share } from "./till.mjs";\n\n'
        'test("shares", () => assert.equal(share({ total: 6 }, ["a", "b"]), 3));\n'
    )
    (project / "till.test.mjs").write_text(test)
    opened(trusted, project / "till.test.mjs", test, language="javascript")
    text = "export function share(bill, names) {\n  return bill.total / names.length;\n}\n"
    (project / "till.mjs").write_text(text)
    uri = opened(trusted, project / "till.mjs", text, language="javascript")
    menu = await rows(trusted, uri, t.Range(t.Position(0, 18), t.Position(0, 18)))
    title = "Add validation to share, tried in a sandbox, judged by running till.test.mjs"
    row = await trusted.code_action_resolve_async(menu[title])
    assert row.edit is not None, row.disabled
    evidence = (await command(trusted, "dovetail.showEvidence"))["markdown"]
    assert "1 related test passed before and after" in evidence
    assert "tried: " in evidence


async def test_an_edit_is_held_against_the_tests_under_the_row_that_says_so(
    trusted: LanguageClient, project: Path
) -> None:
    told = "from prices import twice\n\n\ndef test_name():\n    assert twice.__name__ == 'twice'\n"
    (project / "tests").mkdir()
    (project / "tests" / "test_prices.py").write_text(told)
    opened(trusted, project / "tests" / "test_prices.py", told)
    text = "def twice(times: int) -> int:\n    return 2 * tims\n"
    (project / "prices.py").write_text(text)
    uri = opened(trusted, project / "prices.py", text)
    menu = await rows(trusted, uri, t.Range(t.Position(1, 16), t.Position(1, 16)))
    for title, ran in (("", False), (", judged by running test_prices.py", True)):
        row = await trusted.code_action_resolve_async(menu[f"Fix undefined name tims{title}"])
        assert row.edit is not None, row.disabled
        evidence = (await command(trusted, "dovetail.showEvidence"))["markdown"]
        assert ("1 related test passed before and after" in evidence) is ran, evidence


async def test_nothing_without_trust(client: LanguageClient, project: Path) -> None:
    """Not offered; and a row that says it was, is refused: nothing of the folder runs."""
    canary = project / "CANARY"
    text = f"open({str(canary)!r}, 'w').close()\n\n\ndef twice(times: int) -> int:\n    return 2 * times\n"
    (project / "prices.py").write_text(text)
    uri = opened(client, project / "prices.py", text)
    menu = await rows(client, uri, _AT)
    assert not [title for title in menu if "tests" in title or "sandbox" in title]
    (project / "test_prices.py").write_text(f"{text}\n\ndef test_it():\n    pass\n")
    judged = ["tests", "test_prices.py"]
    for action, offer in (("write_tests", []), ("validate", [["try", "yes"]]), ("validate", [judged])):
        row = menu["Add validation to twice"]
        row.data = {**plain(row.data), "action": action, "offer": offer}
        row = await client.code_action_resolve_async(row)
        assert action == "validate" or row.disabled is not None
    assert not canary.exists()
