"""What changes a whole project waits until it is read, and says where it never was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from dovetail.lsp import sync
from dovetail.lsp.progress import Report
from dovetail.lsp.rename import register
from dovetail.lsp.scan import Read, Scanner
from dovetail.lsp.server import Dovetail
from dovetail.settings import Index, Settings
from dovetail.text import Edit, Span

SHOP = "def price(goods):\n    return 3\n"
USES = "from shop import price\n\nprint(price([]))\n"


@pytest_asyncio.fixture
async def ls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Dovetail]:
    """A session that has not read its folder yet, and will in its own process."""

    async def here(_: Scanner, function: Callable[..., Any], *arguments: Any, **__: Any) -> Any:
        await asyncio.sleep(0)
        return function(*arguments)

    monkeypatch.setattr(Scanner, "_do", here)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(USES)
    (tmp_path / "shop.py").write_text(SHOP)
    ls = Dovetail()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    register(ls)
    ls.read.clear()
    ls.settings = Settings(index=Index(cache=False))
    ls.world.set_roots([tmp_path.as_posix()])
    ls.world.open((tmp_path / "shop.py").as_posix(), SHOP, 1, None)
    yield ls
    await ls.end()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(Dovetail, "say", lambda _self, message, *_: said.append(message))
    return said


def _renaming(ls: Dovetail, at: t.Position) -> asyncio.Future[t.WorkspaceEdit]:
    where = t.RenameParams(t.TextDocumentIdentifier(f"file://{ls.snapshot().roots[0]}/shop.py"), at, "cost")
    return asyncio.ensure_future(ls.protocol.fm.features[t.TEXT_DOCUMENT_RENAME](where))


async def _renamed(ls: Dovetail) -> dict[str, int]:
    edit = await _renaming(ls, t.Position(0, 5))
    assert edit.document_changes is not None
    changed = [one for one in edit.document_changes if isinstance(one, t.TextDocumentEdit)]
    return {one.text_document.uri.rsplit("/", 1)[-1]: len(one.edits) for one in changed}


ALL = {"shop.py": 1, "a.py": 2, "b.py": 2, "c.py": 2}


@pytest.mark.asyncio
async def test_a_rename_waits_until_the_project_is_read_and_not_for_its_packages(
    ls: Dovetail, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = asyncio.Event()
    monkeypatch.setattr(sync, "know_packages", lambda *_: known.wait())
    renaming = asyncio.ensure_future(_renamed(ls))
    await asyncio.sleep(0.1)
    assert not renaming.done()
    reading = asyncio.ensure_future(sync.scan(ls, list(ls.snapshot().roots)))
    assert await renaming == ALL
    assert not reading.done()
    assert ls.status()["scanning"]
    known.set()
    await reading
    assert not said


@pytest.mark.asyncio
async def test_a_place_is_one_of_the_text_as_it_was_when_it_was_asked_for(ls: Dovetail) -> None:
    path = f"{ls.snapshot().roots[0]}/shop.py"
    renaming = _renaming(ls, t.Position(0, 5))
    await asyncio.sleep(0)
    ls.world.write(path, 2, [lambda _: Edit(Span(0, 0), b"def other(x): ...\n")])
    await sync.scan(ls, list(ls.snapshot().roots))
    with pytest.raises(JsonRpcException) as refused:
        await renaming
    assert refused.value.code == t.LSPErrorCodes.ContentModified


@pytest.mark.asyncio
async def test_a_scan_that_was_cancelled_is_told(
    ls: Dovetail, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dovetail.lsp.scan._BATCH", 2)
    monkeypatch.setattr(Report, "__call__", lambda self, *_: setattr(self, "cancelled", True))
    await sync.scan(ls, list(ls.snapshot().roots))
    assert await _renamed(ls) == {"shop.py": 1, "a.py": 2, "b.py": 2}
    assert ["only 2 of 4 files of the project were read, since that was cancelled" in one for one in said] == [True]


@pytest.mark.asyncio
async def test_a_scan_that_stopped_at_its_bound_is_told(ls: Dovetail, said: list[str]) -> None:
    ls.settings = Settings(index=Index(cache=False, most_files=2))
    await sync.scan(ls, list(ls.snapshot().roots))
    assert await _renamed(ls) == {"shop.py": 1, "a.py": 2, "b.py": 2}
    assert ["only 2 files of the project were read (index.most_files)" in one for one in said] == [True]


@pytest.mark.asyncio
async def test_new_files_beyond_the_bound_are_told(ls: Dovetail, said: list[str], tmp_path: Path) -> None:
    ls.settings = Settings(index=Index(cache=False, most_files=4))
    await sync.scan(ls, list(ls.snapshot().roots))
    assert await _renamed(ls) == ALL
    assert not said
    (tmp_path / "d.py").write_text(USES)
    event = t.FileEvent((tmp_path / "d.py").as_uri(), t.FileChangeType.Created)
    await ls.protocol.fm.features[t.WORKSPACE_DID_CHANGE_WATCHED_FILES](t.DidChangeWatchedFilesParams([event]))
    assert await _renamed(ls) == ALL
    assert ["only 4 files of the project are read (index.most_files)" in one for one in said] == [True]


@pytest.mark.asyncio
async def test_a_scan_that_failed_is_told_and_other_folders_are_read(
    ls: Dovetail, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "d.py").write_text(USES)
    roots = [tmp_path.as_posix(), (tmp_path / "more").as_posix()]
    ls.world.set_roots(roots)
    whole = ls.scanner.read

    def breaking(paths: list[str], room: object = None) -> AsyncIterator[tuple[int, Read]]:
        if any("/more/" not in path for path in paths):
            raise BrokenProcessPool("the process ended")
        return whole(paths, lambda: 0)

    monkeypatch.setattr(ls.scanner, "read", breaking)
    await sync.scan(ls, roots)
    assert ls.read.is_set()
    assert (tmp_path / "more" / "d.py").as_posix() in ls.snapshot().graph.files
    await _renamed(ls)
    assert [f"{tmp_path.name}: not all files of the project are read" in one for one in said] == [True]


@pytest.mark.asyncio
async def test_nobody_waits_while_only_what_is_left_out_is_looked_at_again(
    ls: Dovetail, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync.scan(ls, list(ls.snapshot().roots))
    walked = asyncio.Event()
    walk = ls.scanner.walk
    read: list[str] = []
    reading = ls.scanner.read

    async def later(root: str, exclude: list[str], most: int, below: str = "") -> tuple[list[str], bool]:
        await walked.wait()
        return await walk(root, exclude, most, below)

    def noting(paths: list[str], room: object = None) -> AsyncIterator[tuple[int, Read]]:
        read.extend(paths)
        return reading(paths, lambda: 0)

    monkeypatch.setattr(ls.scanner, "walk", later)
    monkeypatch.setattr(ls.scanner, "read", noting)
    again = asyncio.ensure_future(sync.left_out_anew(ls))
    await asyncio.sleep(0.05)
    assert await _renamed(ls) == ALL
    assert ["not all files of the project are read" in one for one in said] == [True]
    walked.set()
    await again
    assert not read
    assert await _renamed(ls) == ALL
    assert len(said) == 1
