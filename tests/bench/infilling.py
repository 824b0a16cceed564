"""HumanEval with one line taken out: is what is shown right, and what are the filters worth?

`python -m tests.bench.infilling DATA`: DATA is a JSONL file (or .xz) with `prompt`, `canonical_solution` (the line),
`suffix`, `test` and `entry_point`. The cursor stands where the line's text begins. What is shown is put in, and the
program is run with its test in a process of its own, with limits. Arms, on the same model:

bare             the model's greedy line, as it is; whatever it is, it is shown
trimmed          ours without what judges: the text is trimmed, nothing is held back
+ syntax, text   … and pasted into the tree, no echo, no talk
+ names          … and every name, member and call checked; samples where the first does not hold
+ silence        … and quiet where the chance is low
as shipped       … and the project's own words beside the model's, which here is what little stands in the file

`exact` and `pass` count over all places, `wrong shown` over all places too, `precision` over what is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import lzma
import os
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion
from dovetail.features.inline_completion.filters import GATES
from dovetail.lsp.models import open_model
from dovetail.model.ask import Ask, Fim, Port, Silence, run
from dovetail.settings import Settings
from dovetail.text import Span
from dovetail.verify import process
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection, World

DATA = Path(__file__).parents[3] / "shared" / "data" / "hei-SingleLineInfilling.jsonl.xz"
_JUDGES = ("says something new", "code, not talk", "clean text", "no secrets", "parses no worse")
_NAMES = ("names exist", "members exist")
_ALL = Knobs(sure=0.0, confidence=-99.0, recall=False)
ARMS: dict[str, Knobs | None] = {
    "bare": None,
    "trimmed": replace(_ALL, without=frozenset((*_JUDGES, *_NAMES))),
    "+ syntax, text": replace(_ALL, without=frozenset(_NAMES)),
    "+ names": _ALL,
    "+ silence": Knobs(recall=False),
    "as shipped": Knobs(),
}
assert set(_JUDGES) | set(_NAMES) <= set(GATES)


@dataclass(frozen=True)
class Task:
    """A program without one line."""

    name: str
    before: str
    """Up to the cursor, the indentation included."""
    line: str
    after: str
    test: str

    def program(self, line: str) -> str:
        return f"{self.before}{line}{self.after}\n{self.test}"


def tasks(path: Path, n: int, seed: int) -> list[Task]:
    """Some of the tasks, always the same."""
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode()
    rows = [json.loads(line) for line in text.split("\n") if line]
    found: list[Task] = []
    for row in rows:
        line = row["canonical_solution"].rstrip("\n")
        bare = line.lstrip()
        if not bare or "\n" in line:
            continue
        indent = line[: len(line) - len(bare)]
        test = f"{row['test']}\ncheck({row['entry_point']})\n"
        found.append(Task(row["task_id"], row["prompt"] + indent, bare, "\n" + row["suffix"], test))
    random.Random(seed).shuffle(found)
    return found[:n]


_RUNNER = """
import json, os, signal, sys
verdicts = []
for program in json.load(sys.stdin):
    child = os.fork()
    if child == 0:
        signal.alarm(5)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            exec(compile(program, "task", "exec"), {"__name__": "task"})
        except BaseException:
            os._exit(1)
        os._exit(0)
    verdicts.append(os.waitpid(child, 0)[1] == 0)
print(json.dumps(verdicts))
"""
_BATCH = 40


async def judged(programs: list[str]) -> dict[str, bool]:
    """Which of these end well, each run once, in a process of its own with limits."""
    argv = [os.path.realpath(sys.executable), "-I", "-B", "-c", _RUNNER]
    verdicts: dict[str, bool] = {}
    some = list(dict.fromkeys(programs))
    for start in range(0, len(some), _BATCH):
        batch = some[start : start + _BATCH]
        said = await process.start(argv, json.dumps(batch).encode(), 6.0 * _BATCH)
        if isinstance(said, Silence) or said.code != 0:
            raise RuntimeError(f"the programs could not be run: {said}")
        verdicts.update(zip(batch, json.loads(said.out), strict=True))
    return verdicts


async def _said(task: Task, port: Port, knobs: Knobs | None) -> str | None:
    """What is shown; None for silence."""
    if knobs is None:
        answers = await port.answer(Ask(Fim(task.before[-1200:], task.after[:400]), 40, stop=("\n",)))
        return None if isinstance(answers, Silence) or not answers[0].text.strip() else answers[0].text
    world = World()
    world.open("/task.py", task.before + task.after, 1, "python")
    end = len(task.before.encode())
    steps = inline_completion(world.snapshot(), Selection("/task.py", Span(end, end)), port.info, knobs)
    said = await run(steps, port, run_checker)
    return said.text if isinstance(said, Suggestion) else None


async def measure(some: list[Task], model: str | None) -> list[dict[str, Any]]:
    port = await open_model(Settings(model=model))
    assert port.info is not None, port.status.reason
    said: dict[tuple[str, str], str | None] = {}
    programs: list[str] = []
    for task in some:
        programs += [task.program(task.line), task.program("pass")]
        for arm, knobs in ARMS.items():
            text = said[task.name, arm] = await _said(task, port, knobs)
            if text is not None:
                programs.append(task.program(text))
    await port.close()
    verdicts = await judged(programs)
    records: list[dict[str, Any]] = []
    for task in some:
        record: dict[str, Any] = {"task": task.name}
        for arm in ARMS:
            text = said[task.name, arm]
            passed = text is not None and verdicts[task.program(text)]
            exact = text is not None and text.rstrip() == task.line.rstrip()
            record[arm] = {"shown": text is not None, "exact": exact, "passed": passed}
        records.append(record)
    n = len(some)
    ceiling = sum(verdicts[task.program(task.line)] for task in some)
    floor = sum(verdicts[task.program("pass")] for task in some)
    head = {"model": port.info.name, "sha256": port.info.digest, "n": n, "floor": floor / n, "ceiling": ceiling / n}
    return [*records, {**head, "arms": summary(records)}]


def summary(records: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    n = len(records)
    rows: dict[str, dict[str, float]] = {}
    for arm in ARMS:
        shown = sum(r[arm]["shown"] for r in records)
        passed = sum(r[arm]["passed"] for r in records)
        rows[arm] = {
            "exact": sum(r[arm]["exact"] for r in records) / n, "pass": passed / n, "shown": shown / n,
            "wrong shown": (shown - passed) / n, "precision": passed / shown if shown else 0.0,
        }  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("-n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a GGUF file; the bundled model without")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if not given.data.exists():
        Console().print(f"{given.data} is not there: nothing was measured")
        return
    records = asyncio.run(measure(tasks(given.data, given.n, given.seed), given.model))
    head = records[-1]
    table = Table("arm", "exact", "pass", "shown", "wrong shown", "precision", title=f"n = {head['n']}")
    for arm, row in head["arms"].items():
        table.add_row(arm, *(f"{100 * value:.1f} %" for value in row.values()))
    Console().print(table)
    Console().print(f"floor {head['floor']:.3f}, ceiling {head['ceiling']:.3f}, model {head['model']}")
    if given.out:
        given.out.write_text("\n".join(json.dumps(record) for record in records) + "\n", "utf-8")


if __name__ == "__main__":
    main()
