"""What a user may set, where from, and what a workspace may only narrow.

Dangerous settings (a model, an endpoint) come from the command line, the environment, the user's own
file, or the `user` part of the client's initialization options, and from nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Intelligence = Literal[
    "outline", "symbols", "definition", "references", "highlight", "calls", "types", "folding", "rename"
]
"""What is served of the graph beside what the model makes."""


Mechanism = Literal[
    "rules", "project", "cache", "model", "spare", "retry", "decompose", "locate", "doubt", "review", "attempts",
    "notes", "names", "calls", "lints", "types", "tests",
]  # fmt: skip
"""What the pipeline of actions can do without."""
MECHANISMS: tuple[Mechanism, ...] = get_args(Mechanism)

EVIDENCE = (
    "tagged", "mentioned", "modified", "path", "symbol", "heading", "imports", "content", "lexical", "subject",
    "passage", "meaning", "graph", "recent", "size", "vendored",
)  # fmt: skip
"""What speaks for a file: the fields of `context.scorer.Weights`."""
Points = Annotated[str, Field(pattern=rf"^({'|'.join(EVIDENCE)})=-?\d+(\.\d+)?$")]
"""A kind of evidence and what it is worth."""


class Completion(_Strict):
    """Ghost text while typing."""

    enabled: bool = Field(default=True, description="Suggest while you type.")
    debounce_ms: int = Field(
        default=250, ge=0, le=2000, description="Longest pause in typing to wait for before the model is asked."
    )
    prompt_tokens: int = Field(default=448, ge=64, le=8192, description="Most tokens of prompt for one suggestion.")
    patience_ms: int = Field(default=2000, ge=50, le=30000, description="Longest wait for one suggestion.")
    confidence: float = Field(
        default=-1.0, le=0, description="Mean log-probability per token below which nothing is shown."
    )
    chance: float = Field(
        default=0.35, ge=0, le=1, description="Chance of being what you would write, below which no line is shown."
    )
    off_in: tuple[str, ...] = Field(default=(), description="Languages without suggestions, by LSP language id.")
    in_strings: bool = Field(default=True, description="Suggest inside of strings.")
    in_comments: bool = Field(default=True, description="Suggest inside of comments.")
    ahead: bool = Field(
        default=True,
        description="Make ready what is likely to be asked for next, while nobody asks for anything; "
        "a model on another machine is left in peace.",
    )
    in_list: bool = Field(
        default=False, description="Suggest in the list of completions too, for editors without ghost text."
    )


class HoverSettings(_Strict):
    """What a name means."""

    enabled: bool = Field(default=True, description="Answer hovers.")
    patience_ms: int = Field(default=150, ge=0, le=5000, description="Longest wait for the model's sentence.")


class Actions(_Strict):
    """Verified edits."""

    enabled: bool = Field(default=True, description="Offer code actions.")
    patience_ms: int = Field(default=30000, ge=500, le=600000, description="Longest time for one action.")
    thinking_tokens: int = Field(
        default=2000,
        ge=0,
        le=32000,
        description="Tokens that a model which thinks before it answers may think for an action, in a third of that "
        "time; 0: not at all. What it thinks is not shown.",
    )
    off: tuple[Mechanism, ...] = Field(
        default=(),
        description="Mechanisms to do without. What proposes: `rules`, `project` (its own words and bodies), `cache` "
        "of what held before, `model`, `spare` (the second model), `retry` of a model, `decompose` (less of the text "
        "after the same failure twice). What chooses: `locate` and `doubt` (of a failing test), `review`. What is "
        "remembered: `attempts`, `notes`. Gates, which are then told as not asked: `names`, `calls`, `lints`, "
        "`types`, `tests`.",
    )


class Index(_Strict):
    """The scan of the workspace."""

    exclude: tuple[str, ...] = Field(default=(), description="Further patterns to leave out, as in .gitignore.")
    cache: bool = Field(
        default=True, description="Keep what was read, by the model too, for the next start, in your cache folder."
    )
    most_files: int = Field(default=20000, ge=0, description="Files after which the scan stops, and says so.")


class Memory(_Strict):
    """What was learnt in a project."""

    enabled: bool = Field(default=True, description="Remember, in your own data folder, what held.")


class Settings(_Strict):
    """Everything that can be set."""

    model: str | None = Field(
        default=None, description="A GGUF file or a name from `dovetail model list`; the bundled model where empty."
    )
    typing_model: str | None = Field(
        default=None,
        description="Another model for typing alone, a file or a name as above, `bundled` too; the same where empty.",
    )
    second_model: str | None = Field(
        default=None,
        description="A model for an action that the first one was asked for in vain, five times a session: a file, a "
        "name, or an address; `endpoint_kind`, `endpoint_model` and `endpoint_key` are for it where there is no "
        "`endpoint`.",
    )
    embedding_model: str | None = Field(
        default=None,
        description="A model of embeddings, a file or a name as above: what a question means then speaks for files too "
        "(`dovetail why`, `dovetail.showEvidence`); off where empty.",
    )
    endpoint: str | None = Field(default=None, description="Address of a model server instead of a local file.")
    endpoint_kind: Literal["openai", "llama-server", "ollama"] = Field(
        default="openai", description="What it speaks: `openai`, `llama-server` or `ollama`."
    )
    endpoint_model: str | None = Field(default=None, description="The model to ask for at the endpoint.")
    endpoint_key: str | None = Field(default=None, description="Key for the endpoint.")
    endpoint_remote: bool = Field(default=False, description="Allow an endpoint that is not on this machine.")
    threads: int | None = Field(default=None, ge=1, le=256, description="Threads of the model; measured where empty.")
    context: int | None = Field(
        default=None, ge=256, le=1 << 20, description="Tokens of context of a model file; measured where empty."
    )
    python: str | None = Field(
        default=None, description="The interpreter that runs a project's tests, absolute; `python3` where empty."
    )
    type_checker: str | None = Field(
        default=None,
        description="`pyright`, `basedpyright`, `mypy`, `ty`, `tsc`, `gcc` or `clang`, absolute, with commas "
        "between several: edits in a project you trust are held against the one for the language too, which takes "
        "seconds; none where empty.",
    )
    intelligence: bool = Field(default=True, description="Serve symbols, definitions, references and renames as well.")
    intelligence_off: tuple[Intelligence, ...] = Field(
        default=(),
        description="Those of them that you leave to another server: `outline`, `symbols` of the workspace, "
        "`definition`, `references`, `highlight`, `calls` and `types` (hierarchies), `folding`, `rename`.",
    )
    evidence: tuple[Points, ...] = Field(
        default=(),
        description="Points of kinds of evidence for a file, where yours differ, as `path=12`; `=0` leaves a kind out. "
        "`dovetail why` shows what each gives.",
    )
    completion: Completion = Completion()
    hover: HoverSettings = HoverSettings()
    actions: Actions = Actions()
    index: Index = Index()
    memory: Memory = Memory()


DANGEROUS = frozenset(
    {
        "model",
        "typing_model",
        "second_model",
        "embedding_model",
        "endpoint",
        "endpoint_kind",
        "endpoint_model",
        "endpoint_key",
        "endpoint_remote",
        "threads",
        "context",
        "python",
        "type_checker",
        "evidence",
        "off",
    }
)
"""Never read from a workspace."""
_HIGHER_IS_LESS = frozenset({"confidence", "chance"})
"""Limits that a workspace narrows by raising them."""
_NO_PATHS = ("ollama:", "hf:", "lmstudio:", "llama.cpp:", "http://", "https://")
"""Names, as `model list` shows them, and addresses."""


def user_file() -> Path:
    """The user's own configuration."""
    return Path(os.environ.get("DOVETAIL_CONFIG") or platformdirs.user_config_path("dovetail") / "config.toml")


def load(given: Mapping[str, Any] | None = None, roots: Sequence[str] = ()) -> tuple[Settings, list[str]]:
    """The settings, and what was wrong with them in plain sentences.

    given: from the command line or the client's `user` options; it wins over the environment, which
    wins over the file. What cannot be used is left out, never fatal.
    """
    complaints: list[str] = []
    layers: list[tuple[str, Mapping[str, Any]]] = []
    file = user_file()
    if file.exists():
        if refusal := _refuse_file(file, roots):
            complaints.append(f"{file} is ignored: {refusal}")
        else:
            try:
                layers.append((str(file), tomllib.loads(file.read_text("utf-8"))))
            except (OSError, ValueError) as error:
                complaints.append(f"{file} is ignored: {error}")
    environment: dict[str, Any] = {
        key: value
        for key in ("model", "endpoint", "endpoint_kind", "endpoint_model", "endpoint_key", "threads")
        if (value := os.environ.get(f"DOVETAIL_{key.upper()}"))
    }
    if off := os.environ.get("DOVETAIL_ACTIONS_OFF"):
        environment["actions"] = {"off": [one.strip() for one in off.split(",") if one.strip()]}
    layers += [("the environment", environment), ("the options given", given or {})]
    merged: dict[str, Any] = {}
    for where, told in layers:
        layer = {key: value for key, value in told.items() if not _depends(key, value)}
        complaints += [
            f"{where}: {key}: write the whole path; {told[key]} would be looked for in whichever folder is opened"
            for key in told.keys() - layer.keys()
        ]
        attempt = _merged(merged, layer)
        try:
            Settings.model_validate(attempt)
        except ValidationError as error:
            complaints += [f"{where}: {_path(e['loc'])}: {e['msg']}" for e in error.errors()]
            attempt = _merged(merged, _without(layer, [tuple(e["loc"]) for e in error.errors()]))
        try:
            Settings.model_validate(attempt)
            merged = attempt
        except ValidationError:
            complaints.append(f"{where}: nothing of it could be used")
    return Settings.model_validate(merged), complaints


class NotWritten(Exception):
    """The user's file was left as it is; the argument says why."""


def write_own(key: str, value: str | None) -> Path:
    """Set one top-level setting in the user's own file, or take it out; all else in it stays to the letter.

    Raises `NotWritten`. The old file is there until the new one is complete.
    """
    import tomlkit  # only a command needs it

    file = user_file()
    try:
        real = file.resolve()  # a link stays a link
        text = real.read_bytes().decode() if real.exists() else ""
        if text and (refusal := _refuse_file(real, ())):
            raise NotWritten(f"{file} was not changed: {refusal}.")
        document = tomlkit.parse(text)
        if value is not None and key not in document:
            # tomlkit would put it below the comment of the first table
            head = re.match(r"(?:#[^\n]*\n)+(?=\r?\n)", text)
            at = head.end() if head else 0
            written = f"{text[:at]}{key} = {json.dumps(value, ensure_ascii=False)}\n{text[at:]}"
        else:
            if value is not None:
                document[key] = value
            elif key in document:
                del document[key]
            written = document.as_string()
        if tomllib.loads(written).get(key) != value:
            raise NotWritten(f"{file} was not changed: write `{key} = {json.dumps(value)}` above its first table.")
        real.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(real.stat().st_mode) if text else 0o600
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as new:
                new.write(written)
            Path(name).chmod(mode)
            Path(name).replace(real)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except ValueError as error:  # no TOML, no UTF-8
        raise NotWritten(f"{file} was not changed, because it cannot be read: {error}") from None
    except OSError as error:
        raise NotWritten(f"{file} was not changed: {error.strerror}.") from None
    return file


def narrowed(settings: Settings, asked: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """The settings after a workspace had its say: switch off, exclude, lower a limit; nothing else."""
    complaints: list[str] = []
    now = settings.model_dump()

    def visit(wanted: Mapping[str, Any], have: dict[str, Any], path: tuple[str, ...]) -> None:
        for key, value in wanted.items():
            here = (*path, key)
            if value is None or value == "":
                continue
            if key not in have or key in DANGEROUS:
                complaints.append(f"the workspace may not set {'.'.join(here)}; set it in {user_file()}")
            elif isinstance(have[key], dict):
                if isinstance(value, Mapping):
                    visit(value, have[key], here)  # pyright: ignore[reportUnknownArgumentType]
            elif isinstance(have[key], bool):
                have[key] = have[key] and value is not False
            elif isinstance(have[key], tuple):
                if isinstance(value, list):
                    # "!…" would take back what the user left out
                    more = (str(v) for v in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                    have[key] = (*have[key], *(pattern for pattern in more if not pattern.lstrip().startswith("!")))
            elif isinstance(value, int | float) and not isinstance(value, bool):
                have[key] = max(value, have[key]) if key in _HIGHER_IS_LESS else min(value, have[key])

    visit(asked, now, ())
    try:
        return Settings.model_validate(now), complaints
    except ValidationError as error:  # what cannot be used stays as it was, and the rest narrows
        complaints += [f"workspace: {_path(e['loc'])}: {e['msg']}" for e in error.errors()]
        before = settings.model_dump()
        for place in (e["loc"] for e in error.errors()):
            _restore(now, before, place)
        return Settings.model_validate(now), complaints


def _depends(key: str, value: Any) -> bool:
    """Whether a path means another file in each folder: a stranger's folder would choose it."""
    is_model = key in ("model", "typing_model", "second_model", "embedding_model")
    if not (is_model or key in ("python", "type_checker")) or not isinstance(value, str):
        return False
    if key == "type_checker" and "," in value:
        return any(_depends(key, each.strip()) for each in value.split(","))
    if value.startswith("~") or (is_model and value.startswith(_NO_PATHS)):
        return False
    is_path = any(mark in value for mark in "/\\") or (is_model and value.endswith(".gguf"))
    return is_path and not os.path.isabs(value)


def _refuse_file(file: Path, roots: Sequence[str]) -> str:
    """Why a configuration file is not the user's own; "" where it is."""
    real = file.resolve()
    if any(real.is_relative_to(Path(root).resolve()) for root in roots):
        return "it lies inside an opened folder"
    if os.name == "posix":
        told = real.stat()
        if told.st_uid != os.getuid():
            return "it belongs to another user"
        if told.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return "others may write to it (chmod go-w)"
    return ""


def _merged(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(one)
    for key, value in two.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value  # pyright: ignore[reportUnknownArgumentType]
    return result


def _without(layer: Mapping[str, Any], places: list[tuple[Any, ...]]) -> dict[str, Any]:
    result = dict(layer)
    for place in places:
        if len(place) > 1 and isinstance(result.get(str(place[0])), Mapping):
            result[str(place[0])] = _without(result[str(place[0])], [place[1:]])
        elif place:  # what lies deeper, in a list, goes with it
            result.pop(str(place[0]), None)
    return result


def _restore(now: dict[str, Any], before: Mapping[str, Any], place: tuple[Any, ...]) -> None:
    """Set what lies at a place, or holds it, to what it was before."""
    key, *below = place
    if below and isinstance(now[key], dict):
        _restore(now[key], before[key], tuple(below))
    else:
        now[key] = before[key]


def _path(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc) or "settings"


def table() -> str:
    """Every setting as a Markdown table: name, default, meaning, who may set it."""
    rows: list[str] = []

    def visit(model: type[BaseModel], prefix: str) -> None:
        for name, field in model.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                visit(kind, f"{prefix}{name}.")
                continue
            default = "" if field.default is None else json.dumps(field.default)
            who = "you alone" if name in DANGEROUS else "a workspace may narrow it"
            rows.append(f"| `{prefix}{name}` | {f'`{default}`' if default else 'none'} | {field.description} | {who} |")

    visit(Settings, "")
    return "\n".join(["| setting | default | meaning | who sets it |", "|---|---|---|---|", *rows])
