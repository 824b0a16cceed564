"""What is put before the person, and the account of what was said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from dovetail.lsp import documents, progress
from dovetail.lsp.convert import to_path
from dovetail.lsp.server import Dovetail
from dovetail.lsp.statistics import Statistics


def _server() -> Dovetail:
    ls = Dovetail()
    window = t.WindowClientCapabilities(
        work_done_progress=True, show_document=t.ShowDocumentClientCapabilities(support=True)
    )
    ls.protocol.client_capabilities = t.ClientCapabilities(window=window)
    return ls


async def test_what_cannot_be_written_to_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ls = _server()
    shown: list[str] = []
    said: list[str] = []

    async def show(params: t.ShowDocumentParams) -> None:
        shown.append(Path(to_path(params.uri)).read_text("utf-8"))

    monkeypatch.setattr(ls, "window_show_document_async", show)
    monkeypatch.setattr(ls, "window_show_message", lambda params: said.append(params.message))
    await documents.show(ls, "explanation", "explain-1", "what it does")
    assert (shown, said) == (["what it does"], [])
    gone = TemporaryDirectory(dir=tmp_path)
    gone.cleanup()
    monkeypatch.setattr(documents, "_folder", lambda: gone)
    await documents.show(ls, "explanation", "explain-1", "what it does")
    assert said == ["what it does"]


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_client_that_reads_documents_is_shown_an_address_and_told_of_it_once(
    monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    ls = _server()
    can = t.TextDocumentContentClientCapabilities(dynamic_registration=True)
    ls.protocol.client_capabilities.workspace = t.WorkspaceClientCapabilities(text_document_content=can)
    shown: list[str] = []
    registered: list[Any] = []

    async def show(params: t.ShowDocumentParams) -> None:
        shown.append(params.uri)

    async def register(params: t.RegistrationParams) -> None:
        if refuses:
            raise JsonRpcException(message="no")
        registered.extend(params.registrations)

    monkeypatch.setattr(ls, "window_show_document_async", show)
    monkeypatch.setattr(ls, "client_register_capability_async", register)
    for name in ("explain-1", "explain-2"):
        await documents.show(ls, "explanation", name, "what it does")
    if refuses:
        assert all(uri.startswith("file:") for uri in shown)
        return
    assert shown == ["dovetail://explanation/explain-1.md", "dovetail://explanation/explain-2.md"]
    assert [each.register_options.schemes for each in registered] == [["dovetail"]]
    assert ls.documents.text(shown[0]) == "what it does"


async def test_a_job_that_is_over_at_once_tells_the_editor_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ls = _server()
    sent: list[Any] = []
    monkeypatch.setattr(progress, "_SOON", 0.0)
    monkeypatch.setattr(ls.protocol, "send_request", lambda *said: sent.append(said))
    for _ in range(5):
        async with progress.progress(ls, "nothing much"):
            pass
    await asyncio.wait(ls.tasks)
    assert sent == []


def test_reasons_that_name_something_do_not_add_up_for_ever() -> None:
    counted = Statistics()
    for number in range(1000):
        counted.silent(f"name_{number} is not known")
        counted.silent("inside of a string")
    assert len(counted.quiet) <= 200
    assert counted.quiet["inside of a string"] == 1000
