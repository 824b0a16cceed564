"""Which model: the one that the user names, else the bundled one."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dovetail.model.ask import Port, Status
from dovetail.model.desk import LlamaPort, NoModel

if TYPE_CHECKING:
    from dovetail.model.endpoint import Endpoint


def bundled() -> Path:
    """The model that travels with the package. It may be missing: then loading says so."""
    folder = Path(__file__).parent / "bundled"
    return next(iter(sorted(folder.glob("*.gguf"))), folder / "dovetail-small-q8_0.gguf")


def choose(named: str | None) -> Path:
    """The file that the user means: a path to a GGUF, `~` allowed; without one the bundled model."""
    if not named:
        return bundled()
    try:
        return Path(named).expanduser()
    except RuntimeError:  # no such user, no home
        return Path(named)


async def open_port(
    named: str | None = None,
    *,
    endpoint: Endpoint | None = None,
    context: int = 0,
    threads: int = 0,
    tell: Callable[[Status], None] = lambda status: None,
) -> Port:
    """A port to the endpoint, if there is one, else to the named or bundled file, which begins to load.

    Never fails: what is wrong is the port's `status`. All arguments come from the user's own settings,
    none from a workspace. `context` (tokens) and `threads`: 0 for what suits the model and the machine.
    """
    if endpoint is not None:
        from dovetail.model.endpoint import EndpointPort  # an HTTP client takes long to import

        port: Port = EndpointPort(endpoint)
    elif importlib.util.find_spec("llama_cpp") is None:
        port = NoModel("llama-cpp-python is not installed: run `make`, or name an endpoint.")
    else:
        local = LlamaPort(choose(named), context=context, threads=threads, tell=tell)
        await local.start()
        return local
    tell(port.status)
    return port
