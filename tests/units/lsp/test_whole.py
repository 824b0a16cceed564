"""What changes a whole project waits until it is read, and says where it never was."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types as t

from dovetail.lsp.rename import register
from dovetail.lsp.scan import read
from dovetail.lsp.server import Dovetail

SHOP = "def price(goods):\n    return 3\n"
USES = "from shop import price\n\nprint(price([]))\n"


@pytest.mark.asyncio
@pytest.mark.parametrize("reason", ["", "only 192 of 302 files of the project were read, since that was cancelled"])
async def test_a_rename_waits_until_the_project_is_read(
    tmp_path: Path, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Dovetail, "say", lambda _self, message, *_: said.append(message))
    ls, path = Dovetail(), (tmp_path / "shop.py").as_posix()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    register(ls)
    ls.read.clear()
    ls.world.set_roots([tmp_path.as_posix()])
    ls.world.open(path, SHOP, 1, None)
    where = t.RenameParams(t.TextDocumentIdentifier(f"file://{path}"), t.Position(0, 5), "cost")
    renamed = asyncio.ensure_future(ls.protocol.fm.features[t.TEXT_DOCUMENT_RENAME](where))
    await asyncio.sleep(0.1)
    assert not renamed.done()
    uses = tmp_path / "uses.py"
    uses.write_text(USES)
    ls.world.learn(read([uses.as_posix()]).told())
    ls.partly = {tmp_path.as_posix(): reason} if reason else {}
    ls.read.set()
    edit = await renamed
    changed = {one.text_document.uri.rsplit("/", 1)[-1]: len(one.edits) for one in edit.document_changes}
    assert changed == {"shop.py": 1, "uses.py": 2}
    assert [reason in one for one in said] == [True] * bool(reason)
