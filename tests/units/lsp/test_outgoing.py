"""What may reach a model on another machine, and what reaches none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types as t

from dovetail.context.evidence import Ledger
from dovetail.context.neighbours import surroundings
from dovetail.features.actions import Diagnostic, Explained, Request, explain
from dovetail.features.inline_completion import Quiet, inline_completion
from dovetail.features.inline_completion.members import members
from dovetail.features.sentence import sentence
from dovetail.lsp.server import Dovetail
from dovetail.model.ask import Chat, Fim, ModelInfo
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted

KEY = "AKIAABCDEFGHIJKLMNOP"
TEXT = f'access = "{KEY}"\n\n\ndef area(width, height):\n    return '


def served(folder: Path, *, away: bool, trusted: bool = False, private: bool = False) -> tuple[Dovetail, Scripted, str]:
    """A server with one open file and a model that is on another machine or on this one."""
    ls, path = Dovetail(), (folder / "shop.py").as_posix()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    port = Scripted(["width * height"] * 9)
    assert port.info is not None
    ls.port = port = Scripted(["width * height"] * 9, info=replace(port.info, away=away))
    ls.world.set_roots([folder.as_posix()])
    ls.trusted = {folder.as_posix()} if trusted else set()
    ls.world.open(path, TEXT, 1, None, private=private)
    return ls, port, path


async def suggested(ls: Dovetail, path: str) -> str:
    """What is suggested at the end, or why nothing is."""
    end = len(TEXT)
    model: ModelInfo | None = ls.port.info
    said, _ = await ls.do(inline_completion(ls.snapshot(), Selection(path, Span(end, end)), model), path)
    return said.reason if isinstance(said, Quiet) else said.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("away", "trusted", "private", "reason"),
    [
        (False, False, False, ""),
        (False, False, True, ""),
        (True, True, False, ""),
        (True, False, False, "this folder is not trusted"),
        (True, True, True, "the project leaves this file out"),
    ],
    ids=["here", "here, left out", "away, trusted", "away, not trusted", "away, left out"],
)
async def test_what_goes_to_another_machine(
    tmp_path: Path, away: bool, trusted: bool, private: bool, reason: str
) -> None:
    ls, port, path = served(tmp_path, away=away, trusted=trusted, private=private)
    said = await suggested(ls, path)
    assert bool(port.asks) is not bool(reason)
    assert reason in said


@pytest.mark.asyncio
@pytest.mark.parametrize("away", [False, True])
async def test_what_follows_a_suggestion_is_made_ready_by_a_model_on_this_machine_alone(
    tmp_path: Path, away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dovetail.lsp.completion._IDLE", 0)
    ls, port, path = served(tmp_path, away=away, trusted=True)
    ask = ls.protocol.fm.features[t.TEXT_DOCUMENT_INLINE_COMPLETION]
    context = t.InlineCompletionContext(t.InlineCompletionTriggerKind.Invoked)
    shown = await ask(
        t.InlineCompletionParams(context, t.TextDocumentIdentifier(f"file://{path}"), t.Position(4, len("    return ")))
    )
    assert [item.insert_text for item in shown.items] == ["width * height"]
    asked = len(port.asks)
    for _ in range(50):
        await asyncio.sleep(0.002)
    assert (len(port.asks) > asked) is not away


@pytest.mark.asyncio
async def test_a_key_in_the_code_reaches_no_model(tmp_path: Path) -> None:
    ls, port, path = served(tmp_path, away=False)
    assert await suggested(ls, path) == "width * height"
    (ask,) = port.asks[:1]
    assert isinstance(ask.prompt, Fim)
    assert KEY not in ask.prompt.prefix
    assert "AKIAxxxx" in ask.prompt.prefix
    assert len(ask.prompt.prefix) == len(TEXT)


@pytest.mark.asyncio
async def test_only_the_newest_hover_keeps_a_model_busy(tmp_path: Path) -> None:
    from tests.units.lsp.test_resting import Slow

    text = "".join(f"def area{n}(width, height):\n    return width * height\n\n\n" for n in range(5))
    ls, path = Dovetail(), (tmp_path / "shop.py").as_posix()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    ls.port = port = Slow()
    ls.world.set_roots([tmp_path.as_posix()])
    ls.world.open(path, text, 1, None)
    hover = ls.protocol.fm.features[t.TEXT_DOCUMENT_HOVER]
    for n in range(5):
        await hover(t.HoverParams(t.TextDocumentIdentifier(f"file://{path}"), t.Position(4 * n, 5)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(port.given_up) == 4
    assert all(isinstance(ask.prompt, Fim | Chat) for ask in port.given_up)
    port.may.set()


THEIRS = "def discounted(price, share):\n    secret_factor = 7\n    return price * share * secret_factor\n"
OURS = "from prices import discounted\n\n\ndef total(price):\n    return discounted(price, 0.5)\n"


def two_folders(
    folder: Path, *, away: bool, trusted: tuple[str, ...], chat: bool = False
) -> tuple[Dovetail, Scripted, str]:
    """A server with a file open in `ours` that takes a name from one in `theirs`."""
    ls, path = Dovetail(), (folder / "ours" / "shop.py").as_posix()
    ls.protocol.client_capabilities = t.ClientCapabilities()
    info = Scripted().info
    assert info is not None
    info = replace(info, away=away, chat=chat, fim=None if chat else info.fim)
    ls.port = port = Scripted(["Takes a share off the price."] * 9, info=info)
    ls.world.set_roots([(folder / name).as_posix() for name in ("ours", "theirs")])
    ls.trusted = {(folder / name).as_posix() for name in trusted}
    ls.world.open((folder / "theirs" / "prices.py").as_posix(), THEIRS, 1, None)
    ls.world.open(path, OURS, 1, None)
    return ls, port, path


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("away", "trusted", "asked"),
    [(False, (), True), (True, ("ours", "theirs"), True), (True, ("ours",), False)],
    ids=["here", "away, both trusted", "away, theirs not trusted"],
)
async def test_a_definition_of_another_folder_is_explained_by_a_model_elsewhere_only_where_that_is_trusted(
    tmp_path: Path, away: bool, trusted: tuple[str, ...], asked: bool
) -> None:
    ls, port, path = two_folders(tmp_path, away=away, trusted=trusted)
    at = OURS.index("discounted(")
    request = Request(Selection(path, Span(at, at)))
    (row,) = explain.offer(ls.snapshot(), request)
    said, _ = await ls.do(explain.make(ls.snapshot(), request, row, ls.port.info), path)
    assert isinstance(said, Explained)
    assert "discounted" in said.markdown
    assert ("Takes a share off" in said.markdown) is asked
    assert any("secret_factor" in str(ask.prompt) for ask in port.asks) is asked


@pytest.mark.asyncio
@pytest.mark.parametrize("away", [False, True], ids=["here", "away"])
async def test_code_of_another_folder_stands_in_no_prompt_for_a_model_elsewhere(tmp_path: Path, away: bool) -> None:
    ls, port, path = two_folders(tmp_path, away=away, trusted=("ours",))
    end = OURS.index("    return")
    model = ls.port.info
    assert model is not None
    ledger = Ledger("action", model)
    (files, _), _ = await ls.do(surroundings(ls.snapshot(), Selection(path, Span(end, end)), 400, ledger, model), path)
    assert bool([text for _, text in files if "discounted" in text]) is not away
    assert bool([piece for piece in ledger.used if piece.path.endswith("prices.py")]) is not away
    assert not port.asks


@pytest.mark.asyncio
@pytest.mark.parametrize("away", [False, True], ids=["here", "away"])
async def test_what_a_finding_speaks_of_in_another_folder_is_told_to_the_person_alone(
    tmp_path: Path, away: bool
) -> None:
    ls, port, path = two_folders(tmp_path, away=away, trusted=("ours",), chat=True)
    at = OURS.index("discounted(")
    told = Diagnostic(Span(at, at + 10), "call-arg", "Too many arguments for 'discounted'", "checker")
    request = Request(Selection(path, Span(at, at)), (told,))
    (row,) = (one for one in explain.offer(ls.snapshot(), request) if dict(one.data).get("finding"))
    said, _ = await ls.do(explain.make(ls.snapshot(), request, row, port.info), path)
    assert isinstance(said, Explained)
    assert "discounted(price, share)" in said.markdown
    assert port.asks
    assert any("discounted(price, share)" in str(ask.prompt) for ask in port.asks) is not away


@pytest.mark.parametrize("away", [False, True], ids=["here", "away"])
def test_members_of_a_base_in_another_folder_are_no_choice_for_a_model_elsewhere(tmp_path: Path, away: bool) -> None:
    ls, _, path = two_folders(tmp_path, away=away, trusted=("ours",))
    ls.world.open((tmp_path / "theirs" / "base.py").as_posix(), "class Base:\n    def secret(self): ...\n", 1, None)
    text = "from base import Base\n\n\nclass Shop(Base):\n    def total(self):\n        return self."
    file = ls.world.open(path, text, 2, None)
    names = members(ls.snapshot(), file, Selection(path, Span(len(text), len(text))), away=away)
    assert names == (frozenset() if away else {"secret", "total"})


def test_a_folder_inside_another_is_its_own() -> None:
    world = World(["/ws", "/ws/sub/"])
    world.open("/ws/prices.py", THEIRS, 1, None, private=True)
    snapshot = world.snapshot()
    assert snapshot.root_of("/ws/sub/shop.py") == "/ws/sub"
    assert snapshot.root_of("/ws/prices.py") == "/ws"
    assert snapshot.root_of("/else/x.py") == ""
    assert snapshot.may_show("/ws/sub/a.py", "/ws/sub/shop.py", away=True)
    assert not snapshot.may_show("/ws/a.py", "/ws/sub/shop.py", away=True)
    assert snapshot.may_show("/ws/a.py", "/ws/sub/shop.py", away=False)
    assert not snapshot.may_show("/ws/prices.py", "/ws/a.py", away=False)
    assert snapshot.may_show("/ws/prices.py", "/ws/prices.py", away=True)


@pytest.mark.asyncio
async def test_the_line_about_a_project_goes_with_its_folder(tmp_path: Path) -> None:
    ls, port, path = two_folders(tmp_path, away=False, trusted=(), chat=True)
    (total,) = (one for one in ls.snapshot().graph.symbols(path) if one.name == "total")
    ls.world.describe("a shop, in Python")
    await ls.do(sentence(ls.snapshot(), total, port.info), path)
    assert "a shop" in str(port.asks[-1].prompt)
    ls.world.set_roots([])
    await ls.do(sentence(ls.snapshot(), total, port.info), path)
    assert "a shop" not in str(port.asks[-1].prompt)
