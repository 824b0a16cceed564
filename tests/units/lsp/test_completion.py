"""What the editor says of its document and of its own list counts for a suggestion."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as t

from dovetail.context.evidence import Evidence
from dovetail.features.inline_completion import Suggestion
from dovetail.lsp import completion
from dovetail.lsp.server import Dovetail
from dovetail.model.ask import Steps
from dovetail.settings import Completion, Settings
from dovetail.text import Span
from dovetail.world import Selection, Snapshot
from tests.scripted import Scripted


def _says(monkeypatch: pytest.MonkeyPatch, text: str, *others: str) -> list[str]:
    """Each suggestion is this; the files that one was asked for."""
    asked: list[str] = []

    def inline_completion(snapshot: Snapshot, at: Selection, *_: Any) -> Steps[Suggestion]:
        asked.append(at.path)
        return Suggestion(at.path, Span(at.offset, at.offset), text, 0.0, Evidence("completion"), 0.9, others)
        yield

    monkeypatch.setattr(completion, "inline_completion", inline_completion)
    return asked


async def _ask(
    ls: Dovetail, uri: str, position: t.Position, popup: t.SelectedCompletionInfo | None = None
) -> list[str]:
    context = t.InlineCompletionContext(t.InlineCompletionTriggerKind.Invoked, selected_completion_info=popup)
    params = t.InlineCompletionParams(context, t.TextDocumentIdentifier(uri), position)
    found = await ls.protocol.fm.features[t.TEXT_DOCUMENT_INLINE_COMPLETION](params)
    return [str(item.insert_text) for item in found.items]


def _server(path: str, text: str, language_id: str, settings: Settings) -> Dovetail:
    ls = Dovetail()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    ls.port, ls.settings = Scripted(), settings
    ls.world.open(path, text, 1, language_id)
    return ls


@pytest.mark.parametrize(
    ("language_id", "off_in", "silent"),
    [
        ("sh", "sh", True),
        ("javascriptreact", "javascriptreact", True),
        ("javascriptreact", "javascript", True),
        ("javascript", "javascriptreact", False),
        ("python", "sh", False),
    ],
)
async def test_a_language_is_off_by_the_name_that_the_editor_has_for_it(
    monkeypatch: pytest.MonkeyPatch, language_id: str, off_in: str, silent: bool
) -> None:
    asked = _says(monkeypatch, "x")
    settings = Settings(completion=Completion(off_in=(off_in,)))
    ls = _server("/p/a", "a\n", language_id, settings)
    assert await _ask(ls, "file:///p/a", t.Position(0, 1)) == ([] if silent else ["x"])
    assert bool(asked) is not silent


async def test_every_alternative_keeps_the_word_that_the_list_would_insert(monkeypatch: pytest.MonkeyPatch) -> None:
    _says(monkeypatch, "(name)", "(other)")
    ls = _server("/p/a.py", "log.de\n", "python", Settings())
    popup = t.SelectedCompletionInfo(t.Range(t.Position(0, 4), t.Position(0, 6)), "debug")
    assert await _ask(ls, "file:///p/a.py", t.Position(0, 6), popup) == ["debug(name)", "debug(other)"]
