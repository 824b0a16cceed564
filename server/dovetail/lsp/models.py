"""From the user's settings to a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dovetail.lsp.cache import Cache, cache_folder
from dovetail.model.ask import Port, Status, Thought
from dovetail.model.catalog import open_port
from dovetail.model.desk import LlamaPort
from dovetail.model.meaning import Meaning
from dovetail.model.two import TwoPorts, WithSpare
from dovetail.settings import Settings


async def open_model(settings: Settings, tell: Callable[[Status], None] = lambda status: None) -> Port:
    """The model that the settings name, loaded or given up; its `status` says which. Two, where they name two."""
    port = await _first(settings, tell)
    if not (named := settings.second_model):
        return port
    other: dict[str, str | None] = {"model": named, "endpoint": None}
    if named.startswith(("http://", "https://")):
        other = {"endpoint": named}
        if settings.endpoint:  # its key is for that one alone
            other |= {"endpoint_key": None, "endpoint_model": None, "endpoint_kind": "openai"}
    return WithSpare(port, lambda: _one(settings.model_copy(update=other)))


_VECTORS = 64 << 20
"""Bytes of what an embedding model said that are kept: some 80,000 texts of a small one."""


def open_meaning(settings: Settings) -> Meaning | None:
    """What compares texts by what they mean, where the settings name a model for it. Nothing is loaded yet."""
    if not settings.embedding_model:
        return None
    folder = cache_folder().with_name("meaning")
    return Meaning(
        settings.embedding_model,
        threads=settings.threads or 0,
        store=(lambda schema: Cache(folder, schema, _VECTORS)) if settings.index.cache else None,
    )


async def _first(settings: Settings, tell: Callable[[Status], None]) -> Port:
    if settings.typing_model is None:
        return await _one(settings, tell)
    small = {"model": settings.typing_model, "endpoint": None, "context": None}
    quick = asyncio.ensure_future(_one(settings.model_copy(update=small)))
    try:
        other = await _one(settings, tell)
    except asyncio.CancelledError:
        quick.cancel()
        raise
    try:
        return TwoPorts(await quick, other)
    except asyncio.CancelledError:
        await other.close()
        raise


async def _one(settings: Settings, tell: Callable[[Status], None] = lambda status: None) -> Port:
    endpoint = None
    thought = Thought(settings.actions.thinking_tokens, settings.actions.patience_ms / 3000)
    if settings.endpoint:
        from dovetail.model.endpoint import Endpoint  # an HTTP client takes long to import

        endpoint = Endpoint(
            settings.endpoint,
            settings.endpoint_model or "",
            settings.endpoint_key or "",
            settings.endpoint_remote,
            kind=settings.endpoint_kind,
            thought=thought,
        )
    port = await open_port(
        settings.model,
        endpoint=endpoint,
        context=settings.context or 0,
        threads=settings.threads or 0,
        keep=settings.index.cache,
        thought=thought,
        tell=tell,
    )
    try:
        if isinstance(port, LlamaPort):
            await port.settle()
    except asyncio.CancelledError:
        await port.close()
        raise
    return port
