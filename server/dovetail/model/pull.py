"""Downloads a model from the Hugging Face hub into our own folder.

What was fetched before a break is kept and the next attempt goes on there. Nothing is opened before its
SHA-256 is the one that the hub announces, and the file gets its name only then. No login of the user's is
sent along, and nothing is counted: models that want a login are downloaded with the hub's own tools, and
`dovetail model list` finds them in its cache.

`HF_ENDPOINT` names another hub, such as a mirror.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dovetail.model.catalog import Known, row_of
from dovetail.model.found import own_folder
from dovetail.model.gguf import ModelRefused, read_header

_HUB = "https://huggingface.co"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"([\w.-]+/[\w.-]+)/((?:[\w.-]+/)*[\w.-]+\.gguf)")


class PullFailed(Exception):
    """Nothing was installed; the argument is a sentence for a person, with the remedy."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file on the hub and the name that it gets here."""

    name: str
    repo: str
    file: str

    @property
    def target(self) -> Path:
        return own_folder() / f"{self.name}.gguf"


def wanted(name: str) -> Wanted:
    """What a person asks for: a row of the catalogue, or `OWNER/REPO/FILE.gguf`. Raises `PullFailed`."""
    row: Known | None = row_of(name)
    if row:
        return Wanted(row.name, row.repo, row.file)
    if (parts := _FILE.fullmatch(name)) and ".." not in name:
        if "-of-" in parts[2]:
            raise PullFailed("A model in several parts is not pulled: choose a smaller one, or one in a single file.")
        return Wanted(Path(parts[2]).stem, parts[1], parts[2])
    raise PullFailed(
        f"There is no model {name} in the catalogue: `dovetail model list` shows it. "
        "Any other file of the hub is named OWNER/REPO/FILE.gguf."
    )


def pull(want: Wanted) -> Path:
    """Have the file here, showing a bar on standard error while it comes. Raises `PullFailed`."""
    if want.target.exists():
        return want.target
    folder = own_folder() / ".incoming"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = _fetched(want, folder)
        try:
            read_header(part)
        except ModelRefused as refused:
            part.unlink()
            reason = refused.reason.replace(part.name, want.file)
            raise PullFailed(f"What the hub sent is of no use. {reason}") from None
        part.replace(want.target)
        for left in unfinished(want.name):
            left.unlink()
    except OSError as error:
        raise PullFailed(f"The model cannot be written below {own_folder()}: {error.strerror}.") from None
    return want.target


def unfinished(name: str) -> list[Path]:
    """What was fetched of a model before a break, and the lock that goes with it."""
    return [
        path
        for path in (own_folder() / ".incoming").glob("*")
        if path.name.partition("@")[0].casefold() == name.casefold()
    ]


def _fetched(want: Wanted, folder: Path) -> Path:
    """The complete, checked file under a provisional name."""
    # Before the import: these are read then. Plain HTTP, because only that goes on after a break.
    for switch in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        os.environ.setdefault(switch, "1")
    try:
        from huggingface_hub import file_download, utils
    except ImportError:
        raise PullFailed(
            "huggingface_hub is not installed, so nothing can be downloaded: run `pip install huggingface_hub`."
        ) from None
    hub: Any = file_download  # its types say too little for strict ones
    utils.logging.set_verbosity_error()  # what it has to say is said below, in a sentence
    address = os.environ.get("HF_ENDPOINT") or _HUB
    try:
        url = hub.hf_hub_url(want.repo, want.file, endpoint=address)
        told = hub.get_hf_file_metadata(url, token=False, endpoint=address)
    except Exception as error:
        raise PullFailed(_why(error, want, address)) from None
    if told.size is None or not (told.etag and _SHA256.fullmatch(told.etag)):
        raise PullFailed(f"{address} tells neither size nor SHA-256 of {want.file}: it cannot be checked.")
    part = folder / f"{want.name}@{told.etag}"
    have = part.stat().st_size if part.exists() else 0
    if told.size - have > (free := shutil.disk_usage(folder).free):
        raise PullFailed(
            f"{want.file} takes {(told.size - have) / 1e9:.1f} GB more, and {free / 1e9:.1f} GB are free "
            f"at {own_folder()}: make room or choose a smaller model."
        )
    try:
        with utils.WeakFileLock(folder / f"{want.name}@lock", timeout=1), part.open("ab") as file:
            have = file.tell()
            try:
                hub.http_get(
                    told.location,
                    file,
                    resume_size=have,
                    headers=hub.build_hf_headers(token=False),
                    expected_size=told.size,
                    displayed_filename=want.file,
                )
            except Exception as error:
                if isinstance(error, OSError) and error.errno:
                    raise
                raise PullFailed(_why(error, want, address, kept=file.tell())) from None
    except PullFailed:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise PullFailed(f"Another `dovetail model pull {want.name}` is at work: wait for it.") from None
    if _digest(part) != told.etag:
        part.unlink()
        raise PullFailed(
            f"{want.file} did not arrive as the hub announces it (its SHA-256 differs), so it was deleted: "
            "pull it again."
        )
    return part


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why(error: Exception, want: Wanted, address: str, *, kept: int = 0) -> str:
    """What went wrong, for a person."""
    from huggingface_hub import errors

    more = f" {kept / 1e6:,.0f} MB are kept, and the next attempt goes on there." if kept else ""
    match error:
        case errors.OfflineModeIsEnabled():
            return "The hub may not be asked, because HF_HUB_OFFLINE is set: unset it to download."
        case errors.GatedRepoError():
            return (
                f"{want.repo} wants a login: download it with `hf download {want.repo} {want.file}`; "
                "`dovetail model list` will find it."
            )
        case errors.RepositoryNotFoundError() | errors.EntryNotFoundError() | errors.RevisionNotFoundError():
            return f"{address} has no file {want.repo}/{want.file}: correct the name."
        case errors.HfHubHTTPError():
            code = getattr(getattr(error, "response", None), "status_code", "an error")
            return f"{address} answers with {code}: try again later.{more}"
        case _ if kept:
            return f"The connection to {address} broke off.{more}"
        case _:
            return (
                f"{address} cannot be reached ({type(error).__name__}): see whether this machine is online. "
                "Models that are already here need no network: `dovetail model list`."
            )
