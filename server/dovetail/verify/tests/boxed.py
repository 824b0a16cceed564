"""Runs one command in the sandbox, with limits, and tells what it said.

A job comes as JSON on standard input, one answer goes as JSON to standard output. Runs in Dovetail's own
interpreter, by its path, with nothing of Dovetail imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import subprocess
import sys
from typing import Any

MEMORY = 3 * 1024 * 1024 * 1024
"""Bytes that each process may fill; what it only reserves, as engines with a heap of their own do, is no harm."""
PROCESSES = 1024
"""Threads included."""
REPORT = 2 * 1024 * 1024
"""Bytes of a report."""
SAID = 200_000
"""Bytes of what was said, the end of it."""


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    isolate = runpy.run_path(os.path.join(os.path.dirname(__file__), "isolation.py"))["isolate"]
    isolated: str = isolate(job["scratch"], tuple(job["needed"]))
    try:
        told = json.dumps({"isolated": isolated, **run(job, bool(isolated))}).encode()
        while told:
            told = told[os.write(1, told) :]
    finally:
        os._exit(0)


def run(job: dict[str, Any], isolated: bool) -> dict[str, Any]:
    """Its exit code, None where it took too long; what it said; and what it reported."""

    def limited() -> None:
        import resource

        wanted = [(resource.RLIMIT_DATA, MEMORY)]
        if isolated:  # else those of the user's other programs would be counted with them
            wanted.append((resource.RLIMIT_NPROC, PROCESSES))
        for what, most in wanted:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(what, (most, most))

    scratch: str = job["scratch"]
    said = {name: os.path.join(scratch, name) for name in ("out", "err")}
    code: int | None = None
    with open(said["out"], "wb") as out, open(said["err"], "wb") as err:
        try:
            program = subprocess.Popen(
                job["argv"], cwd=job["folder"], stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=limited
            )
        except OSError as error:
            return {"code": 127, "out": "", "err": f"could not be started: {error.strerror}", "report": ""}
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = program.wait(job["patience"])
    told = {name: tail(path, SAID) for name, path in said.items()}
    report = os.path.join(scratch, "report")
    if os.path.exists(report) and os.path.getsize(report) > REPORT:
        return {"code": code, "report": "", "out": "", "err": f"its report is longer than {REPORT >> 20} MiB"}
    return {"code": code, "report": tail(report, REPORT), **told}


def tail(path: str, most: int) -> str:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - most))
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return ""


if __name__ == "__main__":
    main()
