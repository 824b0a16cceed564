"""Models that are already on this machine, whoever downloaded them: nobody should fetch a gigabyte twice.

Each has a name that stays true when versions come and go, so that it can stand in the settings:

    qwen2.5-coder-1.5b           pulled by `dovetail model pull`
    ollama:qwen2.5-coder:1.5b    Ollama's, by the name that `ollama list` shows
    hf:OWNER/REPO/FILE.gguf      in the cache of the Hugging Face hub
    lmstudio:OWNER/REPO/FILE     in LM Studio's folder
    llama.cpp:FILE               in llama.cpp's own cache

Only names and sizes are read here. The places are the user's own: none is chosen by a workspace.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ValidationError

_PART = re.compile(r"-(\d{5})-of-\d{5}$")
_PROJECTOR = re.compile(r"mmproj", re.IGNORECASE)
"""The eyes of a model, in a file beside it: no language model."""
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_MANIFEST = 1 << 20
"""Bytes of the longest manifest that is read; they have about one kilobyte."""


@dataclass(frozen=True, slots=True)
class Found:
    """One model file; of a split model the first."""

    name: str
    path: Path
    size: int
    """Bytes, all parts together."""
    where: str
    """Whose folder it lies in, for a person."""


def own_folder() -> Path:
    """Where `pull` puts models."""
    return platformdirs.user_data_path("dovetail") / "models"


def found() -> list[Found]:
    """All of them, ours first; by place, then name."""
    return list(_all())


def named(name: str, here: Iterable[Found] | None = None) -> Found | None:
    """The model of this name. A tag `latest` may be left out, and case does not matter. here: `found()`, if known."""
    wanted = name.casefold().removesuffix(":latest")
    among = _all() if here is None else here
    return next((one for one in among if one.name.casefold().removesuffix(":latest") == wanted), None)


def with_file(file: str, here: Iterable[Found] | None = None) -> Found | None:
    """A model whose file has this name, wherever it lies; llama.cpp writes the repository in front."""
    wanted = file.casefold()
    for one in _all() if here is None else here:
        name = one.path.name.casefold()
        if name == wanted or (one.name.startswith("llama.cpp:") and name.endswith(f"_{wanted}")):
            return one
    return None


def _all() -> Generator[Found]:
    for where, prefix, folder in (
        ("Dovetail", "", own_folder()),
        ("Hugging Face", "hf:", _hugging_face()),
        ("Ollama", "ollama:", None),
        *(("LM Studio", "lmstudio:", folder) for folder in _lm_studio()),
        ("llama.cpp", "llama.cpp:", _llama_cpp()),
    ):
        if folder is None:
            yield from _ollama()
        else:
            for path, size in _files(folder):
                if name := _name(folder, path, prefix):
                    yield Found(prefix + name, path, size, where)


def _name(folder: Path, path: Path, prefix: str) -> str:
    """ "" for a file that is none of the hub's in its cache."""
    inside = path.relative_to(folder)
    if prefix == "hf:":  # models--OWNER--REPO/snapshots/COMMIT/FILE
        if len(inside.parts) < 4 or not inside.parts[0].startswith("models--"):
            return ""
        repo, _, _, *rest = inside.parts
        return "/".join((*repo.split("--")[1:], *rest))
    return inside.as_posix() if prefix else _PART.sub("", inside.with_suffix("").as_posix())


def _files(folder: Path) -> Generator[tuple[Path, int]]:
    """The models below a folder, each once; in the hub's cache the newest snapshot of each."""
    seen: set[str] = set()
    for path in sorted(_gguf(folder), key=_age):
        if _PROJECTOR.search(path.name):
            continue
        part = _PART.search(path.stem)
        if part and part[1] != "00001":
            continue
        inside = path.relative_to(folder).parts
        if inside[0].startswith("models--"):
            if len(inside) < 4 or inside[1] != "snapshots":
                continue
            inside = (inside[0], *inside[3:])
        key = "/".join(inside)
        with contextlib.suppress(OSError):  # a link into nothing
            parts = [path] if not part else list(path.parent.glob(f"{_PART.sub('', path.stem)}-*-of-*.gguf"))
            size = sum(one.stat().st_size for one in parts)
            if key not in seen:
                seen.add(key)
                yield path, size


def _gguf(folder: Path) -> Iterable[Path]:
    """At most five folders deep; nobody nests deeper, and a link may lead in circles."""
    depth = len(folder.parts)
    for here, folders, files in os.walk(folder):
        place = Path(here)
        if len(place.parts) - depth >= 5:
            folders.clear()
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (place / name for name in files if name.endswith(".gguf"))


def _age(path: Path) -> tuple[str, float]:
    """By name, the newest snapshot first."""
    try:
        changed = path.lstat().st_mtime
    except OSError:
        changed = 0.0
    return path.name, -changed


# --- where others keep theirs ---------------------------------------------------------------------


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # no such user
        return Path("/nonexistent")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache")


def _hugging_face() -> Path:
    home = os.environ.get("HF_HOME")
    return Path(os.environ.get("HF_HUB_CACHE") or (Path(home) if home else _cache() / "huggingface") / "hub")


def _lm_studio() -> list[Path]:
    home = _home()
    return [home / ".lmstudio" / "models", home / ".cache" / "lm-studio" / "models"]


def _llama_cpp() -> Path:
    if told := os.environ.get("LLAMA_CACHE"):
        return Path(told)
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches" / "llama.cpp"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _home()) / "llama.cpp"
    return _cache() / "llama.cpp"


class _Layer(BaseModel):
    mediaType: str = ""
    digest: str = ""
    size: int = 0


class _Manifest(BaseModel):
    layers: list[_Layer] = []


def _ollama() -> Generator[Found]:
    """Ollama keeps files by their hash; a manifest a name tells which."""
    told = os.environ.get("OLLAMA_MODELS")
    places = [Path(told)] if told else [_home() / ".ollama" / "models", Path("/usr/share/ollama/.ollama/models")]
    for place in places:
        manifests = place / "manifests"
        for here, folders, files in os.walk(manifests):
            folders.sort()
            for file in sorted(files):
                path = Path(here) / file
                parts = path.relative_to(manifests).parts
                model = _layer(path)
                if len(parts) < 3 or model is None:
                    continue
                host, *rest, tag = parts
                owner = rest[1:] if rest[0] == "library" else rest
                name = "/".join(owner if host == "registry.ollama.ai" else (host, *rest))
                blob = place / "blobs" / f"sha256-{model}"
                with contextlib.suppress(OSError):
                    yield Found(f"ollama:{name}:{tag}", blob, blob.stat().st_size, "Ollama")


def _layer(manifest: Path) -> str | None:
    """The hash of the weights that a manifest names."""
    try:
        if manifest.stat().st_size > _MANIFEST:
            return None
        told = _Manifest.model_validate(json.loads(manifest.read_bytes()))
    except (OSError, ValueError, ValidationError, RecursionError):
        return None
    for layer in told.layers:
        if layer.mediaType == "application/vnd.ollama.image.model" and (digest := _DIGEST.fullmatch(layer.digest)):
            return digest[1]
    return None
