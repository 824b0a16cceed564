"""`php -l`, PHP's own compiler, on standard input: what it cannot compile. Nothing of the text is run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dovetail.model.ask import Finding, Run, Silence
from dovetail.text import Document
from dovetail.verify.process import on_path, start

DEADLINE = 5.0
_ERROR = re.compile(
    r"^(?:PHP )?(?P<kind>Parse|Fatal) error: +(?P<said>.+) in Standard input code on line (?P<line>\d+)"
)


async def check(run: Run, roots: Sequence[str]) -> list[Finding] | Silence:
    """The first thing that php cannot compile: it tells no more. `-n`: without any configuration."""
    php = on_path("php", roots)
    if not php:
        return Silence("php is not installed", "none")
    text = run.text.encode("utf-8", "replace")
    output = await start([php, "-n", "-l"], text, DEADLINE)
    if isinstance(output, Silence):
        return output
    said = (output.out + b"\n" + output.err).decode("utf-8", "replace")
    match = next((found for line in said.splitlines() if (found := _ERROR.match(line))), None)
    if match is None:
        return [] if not output.code else Silence("php answered in a form that is not understood", "failed")
    document = Document(text)
    line = min(int(match["line"]) - 1, document.lines - 1)
    code = "SYNTAX" if match["kind"] == "Parse" else "FATAL"
    message = match["said"].split(" (previously ")[0].strip()
    return [Finding(code, message, document.line(line).start, document.line(line).end, line=line)]
