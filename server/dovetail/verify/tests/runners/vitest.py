"""vitest, as the project has it installed."""

from __future__ import annotations

import re
import shlex

from dovetail.model.ask import Ran, Silence
from dovetail.verify.tests.packages import AROUND, FOLDER, MANIFEST, entry, installed, node, says
from dovetail.verify.tests.runners import Asked, Command, Said
from dovetail.verify.tests.runners.jest import told

__all__ = ["AROUND", "LINKED", "MANIFEST", "claims", "commands", "read"]

LINKED = (FOLDER,)
_ITS_OWN = re.compile(r"""["']vitest["']""")
_ANOTHER = re.compile(r"""["'](?:node:test|bun:test|@jest/globals)["']""")


def claims(asked: Asked) -> bool:
    if not installed(asked, "vitest"):
        return False
    texts = [asked.text(test) for test in asked.tests]
    if any(map(_ITS_OWN.search, texts)) or says(asked, "vitest"):
        return True
    # its functions may be there without an import: so it is, where nothing else could have put them there
    return not any(map(_ANOTHER.search, texts)) and not any(installed(asked, one) for one in ("jest", "mocha"))


def commands(asked: Asked) -> list[Command] | Silence:
    program = node(asked)
    if isinstance(program, Silence):
        return program
    plainly = ("--watch=false", "--coverage.enabled=false", "--maxWorkers=2")
    reported = ("--reporter=json", f"--outputFile={asked.report()}")
    argv = (program, entry(asked, "vitest"), "run", *plainly, *reported, *asked.named)
    return [Command(argv, shlex.join(("node", entry(asked, "vitest"), "run", *asked.named)))]


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    return told("vitest", said, asked)
