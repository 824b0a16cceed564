"""From the user's settings to a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dovetail.model.ask import Port, Status
from dovetail.model.catalog import open_port
from dovetail.model.desk import LlamaPort
from dovetail.settings import Settings


async def open_model(settings: Settings, tell: Callable[[Status], None] = lambda status: None) -> Port:
    """The model that the settings name, loaded or given up; its `status` says which."""
    endpoint = None
    if settings.endpoint:
        from dovetail.model.endpoint import Endpoint  # an HTTP client takes long to import

        endpoint = Endpoint(
            settings.endpoint,
            settings.endpoint_model or "",
            settings.endpoint_key or "",
            settings.endpoint_remote,
            kind=settings.endpoint_kind,
        )
    port = await open_port(
        settings.model, endpoint=endpoint, context=settings.context or 0, threads=settings.threads or 0, tell=tell
    )
    try:
        if isinstance(port, LlamaPort):
            await port.settle()
    except asyncio.CancelledError:
        await port.close()
        raise
    return port
