"""What was applied is remembered, and the last of it can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from dovetail.features.account import backs
from dovetail.features.actions import Offer, Request, actions
from dovetail.lsp.menu import row_of
from dovetail.lsp.server import Dovetail
from dovetail.memory import Back, Store, digest
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import Selection
from tests.scripted import Scripted

SHOP = "def area(width, height):\n    return width * height\n"


class Desk:
    """A server without an editor, with folders that hold one open file each."""

    def __init__(self, *folders: Path) -> None:
        self.ls = ls = Dovetail()
        delete = t.WorkspaceEditClientCapabilities(resource_operations=[t.ResourceOperationKind.Delete])
        workspace = t.WorkspaceClientCapabilities(workspace_edit=delete)
        ls.protocol.client_capabilities = t.ClientCapabilities(workspace=workspace)
        ls.world.set_roots([folder.as_posix() for folder in folders])
        self.paths = [(folder / "shop.py").as_posix() for folder in folders]
        for path in self.paths:
            ls.world.open(path, SHOP, 1, None)
        self.applied: list[t.WorkspaceEdit] = []
        self.said: list[str] = []
        self.fails = False
        ls.workspace_apply_edit_async = self._apply  # pyright: ignore[reportAttributeAccessIssue]
        ls.say = lambda message, *_: self.said.append(message)  # pyright: ignore[reportAttributeAccessIssue]

    async def _apply(self, params: t.ApplyWorkspaceEditParams) -> t.ApplyWorkspaceEditResult:
        if self.fails:
            raise JsonRpcException("no", -32803)
        self.applied.append(params.edit)
        return t.ApplyWorkspaceEditResult(applied=True)

    async def run(self, name: str, *arguments: Any) -> Any:
        return await self.ls.protocol.fm.commands[name](*arguments)

    def store(self, path: str) -> Store:
        store = self.ls.kept.store(self.ls, path)
        assert store is not None
        return store

    def edited(self, path: str, asked: str, *, creates: bool = False) -> None:
        """What stands in the file was put there by an answer."""
        change = Change({path: (Edit(Span(0, 3), b"def"),)})
        back = backs(self.ls.snapshot(), change)
        if creates:
            (one,) = back.values()
            back = {path: type(one)(((0, len(SHOP), ""),), one.after, created=True)}
        store = self.store(path)
        store.applied(store.ran(asked, path, "done", 1), back)


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("DOVETAIL_DATA", str(tmp_path / "data"))


async def test_an_edit_of_a_client_that_cannot_resolve_is_remembered(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ls, (path,) = desk.ls, desk.paths
    at = SHOP.index("area")
    request = Request(Selection(path, Span(at, at)))
    rename = next(each for each in actions() if each.name == "rename")
    offer = Offer("rename area", Span(at, at + 4), (("name", "size"),))
    row = row_of(ls, Path(path).as_uri(), ls.snapshot().files[path], request, rename, offer)
    await desk.run("dovetail.make", row.model_dump(mode="json"))
    assert len(desk.applied) == 1, desk.said
    assert [one.applied for one in desk.store(path).runs()] == [True]


async def test_what_a_model_wrote_is_called_so_where_there_is_no_tag(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ls, (path,) = desk.ls, desk.paths
    ls.port = Scripted(["Return the width times the height.", "The width.", "The height."])
    at = SHOP.index("area")
    request = Request(Selection(path, Span(at, at)))
    document = next(each for each in actions() if each.name == "document")
    (offer,) = document.offer(ls.snapshot(), request)
    row = row_of(ls, Path(path).as_uri(), ls.snapshot().files[path], request, document, offer)
    told = await desk.run("dovetail.make", row.model_dump(mode="json"))
    assert told["byModel"] is True
    assert told["applied"] is True
    assert told["text"].endswith("(written by scripted, read it)")
    assert desk.said == ["Document area (written by scripted, read it)"]


async def test_the_newest_edit_of_all_folders_is_taken_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a", tmp_path / "b")
    first, second = desk.paths
    desk.edited(first, "yesterday")
    store = desk.store(first)
    assert store._connection is not None
    store._connection.execute("update runs set at = at - 86400")
    desk.edited(second, "today")
    assert await desk.run("dovetail.undoLast")
    (edit,) = desk.applied
    assert edit.document_changes is not None
    (changed,) = edit.document_changes
    assert isinstance(changed, t.TextDocumentEdit)
    assert changed.text_document.uri == Path(second).as_uri()
    assert await desk.run("dovetail.undoLast"), "then the one before"
    assert len(desk.applied) == 2


async def test_a_file_that_an_answer_made_goes_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (path,) = desk.paths
    desk.edited(path, "write tests", creates=True)
    assert await desk.run("dovetail.undoLast")
    (edit,) = desk.applied
    assert edit.document_changes == [t.DeleteFile(Path(path).as_uri())]


async def test_an_editor_that_says_no_with_an_error_is_heard(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (path,) = desk.paths
    desk.edited(path, "fix")
    desk.fails = True
    assert await desk.run("dovetail.undoLast") is False
    assert desk.store(path).last_applied() is not None


async def test_a_file_that_is_not_open_is_taken_back_as_it_lies_on_disk(tmp_path: Path) -> None:
    """As after a rename over several files of which one is open."""
    desk = Desk(tmp_path)
    (path,) = desk.paths
    other = tmp_path / "other.py"
    other.write_bytes(b"\xef\xbb\xbf# \xc3\xa9\r\nfrom shop import size\r\n")
    before, after = "# é\r\nfrom shop import area\r\n".encode(), other.read_bytes()[3:]
    at = after.index(b"size")
    store = desk.store(path)
    files = {
        path: Back(((4, 8, "area"),), digest(SHOP.encode())),
        other.as_posix(): Back(((at, at + 4, "area"),), digest(after)),
    }
    store.applied(store.ran("rename", path, "done", 1), files)
    other.write_bytes(other.read_bytes() + b"x = 1\r\n")
    assert await desk.run("dovetail.undoLast") is False
    assert desk.said == ["other.py has changed since; “rename” is not taken back"]
    other.unlink()
    assert await desk.run("dovetail.undoLast") is False
    assert "not there any more" in desk.said[-1]
    other.write_bytes(b"\xef\xbb\xbf" + after)
    assert await desk.run("dovetail.undoLast"), desk.said
    ((first, second),) = (edit.document_changes for edit in desk.applied if edit.document_changes)
    assert isinstance(first, t.TextDocumentEdit)
    assert isinstance(second, t.TextDocumentEdit)
    assert second.text_document == t.OptionalVersionedTextDocumentIdentifier(other.as_uri(), None)
    (edit,) = second.edits
    assert isinstance(edit, t.TextEdit)
    assert (edit.range.start, edit.new_text) == (t.Position(1, 17), "area")
    document = Document(after).edited(Edit(desk.ls.encoding.span(Document(after), edit.range), edit.new_text.encode()))
    assert document.data == before


async def test_nothing_outside_of_the_open_folders_is_taken_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "project")
    (path,) = desk.paths
    outside = tmp_path / "outside.py"
    outside.write_text("a = 1\n")
    store = desk.store(path)
    store.applied(store.ran("fix", path, "done", 1), {outside.as_posix(): Back(((0, 1, "b"),), digest(b"a = 1\n"))})
    assert await desk.run("dovetail.undoLast") is False
    assert desk.applied == []
