"""node's own runner, `node --test`, through a reporter of ours."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from dovetail.model.ask import Ran, Silence
from dovetail.verify.tests.packages import AROUND, FOLDER, MANIFEST, node, options, plain, says
from dovetail.verify.tests.runners import REPORT, Asked, Command, Said

__all__ = ["AROUND", "LINKED", "MANIFEST", "answers", "claims", "commands", "probe", "read"]

LINKED = (FOLDER,)
_REPORTER = Path(__file__).with_name("node_reporter.mjs")
_PROBE = Path(__file__).with_name("node_probe.mjs")
_NO_TYPES = Silence("the node on your path does not run TypeScript; from 22.18 on it does", "none")
_ITS_OWN = re.compile(r"""["']node:test["']""")


def claims(asked: Asked) -> bool:
    return any(_ITS_OWN.search(asked.text(test)) for test in asked.tests) or says(asked, r"node\s.*--test")


def commands(asked: Asked) -> list[Command] | Silence:
    program = node(asked)
    if isinstance(program, Silence):
        return program
    before = options(asked)
    reported = (f"--test-reporter={_REPORTER}", f"--test-reporter-destination={asked.report()}")
    argv = (program, *before, "--test", *reported, *(f"./{test}" for test in asked.tests))
    return [Command(argv, shlex.join(("node", *before, "--test", *asked.tests)), needed=(str(_REPORTER),))]


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    found: list[Ran] = []
    broken = ""
    for line in said.report.splitlines():
        try:
            told: dict[str, Any] = json.loads(line)
            outcome, message = told["outcome"], plain(told["message"])
            if told["whole"]:  # a file that could not be loaded, or that is no more than its tests
                broken = message if outcome == "failed" and not broken else broken
                continue
            name = "::".join((told["file"], " > ".join(told["names"])))
            found.append(Ran(name, outcome, told["seconds"], message))
        except (ValueError, KeyError, TypeError):
            return Silence("node told its tests in a form that is not understood", "failed")
    if found:
        return found
    if "ERR_UNKNOWN_FILE_EXTENSION" in said.report + said.out + said.err:
        return _NO_TYPES
    last = plain(said.err).splitlines()[-1:]
    return Silence(": ".join(("no test was collected", *([broken] if broken else last))), "failed")


# ---- one function -------------------------------------------------------------------------------


def probe(asked: Asked) -> Command | Silence:
    """What has a function called with some arguments."""
    program = node(asked)
    if isinstance(program, Silence):
        return program
    job = asked.report().removesuffix(REPORT) + "job"
    return Command((program, str(_PROBE), job, asked.report()), "node", needed=(str(_PROBE),))


def answers(said: Said) -> tuple[str, ...] | Silence:
    try:
        told: dict[str, Any] = json.loads(said.report)
    except ValueError:
        last = plain(said.err).splitlines()[-1:] or ["no word"]
        return Silence(f"node broke off: {last[0]}", "failed")
    if told.get("code") in ("ERR_UNKNOWN_FILE_EXTENSION", "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"):
        return _NO_TYPES
    if told.get("code") == "NOT_THERE":
        return Silence("it cannot be reached from outside of its file", "none")
    if "said" not in told:
        return Silence(f"its module could not be loaded: {told.get('broken', '')}", "failed")
    return tuple(map(str, told["said"]))
