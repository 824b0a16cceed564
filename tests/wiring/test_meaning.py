"""A question is compared by what it means where the user named a model for it, and a workspace names none."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest_lsp
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.session import command, introduction, opened, settled

_SERVER = ClientServerConfig(server_command=[sys.executable, "-I", "-m", "dovetail"])


@pytest_lsp.fixture(config=_SERVER)
async def searching(lsp_client: LanguageClient, project: Path) -> AsyncGenerator[None]:
    await lsp_client.initialize_session(introduction(project, user={"embedding_model": "bundled"}))
    await settled(lsp_client)
    yield
    await lsp_client.shutdown_session()


@pytest_lsp.fixture(config=_SERVER)
async def strange(lsp_client: LanguageClient, project: Path) -> AsyncGenerator[None]:
    await lsp_client.initialize_session(introduction(project, settings={"embedding_model": "bundled"}))
    await settled(lsp_client)
    yield
    await lsp_client.shutdown_session()


async def _weighed(client: LanguageClient, project: Path) -> str:
    where: dict[str, Any] = {
        "textDocument": {"uri": opened(client, project / "shop.py")},
        "position": {"line": 0, "character": 0},
        "question": "what is the price of one?",
    }
    return (await command(client, "dovetail.showEvidence", where))["markdown"]


async def test_what_files_mean_is_among_the_reasons(searching: LanguageClient, project: Path) -> None:
    for number in range(3):
        (project / f"more{number}.py").write_text(f'def price_{number}(one):\n    """Of {number}."""\n', "utf-8")
        opened(searching, project / f"more{number}.py")
    told = await _weighed(searching, project)
    assert "means what the question says: 0." in told


async def test_a_workspace_names_no_model_for_it(strange: LanguageClient, project: Path) -> None:
    assert "mean" not in await _weighed(strange, project)
    assert any("the workspace may not set embedding_model" in said.message for said in strange.log_messages)
