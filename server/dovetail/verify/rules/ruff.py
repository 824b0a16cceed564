"""`ruff rule`, of the ruff that comes along. Linters whose rules it has taken over name them alike."""

from __future__ import annotations

from collections.abc import Sequence

from dovetail.model.ask import Silence
from dovetail.verify.checkers.ruff import executable
from dovetail.verify.process import start

SOURCES = r"ruff|flake8.*|pyflakes|pycodestyle|pydocstyle|mccabe|pylint"
CODES = r"[A-Z]{1,4}\d{1,4}"
DEADLINE = 5.0


async def told(code: str, roots: Sequence[str]) -> str | Silence:
    ruff = executable()
    if not ruff:
        return Silence("ruff is not installed beside dovetail; install the package `ruff` there", "none")
    output = await start([ruff, "rule", code], b"", DEADLINE)
    if not isinstance(output, Silence) and output.code:
        output = await start([ruff, "rule", f"PL{code}"], b"", DEADLINE)  # pylint says E0102, ruff PLE0102
    if isinstance(output, Silence):
        return output
    return Silence(f"ruff knows no rule {code}", "none") if output.code else output.out.decode("utf-8", "replace")
