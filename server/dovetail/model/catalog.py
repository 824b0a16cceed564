"""Which model: the one that the user names, else the bundled one; and which are worth having."""

from __future__ import annotations

import importlib.util
import os
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from pydantic import BaseModel, ConfigDict

from dovetail.model import found
from dovetail.model.ask import NO_THOUGHT, Port, Status, Thought
from dovetail.model.desk import LlamaPort, NoModel

if TYPE_CHECKING:
    from dovetail.model.endpoint import Endpoint

BUNDLED = "bundled"
"""The name of the model that travels with the package."""
_PREFIXES = ("ollama:", "hf:", "lmstudio:", "llama.cpp:")


class Known(BaseModel):
    """One row of `catalog.toml`, which says what each field means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    repo: str
    file: str
    gb: float
    memory: float
    licence: str
    fim: bool
    chat: bool
    good_for: str


@cache
def known() -> tuple[Known, ...]:
    """The curated models, smallest first."""
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["model"]
    return tuple(Known.model_validate(row) for row in rows)


def bundled() -> Path:
    """The model that travels with the package. It may be missing: then loading says so."""
    folder = Path(__file__).parent / "bundled"
    return next(iter(sorted(folder.glob("*.gguf"))), folder / "dovetail-small-q8_0.gguf")


def is_name(named: str) -> bool:
    """A name that `dovetail model list` shows, or would; anything else is a path.

    A name is never looked up in the current folder, which may be a stranger's.
    """
    if named == BUNDLED or row_of(named) is not None or named.startswith(_PREFIXES):
        return True
    return not named.endswith(".gguf") and not any(mark in named for mark in ("/", "\\", "~", "\0"))


def choose(named: str | None) -> Path:
    """The file that the user means: a path to a GGUF (`~` allowed) or a name that `dovetail model list` shows.

    Without one, the bundled model. A name that is not on this machine gives a path at which nothing is.
    """
    if not named or named == BUNDLED:
        return bundled()
    if is_name(named):
        return on_machine(named) or found.own_folder() / f"{named.replace(':', '/')}.gguf"
    try:
        return Path(named).expanduser()
    except RuntimeError:  # no such user, no home
        return Path(named)


def on_machine(name: str, here: Sequence[found.Found] | None = None) -> Path | None:
    """The file of a model by its name: one that was found, or a row of the catalogue that somebody has downloaded.

    here: what was found, where that is known: finding walks through folders.
    """
    one, row = found.named(name, here), row_of(name)
    if one is None and row is not None:
        one = found.with_file(row.file, here)
    return one.path if one else None


def row_of(name: str) -> Known | None:
    """The catalogue's row of this name."""
    return next((row for row in known() if row.name == name.casefold()), None)


def missing(named: str) -> str:
    """Why a model that is named is not there, with the remedy; empty where it is, and for a path."""
    if not is_name(named) or named == BUNDLED or on_machine(named):
        return ""
    if row := row_of(named):
        return f"The model {row.name} is not on this machine: run `dovetail model pull {row.name}` ({row.gb:g} GB)."
    return f"There is no model {named} on this machine: `dovetail model list` shows those that there are."


async def open_port(
    named: str | None = None,
    *,
    endpoint: Endpoint | None = None,
    context: int = 0,
    threads: int = 0,
    keep: bool = False,
    thought: Thought = NO_THOUGHT,
    tell: Callable[[Status], None] = lambda status: None,
) -> Port:
    """A port to the endpoint, if there is one, else to the named or bundled file, which begins to load.

    Never fails: what is wrong is the port's `status`. All arguments come from the user's own settings,
    none from a workspace. `context` (tokens) and `threads`: 0 for what suits the model and the machine. keep: what the
    model has read stays in the user's cache folder for the next start.
    """
    if endpoint is not None:
        from dovetail.model.endpoint import EndpointPort  # an HTTP client takes long to import

        port: Port = EndpointPort(endpoint)
    elif named and (reason := missing(named)):
        port = NoModel(reason, failed=True)
    elif importlib.util.find_spec("llama_cpp") is None:
        if importlib.util.find_spec("xllamacpp") is None:
            port = NoModel("Neither llama-cpp-python nor xllamacpp is installed: run `make`, or name an endpoint.")
        else:
            from dovetail.model.wheel import WheelPort

            port = WheelPort(choose(named), context=context, threads=threads, thought=thought, tell=tell)
            await port.settle()
    else:
        cache = platformdirs.user_cache_path("dovetail")
        kept = Path(os.environ.get("DOVETAIL_CACHE") or cache) / "read" if keep else None
        measured = cache / "fit.json"
        local = LlamaPort(
            choose(named),
            context=context,
            threads=threads,
            tell=tell,
            measured=measured,
            kept=kept,
            thought=thought,
        )
        await local.start()
        return local
    tell(port.status)
    return port
