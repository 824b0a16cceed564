"""What is told of places, while somebody types."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types as t

from dovetail.lsp import navigation
from dovetail.lsp.server import Dovetail
from dovetail.text import Edit, Span


@pytest.fixture
def ls() -> Dovetail:
    ls = Dovetail()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    navigation.register(ls)
    ls.world.set_roots(["/p"])
    ls.world.open("/p/a.py", "def price():\n    pass\n", 1, None)
    for number in range(5):
        ls.world.open(f"/p/b{number}.py", "from a import price\n\n\ndef run():\n    price()\n", 1, None)
    return ls


HERE = t.TextDocumentIdentifier("file:///p/a.py")


@pytest.mark.asyncio
@pytest.mark.parametrize("method", [t.TEXT_DOCUMENT_REFERENCES, t.CALL_HIERARCHY_INCOMING_CALLS])
async def test_places_are_those_of_the_text_in_which_they_were_found(ls: Dovetail, method: str) -> None:
    features = ls.protocol.fm.features
    place = t.Position(0, 5)
    asked: dict[str, object] = {
        t.TEXT_DOCUMENT_REFERENCES: t.ReferenceParams(t.ReferenceContext(include_declaration=False), HERE, place)
    }
    (item,) = features[t.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY](t.CallHierarchyPrepareParams(HERE, place))
    asked[t.CALL_HIERARCHY_INCOMING_CALLS] = t.CallHierarchyIncomingCallsParams(item)
    finding = asyncio.ensure_future(features[method](asked[method]))
    await asyncio.sleep(0)
    ls.world.write("/p/b4.py", 2, [lambda _: Edit(Span(0, 0), b"# a new first line\n")])
    found = await finding
    places = [
        (one.uri, one.range) if isinstance(one, t.Location) else (one.from_.uri, one.from_ranges[0]) for one in found
    ]
    for number in range(5):
        lines = {range_.start.line for uri, range_ in places if uri == f"file:///p/b{number}.py"}
        assert lines == ({0, 4} if method == t.TEXT_DOCUMENT_REFERENCES else {4})
