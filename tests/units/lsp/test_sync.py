"""In which order a project is read, and what of it is left out."""

from pathlib import Path

import pytest
from lsprotocol import types as t

from dovetail.lsp.server import Dovetail
from dovetail.lsp.sync import nearest_first
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
