"""vitest, as the project has it installed."""

from __future__ import annotations

import re

from dovetail.model.ask import Ran, Silence
from dovetail.verify.tests.packages import AROUND, FOLDER, MANIFEST, entry, installed, node, says
from dovetail.verify.tests.runners import Asked, Command, Said
from dovetail.verify.tests.runners.jest import told

__all__ = ["AROUND", "LINKED", "MANIFEST", "claims", "commands", "read"]

LINKED = (FOLDER,)
_ITS_OWN = re.compile(r"""["']vitest["']""")


def claims(asked: Asked) -> bool:
    named = any(_ITS_OWN.search(asked.text(test)) for test in asked.tests)
    return installed(asked, "vitest") and (named or says(asked, "vitest"))


def commands(asked: Asked) -> list[Command] | Silence:
    program = node(asked)
    if isinstance(program, Silence):
        return program
    plainly = ("--watch=false", "--coverage.enabled=false", "--maxWorkers=2")
    reported = ("--reporter=json", f"--outputFile={asked.report()}")
    argv = (program, entry(asked, "vitest"), "run", *plainly, *reported, *asked.tests)
    return [Command(argv, " ".join(("node", entry(asked, "vitest"), "run", *asked.tests)))]


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    return told("vitest", said, asked)
