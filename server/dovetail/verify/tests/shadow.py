"""A project and its copy: which path is which, and what stands in the copy for one run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from dovetail.model.ask import Test


@dataclass(frozen=True, slots=True)
class Shadow:
    """The copy of a project in a scratch folder."""

    root: str
    scratch: str

    @property
    def folder(self) -> str:
        """Of the copy."""
        return str(Path(self.scratch, "project"))

    def temporary(self) -> str:
        """A folder for what a run leaves."""
        folder = Path(self.scratch, "tmp")
        folder.mkdir(exist_ok=True)
        return str(folder)

    def copy_of(self, path: str) -> str:
        return self.folder + os.path.abspath(path).removeprefix(self.root)

    def place(self, path: str) -> str:
        """The path in the project of one in the copy."""
        return self.root + path.removeprefix(self.folder) if path.startswith(self.folder + os.sep) else path

    @contextlib.contextmanager
    def written(self, test: Test, text: str | None = None) -> Generator[None]:
        """The files of one run, and the one text in place of the file; behind it all is as it was.

        text: what stands there; of a whole run its first.
        """
        one = test.texts[0] if text is None and test.whole else text
        wanted = [*test.files, *([(test.path, one)] if one is not None else [])]
        before: dict[Path, bytes | None] = {}
        try:
            for path, each in wanted:
                file = Path(self.copy_of(path))
                before.setdefault(file, file.read_bytes() if file.exists() else None)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(each.encode("utf-8", "surrogatepass"))
            yield
        finally:
            for file, data in before.items():
                if data is None:
                    file.unlink(missing_ok=True)
                else:
                    file.write_bytes(data)
