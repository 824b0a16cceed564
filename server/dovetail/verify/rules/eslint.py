"""What eslint's own rules say of themselves, read where the user has it or the project has it installed; not run."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dovetail.model.ask import Silence
from dovetail.verify.process import on_path

SOURCES = r"eslint"
CODES = r"[a-z][a-z-]*"
_MOST = 256 * 1024
_DOCS = 2000
"""Bytes of what a rule says of itself: what a stranger wrote is searched no further."""
_TEXT = r"""(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"""


async def told(code: str, roots: Sequence[str]) -> str | Silence:
    return await asyncio.to_thread(_read, code, roots)


def _read(code: str, roots: Sequence[str]) -> str | Silence:
    for package in _packages(roots):
        rule = package / "lib" / "rules" / f"{code}.js"
        if rule.is_symlink() or not rule.is_file():
            continue  # it leads who knows where
        try:
            with rule.open("rb") as file:
                text = file.read(_MOST).decode("utf-8", "replace")
        except OSError:
            continue
        _, _, docs = text.partition("docs:")
        said = re.search(rf"\bdescription: ?{_TEXT}", docs[:_DOCS])
        if said:
            return f"{_plain(said)[:1].upper()}{_plain(said)[1:]}."
    return Silence(f"no eslint on this machine tells of {code}", "none")


def _plain(said: re.Match[str]) -> str:
    text = said["text"]
    try:
        return str(json.loads(f'"{text}"')) if said["quote"] == '"' else text.replace("\\'", "'")
    except ValueError:
        return text


def _packages(roots: Sequence[str]) -> Iterator[Path]:
    """That of the user, then those of the open folders: text to be read, whoever wrote it."""
    if program := on_path("eslint", roots):
        real = Path(program).resolve()
        yield real.parent.parent if real.suffix == ".js" else real.parent / "node_modules" / "eslint"
    for root in roots:
        installed = Path(root) / "node_modules" / "eslint"
        if (installed / "lib" / "rules").resolve().is_relative_to(Path(root).resolve()):
            yield installed
