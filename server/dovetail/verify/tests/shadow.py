"""A project and its copy: which path is which, and what stands in the copy for one run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from dovetail.model.ask import Silence, Test

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Not through a link, and no pipe is waited for."""
_FOLDER = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)


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
        """Raises ValueError for a path that does not lie in the project."""
        return str(Path(self.folder, Path(os.path.abspath(path)).relative_to(self.root)))

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
        before: dict[str, bytes | None] = {}
        try:
            for path, each in wanted:
                copy = os.path.relpath(self.copy_of(path), self.scratch)
                before.setdefault(copy, self._put(copy, each.encode("utf-8", "surrogatepass")))
            yield
        finally:
            for copy, data in before.items():
                self._put(copy, data)

    def ask(self, text: str) -> None:
        """Write the file `job` beside the copy."""
        self._put("job", text.encode())

    def _put(self, path: str, data: bytes | None) -> bytes | None:
        """Put a file in the place of another, told from the scratch folder, and hand that one's text back.

        What runs in the sandbox may leave links in the copy, and this is outside: none is followed, none is written
        through. Raises OSError where a folder has become one.
        """
        *above, name = path.split(os.sep)
        folder = os.open(self.scratch, _FOLDER)
        try:
            for each in above:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(each, dir_fd=folder)
                outer, folder = folder, os.open(each, _FOLDER, dir_fd=folder)
                os.close(outer)
            before = None
            # there is none, or it is a link
            with contextlib.suppress(OSError), open(os.open(name, os.O_RDONLY | _PLAIN, dir_fd=folder), "rb") as file:
                before = file.read()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            if data is not None:
                created = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN
                with open(os.open(name, created, 0o666, dir_fd=folder), "wb") as file:
                    file.write(data)
            return before
        finally:
            os.close(folder)


def unwritable(error: OSError) -> Silence:
    """What is said where the copy is not as it was made."""
    name = Path(error.filename).name if isinstance(error.filename, str) else "a file"
    return Silence(f"{name} cannot be written to the copy that the tests run in: {error.strerror}", "failed")
