"""What an installed package of a project starts with, as its manifest says; and the program that starts it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dovetail.model.ask import Silence
from dovetail.verify.process import on_path
from dovetail.verify.tests.runners import MESSAGE, Asked

MANIFEST = "package.json"
FOLDER = "node_modules"
AROUND = (FOLDER, MANIFEST, *(f".mocharc.{ending}" for ending in ("js", "cjs", "mjs", "json", "jsonc", "yaml", "yml")))
"""What is looked for in the folders above as well."""
_OPTION = re.compile(r"(?<!\S)(--(?:import|require|loader|experimental-loader)|-r)[= ]([\w@./:-]+)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def node(asked: Asked) -> str | Silence:
    """node, from an absolute place on the user's path that lies in no open folder."""
    return on_path("node", asked.roots) or Silence("there is no node on your path outside of the project", "none")


def entry(asked: Asked, package: str) -> str:
    """The file that a package's command begins with, told from where the runner starts; "" where it is not there."""
    for above, folder in enumerate((asked.folder, *asked.folder.parents)):
        if not folder.is_relative_to(asked.root):
            break
        manifest = _read(folder / FOLDER / package / MANIFEST)
        command: Any = manifest.get("bin", "")
        file = command.get(package, "") if isinstance(command, dict) else command  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(file, str) and file:
            place = Path(FOLDER, package, file)
            return ("../" * above + place.as_posix()) if (folder / place).is_file() else ""
    return ""


def installed(asked: Asked, package: str) -> bool:
    return bool(entry(asked, package))


def says(asked: Asked, package: str) -> bool:
    """Whether the project's own test script begins this."""
    return re.search(rf"(?<![\w/-]){package}(?![\w/-])", _script(asked)) is not None


def options(asked: Asked) -> list[str]:
    """What the project's own test script brings in before the tests: a loader, a setup."""
    return [f"{'--require' if name == '-r' else name}={value}" for name, value in _OPTION.findall(_script(asked))]


def plain(text: str) -> str:
    """A failure without colours and without the stack, cut."""
    lines = _COLOUR.sub("", text).strip().splitlines()
    stack = next((number for number, one in enumerate(lines) if re.match(r"\s+at .+[:(]", one)), len(lines))
    return "\n".join(lines[:stack]).strip()[:MESSAGE]


def _script(asked: Asked) -> str:
    scripts: Any = _read(asked.folder / MANIFEST).get("scripts")
    script: Any = scripts.get("test") if isinstance(scripts, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return script if isinstance(script, str) else ""


def _read(file: Path) -> dict[str, Any]:
    try:
        told: Any = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}  # pyright: ignore[reportUnknownVariableType]
