"""References and incoming calls of what many files name, as an editor asks for them over a real pipe."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as t
from pytest_lsp import LanguageClient

from tests.laid import lay
from tests.session import opened, until

_USERS = 30


def _changed(client: LanguageClient, paths: list[Path]) -> None:
    events = [t.FileEvent(path.as_uri(), t.FileChangeType.Created) for path in paths]
    client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams(events))


async def _references(client: LanguageClient, uri: str, line: int, column: int) -> list[tuple[str, int]]:
    found = await client.text_document_references_async(
        t.ReferenceParams(t.ReferenceContext(True), t.TextDocumentIdentifier(uri), t.Position(line, column))
    )
    return sorted((one.uri.rsplit("/", 1)[-1], one.range.start.line) for one in found or ())


async def _item(client: LanguageClient, uri: str, line: int, column: int) -> t.CallHierarchyItem:
    items = await client.text_document_prepare_call_hierarchy_async(
        t.CallHierarchyPrepareParams(t.TextDocumentIdentifier(uri), t.Position(line, column))
    )
    assert items
    return items[0]


async def _incoming(client: LanguageClient, item: t.CallHierarchyItem) -> list[t.CallHierarchyIncomingCall]:
    return list(await client.call_hierarchy_incoming_calls_async(t.CallHierarchyIncomingCallsParams(item)) or ())


async def test_every_place_is_listed_however_many_there_are(client: LanguageClient, project: Path) -> None:
    (project / "k.py").write_text("class K:\n    def grow(self): pass\n", "utf-8")
    users = [project / f"u{n}.py" for n in range(_USERS)]
    for n, user in enumerate(users):
        lines = "".join(f"    k.grow()  # {i}\n" for i in range(20))
        user.write_text(f"from k import K\n\n\ndef use{n}():\n    k = K()\n{lines}", "utf-8")
    uri = opened(client, project / "k.py")
    _changed(client, users)

    async def all_of_them() -> list[tuple[str, int]] | None:
        found = await _references(client, uri, 1, 9)
        return found if len(found) == 20 * _USERS + 1 else None

    await until(all_of_them)
    callers = await _incoming(client, await _item(client, uri, 1, 9))
    assert {call.from_.name for call in callers} == {f"use{n}" for n in range(_USERS)}
    assert {len(call.from_ranges) for call in callers} == {20}


async def test_a_file_calls_what_stands_in_no_function(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "prices.py")
    run = project / "run.py"
    run.write_text("from prices import price_of\nprice_of('apple')\n", "utf-8")
    opened(client, run)
    calls = await _incoming(client, await _item(client, uri, 5, 5))
    (top,) = [call for call in calls if call.from_.kind == t.SymbolKind.Module]
    assert (top.from_.name, [span.start.line for span in top.from_ranges]) == ("run.py", [1])
    outgoing = await client.call_hierarchy_outgoing_calls_async(t.CallHierarchyOutgoingCallsParams(top.from_))
    assert [call.to.name for call in outgoing or ()] == ["price_of"]
    assert await _incoming(client, top.from_) == []


async def test_a_header_and_what_it_declares_are_one(client: LanguageClient, project: Path) -> None:
    texts = {
        "list.h": "int push(int v);\n",
        "list.c": '#include "list.h"\nint push(int v) { return v; }\n',
        "main.c": '#include "list.h"\nint main() {\n  push(1);\n  return push(2);\n}\n',
    }
    lay(project, texts)
    for name, text in texts.items():
        item = t.TextDocumentItem((project / name).as_uri(), "c", 1, text)
        client.text_document_did_open(t.DidOpenTextDocumentParams(item))
    uris = {name: (project / name).as_uri() for name in texts}
    everywhere = [("list.c", 1), ("list.h", 0), ("main.c", 2), ("main.c", 3)]
    for name, line, column in (("list.h", 0, 5), ("list.c", 1, 5), ("main.c", 2, 3)):
        assert await _references(client, uris[name], line, column) == everywhere
        calls = await _incoming(client, await _item(client, uris[name], line, column))
        assert [call.from_.name for call in calls] == ["main"]
    marks = await client.text_document_document_highlight_async(
        t.DocumentHighlightParams(t.TextDocumentIdentifier(uris["main.c"]), t.Position(2, 3))
    )
    assert [mark.range.start.line for mark in marks or ()] == [2, 3]
