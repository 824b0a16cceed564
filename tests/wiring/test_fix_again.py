"""What was fixed once is fixed from memory by a server that was started later: no model is asked, all is verified."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from dovetail.features.actions import Edited, Request, fix
from dovetail.memory import open_store
from dovetail.model.ask import run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter
from tests.session import command, menu, opened

AREA = "def area(width, height):\n    return width * * * height\n"
VOLUME = "import math\n\n\ndef volume(w, d, h):\n    base = w\n    return base * * * d\n"


async def test_a_finding_that_was_fixed_before_the_restart(client: LanguageClient, project: Path) -> None:
    """Once by a model, in another process than the server's."""

    async def once() -> None:
        store = open_store(project.as_posix())
        model = Scripted([["return width * height"]])
        world = World([project.as_posix()])
        path = (project / "area.py").as_posix()
        place = world.open(path, AREA, 1, None).document.line(1)
        request = Request(Selection(path, Span(place.start, place.start)))
        offer = fix.ACTION.offer(world.snapshot(), request)[0]
        result = await run(fix.ACTION.make(world.snapshot(), request, offer, model.info), model, no_linter, memo=store)
        assert isinstance(result, Edited)
        assert result.by_model
        assert len(model.asks) == 1
        store.close()

    await asyncio.create_task(once())
    (project / "volume.py").write_text(VOLUME)
    uri = opened(client, project / "volume.py")
    row = next(row for row in await menu(client, uri, 5, 8) if row.title.startswith("Fix"))
    made = await client.code_action_resolve_async(row)
    assert made.edit is not None
    assert made.edit.document_changes
    change = made.edit.document_changes[0]
    assert isinstance(change, t.TextDocumentEdit)
    assert "".join(edit.new_text for edit in change.edits if isinstance(edit, t.TextEdit)) == "    return base * d"
    told = await command(client, "dovetail.showEvidence")
    assert "as before: return base * d" in told["markdown"], told["markdown"]
    assert "parses no worse" in told["markdown"]
    assert "| action |" not in (await command(client, "dovetail.showStats"))["markdown"]
    # what memory does not know is asked of the model, and that is counted
    (project / "other.py").write_text("def other(a, b):\n    if a ** * b else:\n        return a\n")
    unknown = opened(client, project / "other.py")
    row = next(row for row in await menu(client, unknown, 1, 8) if row.title.startswith("Fix"))
    with contextlib.suppress(JsonRpcException):
        await client.code_action_resolve_async(row)
    assert "| action |" in (await command(client, "dovetail.showStats"))["markdown"]
