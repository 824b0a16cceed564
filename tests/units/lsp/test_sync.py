"""In which order a project is read, and what of it is left out."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as t

from dovetail.graph.modules import modules
from dovetail.lsp.scan import Read
from dovetail.lsp.server import Dovetail
from dovetail.lsp.sync import nearest_first, scan, watch
from dovetail.settings import Index, Settings
from dovetail.world import World


def test_what_an_open_file_imports_is_read_first() -> None:
    world = World()
    world.open("/p/app/main.py", "from shop.basket import Basket\nimport prices\n", 1, "python")
    paths = ["/p/a.py", "/p/app/other.py", "/p/lib/prices.py", "/p/shop/__init__.py", "/p/shop/basket.py", "/p/z.py"]
    assert nearest_first(paths, world.snapshot()) == [
        "/p/lib/prices.py", "/p/shop/basket.py", "/p/app/other.py", "/p/shop/__init__.py", "/p/a.py", "/p/z.py",
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_a_folder_that_comes_later_leaves_out_what_is_open_already(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("local.py\n")
    ls = Dovetail()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    features = ls.protocol.fm.features
    for name in ("local.py", "shop.py"):
        opened = t.TextDocumentItem((tmp_path / name).as_uri(), t.LanguageKind.Python, 1, "x = 1\n")
        features[t.TEXT_DOCUMENT_DID_OPEN](t.DidOpenTextDocumentParams(opened))
    assert not ls.snapshot().private
    event = t.WorkspaceFoldersChangeEvent([t.WorkspaceFolder(tmp_path.as_uri(), "shop")], [])
    await features[t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS](t.DidChangeWorkspaceFoldersParams(event))
    assert ls.snapshot().private == {(tmp_path / "local.py").as_posix()}
    await ls.end()


@pytest.mark.asyncio
async def test_a_folder_that_left_is_not_trusted_when_it_comes_again(tmp_path: Path) -> None:
    ls = Dovetail()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    ls.world.set_roots([tmp_path.as_posix()])
    ls.trusted = {tmp_path.as_posix()}
    there = [t.WorkspaceFolder(tmp_path.as_uri(), "shop")]
    for event in (t.WorkspaceFoldersChangeEvent([], there), t.WorkspaceFoldersChangeEvent(there, [])):
        changed = t.DidChangeWorkspaceFoldersParams(event)
        await ls.protocol.fm.features[t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS](changed)
    assert not ls.trusts(f"{tmp_path.as_posix()}/shop.py")
    await ls.end()


@pytest_asyncio.fixture
async def project(tmp_path: Path) -> AsyncGenerator[Dovetail]:
    """A server that has read three files, which is as many as it may."""
    for name in ("a.py", "shop/b.py", "shop/deep/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"def old_{Path(name).stem}(): ...\n")
    ls = Dovetail()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    ls.settings = Settings(index=Index(most_files=3, cache=False))
    ls.world.set_roots([tmp_path.as_posix()])
    await scan(ls, [tmp_path.as_posix()])
    assert len(ls.snapshot().graph.files) == 3
    yield ls
    await ls.end()


async def _told(ls: Dovetail, path: Path, kind: t.FileChangeType) -> None:
    event = t.FileEvent(path.as_uri(), kind)
    await ls.protocol.fm.features[t.WORKSPACE_DID_CHANGE_WATCHED_FILES](t.DidChangeWatchedFilesParams([event]))


@pytest.mark.asyncio
async def test_what_changes_on_disk_is_read_again_also_where_no_more_files_are_read(
    project: Dovetail, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("def new_a(): ...\n")
    await _told(project, tmp_path / "a.py", t.FileChangeType.Changed)
    known = {symbol.name for symbol in project.snapshot().graph.symbols((tmp_path / "a.py").as_posix())}
    assert known == {"new_a"}
    (tmp_path / "z.py").write_text("def z(): ...\n")
    await _told(project, tmp_path / "z.py", t.FileChangeType.Created)
    assert len(project.snapshot().graph.files) == 3


@pytest.mark.asyncio
async def test_a_folder_that_is_deleted_takes_all_that_was_in_it_along(project: Dovetail, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "shop")
    await _told(project, tmp_path / "shop", t.FileChangeType.Deleted)
    assert set(project.snapshot().graph.files) == {(tmp_path / "a.py").as_posix()}


@pytest.mark.asyncio
async def test_a_file_that_is_there_again_is_not_forgotten(project: Dovetail, tmp_path: Path) -> None:
    """Some editors and git write a file by putting another in its place."""
    for path in (tmp_path / "a.py", tmp_path / "shop"):
        await _told(project, path, t.FileChangeType.Deleted)
    assert len(project.snapshot().graph.files) == 3


@pytest.mark.asyncio
async def test_a_folder_that_gets_another_name_is_read_under_it(project: Dovetail, tmp_path: Path) -> None:
    (tmp_path / "shop").rename(tmp_path / "store")
    await _told(project, tmp_path / "shop", t.FileChangeType.Deleted)
    await _told(project, tmp_path / "store", t.FileChangeType.Created)
    known = sorted(Path(path).relative_to(tmp_path).as_posix() for path in project.snapshot().graph.files)
    assert known == ["a.py", "store/b.py", "store/deep/c.py"]


@pytest.mark.asyncio
async def test_the_editor_is_asked_to_tell_of_folders_that_go_and_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event may stand for a folder and all in it, and no pattern of file names meets that."""
    asked: list[t.FileSystemWatcher] = []
    ls = Dovetail()
    files = t.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    workspace = t.WorkspaceClientCapabilities(did_change_watched_files=files)
    ls.protocol.client_capabilities = t.ClientCapabilities(workspace=workspace)

    def register(params: t.RegistrationParams) -> None:
        (one,) = params.registrations
        assert isinstance(one.register_options, t.DidChangeWatchedFilesRegistrationOptions)
        asked.extend(one.register_options.watchers)

    monkeypatch.setattr(ls, "client_register_capability", register)
    watch(ls)
    assert t.FileSystemWatcher("**", t.WatchKind.Create | t.WatchKind.Delete) in asked


@pytest.mark.asyncio
async def test_what_is_left_out_from_now_on_goes_and_what_is_not_any_more_comes(project: Dovetail) -> None:
    root = Path(project.snapshot().roots[0])

    def known() -> list[str]:
        return sorted(Path(path).name for path in project.snapshot().graph.files)

    async def settled() -> None:
        while project.tasks:
            await asyncio.wait(project.tasks)

    project.configure({"index": {"exclude": ["shop/deep/"]}})
    await settled()
    assert known() == ["a.py", "b.py"]
    project.configure({})
    await settled()
    assert known() == ["a.py", "b.py", "c.py"]
    (root / ".gitignore").write_text("b.py\n")
    event = t.FileEvent((root / ".gitignore").as_uri(), t.FileChangeType.Created)
    watched = project.protocol.fm.features[t.WORKSPACE_DID_CHANGE_WATCHED_FILES]
    await watched(t.DidChangeWatchedFilesParams([event]))
    await settled()
    assert known() == ["a.py", "c.py"]


@pytest.mark.asyncio
async def test_folders_inside_of_one_that_comes_are_looked_at_once(
    project: Dovetail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.settings = Settings(index=Index(cache=False, exclude=("made/",)))
    for name in ("new/x.py", "new/deep/y.py", "new/deep/deeper/z.py", "new/made/no.py", "made/new/no.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("def come(): ...\n")
    walked: list[str] = []
    read: list[str] = []
    walk, reading = project.scanner.walk, project.scanner.read

    async def walking(root: str, exclude: list[str], most: int, below: str = "") -> tuple[list[str], bool]:
        walked.append(below)
        return await walk(root, exclude, most, below)

    def noting(paths: list[str], room: object = None) -> AsyncIterator[tuple[int, Read]]:
        read.extend(paths)
        return reading(paths, lambda: 0)

    monkeypatch.setattr(project.scanner, "walk", walking)
    monkeypatch.setattr(project.scanner, "read", noting)
    told = [tmp_path / name for name in ("new/deep/deeper", "new/deep", "new", "new/x.py", "new/made", "made")]
    events = [t.FileEvent(path.as_uri(), t.FileChangeType.Created) for path in told]
    await project.protocol.fm.features[t.WORKSPACE_DID_CHANGE_WATCHED_FILES](t.DidChangeWatchedFilesParams(events))
    assert walked == [(tmp_path / "new").as_posix()]
    names = sorted(Path(path).relative_to(tmp_path).as_posix() for path in read)
    assert names == ["new/deep/deeper/z.py", "new/deep/y.py", "new/x.py"]


@pytest.mark.asyncio
async def test_a_folder_that_comes_is_configured_by_what_it_holds(project: Dovetail, tmp_path: Path) -> None:
    (tmp_path / "main.ts").write_text('import { f } from "@s/pkg"\nf()\n')
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "package.json").write_text('{"name": "@s/pkg", "main": "index.ts"}')
    (tmp_path / "pkg" / "index.ts").write_text("export function f() {}\n")
    project.settings = Settings(index=Index(cache=False))
    for name in ("main.ts", "pkg"):
        await _told(project, tmp_path / name, t.FileChangeType.Created)
    graph = project.snapshot().graph
    assert modules(graph, (tmp_path / "main.ts").as_posix(), "@s/pkg") == ((tmp_path / "pkg/index.ts").as_posix(),)
