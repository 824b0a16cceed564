"""Who runs a project's tests: a module each, named by `runners` in a language's `tests.toml`, the likeliest first.

A module that is a `Tester` of its own has `tester(root, scratch, python, roots)`. Any other tells which tests are its
own, what is started for them and what the answer means, and `programs.py` does the rest:

- `claims(asked) -> bool`: whether this runner runs those tests, from their text and the project's manifest
- `commands(asked) -> list[Command] | Silence`: what is started, in the copy
- `read(said, asked) -> list[Ran] | Silence`: what one command reported
- `probe(asked) -> Command | Silence`, `answers(said)`: what a function answers to some arguments, where that can be
  asked: the file `job` beside the copy says which
- `LINKED`: folders of installed packages that the copy reads from the project
- `MANIFEST`: the file of the folder that it is started in; `AROUND`: what it looks for in the folders above as well,
  which another user must not have put there
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from dovetail.syntax import language_for

REPORT = "report"
"""A file in the scratch folder, beside the copy."""
MESSAGE = 400
"""Characters of a failure."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Tests that one runner is to run."""

    root: str
    """The project's folder."""
    roots: tuple[str, ...]
    """All folders that are open: no program is taken from them."""
    home: str
    """The folder that the runner is started in, told from the root; "" for the root itself."""
    tests: tuple[str, ...]
    """Told from there."""
    path: str = ""
    """The file that is judged, told from there."""

    @property
    def folder(self) -> Path:
        return Path(self.root, self.home)

    @property
    def named(self) -> tuple[str, ...]:
        """The tests as arguments: none of them is an option."""
        return tuple(f"./{test}" if test.startswith("-") else test for test in self.tests)

    def report(self) -> str:
        """Where the report goes, as the runner is told it."""
        return "../" * (2 + self.home.count("/") if self.home else 1) + REPORT

    def of(self, path: str) -> str:
        """The test that a path of the copy is, as it was asked for; "" where it is none of them."""
        return max((test for test in self.tests if path.endswith(f"/{test}")), key=len, default="")

    def text(self, test: str) -> str:
        """Of a file, as it is on disk; "" where it cannot be read."""
        try:
            return (self.folder / test).read_text("utf-8", "replace")
        except OSError:
            return ""


@dataclass(frozen=True, slots=True)
class Command:
    """What is started."""

    argv: tuple[str, ...]
    """An absolute program, no shell."""
    line: str
    """As a person would type it."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """`{scratch}` in it is the scratch folder."""
    needed: tuple[str, ...] = ()
    """Places that it reads outside of the copy."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str
    report: str


def runners_of(path: str) -> tuple[str, ...]:
    """The names of the runners of a file's language; () where none is known."""
    language = language_for(path)
    rules = language.table("tests") if language is not None else None
    return tuple(rules.get("runners", ())) if rules is not None else ()


def runner(name: str) -> Any:
    return import_module(f"{__name__}.{name}")
