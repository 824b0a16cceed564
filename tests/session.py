"""The real server in a process of its own, with the real bundled model, spoken to by a real client."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

AGAIN = """def one(log, name):
    if not name:
        raise LookupError("nobody of that name")
    return log


def two(log, name):
    if not name:
        raise LookupError("nobody of that name")
    return name


def three(log, name):
    if not name:
        raise\x20
"""
"""Two functions, and a third that begins as they do: the project itself says how its last line goes on."""
SHOP = '''"""A small shop."""

from prices import price_of


class Basket:
    """What somebody wants to buy."""

    def __init__(self) -> None:
        self.items: list[str] = []

    def add(self, name: str, count: int = 1) -> None:
        """Put something in.

        count: how many, must be positive.
        """
        self.items.extend([name] * count)

    def total(self) -> float:
        return sum(price_of(name) for name in self.items)
'''
PRICES = '''"""What things cost."""

PRICES = {"apple": 0.5, "pear": 0.75}


def price_of(name: str) -> float:
    """The price of one."""
    return PRICES[name]
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP, "utf-8")
    (tmp_path / "prices.py").write_text(PRICES, "utf-8")
    (tmp_path / ".env").write_text("TOKEN=hunter2\n", "utf-8")
    return tmp_path


def introduction(root: Path, **options: Any) -> t.InitializeParams:
    capabilities = client_capabilities("visual-studio-code")
    assert capabilities.text_document is not None
    capabilities.text_document.inline_completion = t.InlineCompletionClientCapabilities()
    return t.InitializeParams(
        capabilities=capabilities,
        workspace_folders=[t.WorkspaceFolder(uri=root.as_uri(), name=root.name)],
        root_uri=root.as_uri(),
        initialization_options={"documents": "client", **options},
    )


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-I", "-m", "dovetail"]))
async def client(lsp_client: LanguageClient, project: Path) -> AsyncGenerator[None]:
    await lsp_client.initialize_session(introduction(project, settings={"completion": {"debounce_ms": 0}}))
    await settled(lsp_client)
    yield
    await lsp_client.shutdown_session()


async def command(client: LanguageClient, name: str, *arguments: Any) -> Any:
    return plain(
        await client.workspace_execute_command_async(t.ExecuteCommandParams(command=name, arguments=list(arguments)))
    )


def plain(value: Any) -> Any:
    """pygls hands free-form objects over as named tuples."""
    if hasattr(value, "_asdict"):
        return {key: plain(one) for key, one in value._asdict().items()}
    return value


async def until(what: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    """Ask again until the answer is true."""
    async with asyncio.timeout(seconds):
        while not (answer := await what()):  # noqa: ASYNC110  there is no event to wait for
            await asyncio.sleep(0.05)
    return answer


async def settled(client: LanguageClient) -> dict[str, Any]:
    """Wait until the project is read and the model is there or given up."""

    async def done() -> Any:
        status = await command(client, "dovetail.status")
        return status if status["state"] != "loading" and not status["scanning"] else None

    return await until(done)


def opened(
    client: LanguageClient, path: Path, text: str | None = None, version: int = 1, language: str = "python"
) -> str:
    uri = path.as_uri()
    text = path.read_text("utf-8") if text is None else text
    item = t.TextDocumentItem(uri=uri, language_id=language, version=version, text=text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(text_document=item))
    return uri


def typed(
    client: LanguageClient, uri: str, version: int, line: int, character: int, text: str, delete: int = 0
) -> None:
    start, end = t.Position(line, character), t.Position(line, character + delete)
    change = t.TextDocumentContentChangePartial(range=t.Range(start, end), text=text)
    client.text_document_did_change(
        t.DidChangeTextDocumentParams(
            text_document=t.VersionedTextDocumentIdentifier(uri=uri, version=version), content_changes=[change]
        )
    )


async def names(client: LanguageClient, uri: str) -> list[str]:
    """The outline of a file, flat."""
    found = await client.text_document_document_symbol_async(t.DocumentSymbolParams(t.TextDocumentIdentifier(uri)))

    def flat(symbols: Any) -> list[str]:
        return [name for s in symbols or () for name in (s.name, *flat(s.children))]

    return flat(found)


async def completion(
    client: LanguageClient, uri: str, line: int, character: int, *, asked_for: bool = True
) -> t.InlineCompletionList | None:
    """asked_for: by the user, not by the editor."""
    kind = t.InlineCompletionTriggerKind
    result = await client.text_document_inline_completion_async(
        t.InlineCompletionParams(
            text_document=t.TextDocumentIdentifier(uri),
            position=t.Position(line, character),
            context=t.InlineCompletionContext(kind.Invoked if asked_for else kind.Automatic),
        )
    )
    assert result is None or isinstance(result, t.InlineCompletionList)
    return result


async def menu(client: LanguageClient, uri: str, line: int, character: int) -> list[t.CodeAction]:
    at = t.Position(line, character)
    rows = await client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(uri), t.Range(at, at), t.CodeActionContext(diagnostics=[]))
    )
    return [row for row in rows or () if isinstance(row, t.CodeAction)]
