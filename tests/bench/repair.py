"""How many wrong programs are put right by their failing tests, and how often is a wrong fix shown?

`python -m tests.bench.repair quixbugs humanevalfix --arms full bare …`: a program's tests are parted; the fixer sees
some, and what it shows is scored on the rest. Raw results go to `tests/bench/results/repair.json`. The programs are
read from a folder beside the checkout (`--data`), nothing of them is kept here.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import lzma
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from dovetail.features.actions import Edited, Refused
from dovetail.features.actions.fix.failing_test import FailingTest, fix_failing_test
from dovetail.lsp.models import open_model
from dovetail.model.ask import Ask, Fim, Port, Silence, Test, Tested, run
from dovetail.settings import Settings
from dovetail.text import unified_diff
from dovetail.verify.checkers import run_checker
from dovetail.verify.tests import Tests, copied
from dovetail.world import World

DATA = Path(__file__).parents[3] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "repair.json"

NODE = """class Node:
    def __init__(
        self, value=None, successor=None, successors=(), predecessors=(), incoming_nodes=(), outgoing_nodes=()
    ):
        self.value = value
        self.successor = successor
        self.successors = list(successors)
        self.predecessors = list(predecessors)
        self.incoming_nodes = list(incoming_nodes)
        self.outgoing_nodes = list(outgoing_nodes)
"""


@dataclass(frozen=True)
class Program:
    """One wrong program and its tests."""

    suite: str
    name: str
    entry: str
    wrong: str
    right: str
    seen: str
    """The test file that the fixer is given."""
    held_out: str
    more: tuple[tuple[str, str], ...] = ()


def rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(data / f"{name}.jsonl.xz", "rt") as file:
        for line in file:
            yield json.loads(line)


def quixbugs(data: Path, part: float = 0.5, turn: int = 0) -> Iterator[Program]:
    """`part` of each program's cases is seen; with 1.0 all are, and scored as well."""
    for row in rows(data, "quixbugs"):
        name = row["name"]
        test = _imported(row["test"], name)
        if row["json_cases"]:
            cases: list[Any] = row["json_cases"]
            head, tail = test.split(f"load_json_testcases({name}.__name__)")
            files = [f"{head}{[cases[n] for n in half]!r}{tail}" for half in _parted(len(cases), f"{name}{turn}", part)]
        else:
            tree = ast.parse(test)
            tests: list[ast.stmt] = [
                node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
            ]
            files = [
                ast.unparse(ast.Module([n for n in tree.body if n not in tests or tests.index(n) in half], []))
                for half in _parted(len(tests), f"{name}{turn}", part)
            ]
        yield Program(
            f"quixbugs {part:g}", name, name, row["buggy"], row["correct"], files[0], files[1], (("node.py", NODE),)
        )


def _imported(test: str, name: str) -> str:
    """The test on its own: what it is about is beside it, slow cases are left out."""
    lines = test.split("\n")
    at = next(n for n, line in enumerate(lines) if "pytest.use_correct" in line)
    lines[at : at + 4] = [f"from {name} import {name}"]
    kept = [line for line in lines if not line.startswith("from load_testdata")]
    return "\n".join(kept).replace("pytest.run_slow", "False")


def _parted(count: int, seed: str, part: float) -> tuple[list[int], list[int]]:
    order = list(range(count))
    if part >= 1:
        return order, order
    random.Random(seed).shuffle(order)
    cut = max(1, round(count * part))
    return sorted(order[:cut]), sorted(order[cut:])


def humanevalfix(data: Path) -> Iterator[Program]:
    """The example tests are seen, one test an assertion; the hidden ones score."""
    for row in rows(data, "humanevalpack-python"):
        entry = row["entry_point"]
        module = f"m{row['task_id'].rpartition('/')[2]}"
        head = f"from {module} import *\nfrom {module} import {entry}\n\n"
        check = next((n for n in ast.parse(row["example_test"]).body if isinstance(n, ast.FunctionDef)), None)
        if check is None or not any(isinstance(n, ast.Assert) for n in check.body):
            continue  # no example is given in a form that can be run
        seen = head
        before: list[str] = []
        for number, node in enumerate(check.body):
            if not isinstance(node, ast.Assert):
                before.append(ast.unparse(node))
                continue
            body = "\n".join(f"    {line}" for part in (*before, ast.unparse(node)) for line in part.split("\n"))
            name = check.args.args[0].arg
            same = "" if name == entry else f"    {name} = {entry}\n"
            seen += f"def test_{number}():\n{same}{body}\n\n\n"
        test = "\n".join(line for line in row["test"].split("\n") if line.strip() != f"check({entry})")
        hidden = f"{head}{test}\n\ndef test_hidden():\n    check({entry})\n"
        yield Program(
            "humanevalfix", module, entry, row["prompt"] + row["buggy_solution"],
            row["prompt"] + row["canonical_solution"], seen, hidden,
        )  # fmt: skip


SUITES: dict[str, Callable[[Path], Iterator[Program]]] = {
    "quixbugs": quixbugs,
    "quixbugs-all": lambda data: quixbugs(data, 1.0),
    "humanevalfix": humanevalfix,
}
ARMS: dict[str, frozenset[str]] = {
    "full": frozenset(),
    "without rules": frozenset({"rules"}),
    "without project": frozenset({"project"}),
    "without model": frozenset({"model"}),
    "without retry": frozenset({"retry"}),
    "without locate": frozenset({"locate"}),
    "without doubt": frozenset({"doubt"}),
}


async def passes(program: Program, text: str, test: str, jobs: int) -> bool:
    """Whether every test of a file passes (or is skipped) with a text."""
    with tempfile.TemporaryDirectory() as folder, _laid_out(folder, program, text, test) as scratch:
        told = await Tests(folder, scratch, sys.executable, jobs=jobs, plugins=False)(
            Test(("test_it.py",), limit=10, patience=60)
        )
    return isinstance(told, Tested) and all(ran.outcome in ("passed", "skipped") for ran in told.tests)


def _laid_out(folder: str, program: Program, text: str, test: str) -> Any:
    for name, content in ((f"{program.name}.py", text), ("test_it.py", test), *program.more):
        Path(folder, name).write_text(content, "utf-8")
    return copied(folder)


async def shows_it(program: Program, data: Path, jobs: int) -> Program:
    """The same program with its tests parted so that one of those seen fails."""
    for turn in range(1, 12):
        if not await passes(program, program.wrong, program.seen, jobs):
            break
        program = next(p for p in quixbugs(data, 0.5, turn) if p.name == program.name)
    return program


async def solve(program: Program, arm: str, port: Port, seconds: float, jobs: int) -> dict[str, Any]:
    began = time.monotonic()
    shown, how, reason, tokens, tried = "", "", "", 0, ""
    if arm in ("bare", "one unverified"):
        shown = await (bare if arm == "bare" else unverified)(program, port)
        how = "model" if arm == "bare" else "rule"
    else:
        with (
            tempfile.TemporaryDirectory() as folder,
            _laid_out(folder, program, program.wrong, program.seen) as scratch,
        ):
            path = f"{folder}/{program.name}.py"
            world = World([folder])
            world.open(path, program.wrong, 1, "python")
            wanted = FailingTest(("test_it.py",), path, seconds, ARMS[arm])
            steps = fix_failing_test(world.snapshot(), wanted, port.info)
            tester = Tests(folder, scratch, sys.executable, jobs=jobs, plugins=False)
            result = await run(steps, port, run_checker, tester=tester)
            tokens = result.evidence.new_tokens
            tried = result.evidence.notes[-1] if result.evidence.notes else ""
            if isinstance(result, Edited):
                before = world.snapshot()
                after = before.after(result.change)
                shown = after.files[path].document.text()
                how = f"{result.evidence.trials[-1].source}: {result.evidence.trials[-1].text}"
                reason = unified_diff(f"{program.name}.py", before.files[path].document, after.files[path].document)
            elif isinstance(result, Refused):
                reason = result.reason
    took = time.monotonic() - began
    right = bool(shown) and all([await passes(program, shown, t, jobs) for t in (program.seen, program.held_out)])
    return {
        "suite": program.suite, "arm": arm, "program": program.name, "seconds": round(took, 2),
        "verdict": "refused" if not shown else "solved" if right else "wrong", "how": how, "tokens": tokens,
        "tried": tried, "what": reason,
    }  # fmt: skip


async def bare(program: Program, port: Port) -> str:
    """The whole function written anew by the model, and believed."""
    head = program.wrong.split('"""')[0] if program.suite.startswith("quixbugs") else program.wrong
    at = head.rindex(f"def {program.entry}(")
    signature = head[at : head.index("\n", at) + 1]
    prompt = f"# The function below is wrong.\n{head.rstrip()}\n\n\n# The function, corrected:\n{signature}"
    answers = await port.answer(Ask(Fim(prompt), 256, stop=("\ndef ", "\n# ", "\nclass ")))
    if isinstance(answers, Silence):
        return ""
    return head[:at] + signature + answers[0].text + "\n"


async def unverified(program: Program, port: Port) -> str:
    """The likeliest small edit, without a run."""
    from dovetail.features.actions.fix.mutations import mutations
    from dovetail.text import Span

    world = World(["/p"])
    file = world.open(f"/p/{program.name}.py", program.wrong, 1, "python")
    assert file.tree is not None
    assert file.language is not None
    tree = next(
        n for n in ast.walk(ast.parse(program.wrong)) if isinstance(n, ast.FunctionDef) and n.name == program.entry
    )
    document = file.document
    span = Span(document.start_of(tree.lineno - 1), document.line((tree.end_lineno or 1) - 1).end)
    rules = file.language.table("repair")
    assert rules is not None
    best = mutations(file.tree, document, span, lambda line: 0.5, rules)[0]
    return document.edited(best.edit).text()


def interval(share: int, of: int) -> tuple[float, float]:
    """Wilson's, 95 %."""
    if not of:
        return 0.0, 1.0
    z, p = 1.96, share / of
    middle, spread = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def summary(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for suite, arm in dict.fromkeys((row["suite"], row["arm"]) for row in found):
        own = [row for row in found if (row["suite"], row["arm"]) == (suite, arm)]
        count = {kind: sum(row["verdict"] == kind for row in own) for kind in ("solved", "wrong", "refused")}
        shown = count["solved"] + count["wrong"]
        by: dict[str, int] = {}
        for row in own:
            if row["verdict"] == "solved":
                source = row["how"].split(":")[0]
                by[source] = by.get(source, 0) + 1
        times = sorted(row["seconds"] for row in own)
        told.append({
            "suite": suite, "arm": arm, "n": len(own), **count,
            "solved_95": [round(x, 3) for x in interval(count["solved"], len(own))],
            "wrong_of_shown": round(count["wrong"] / shown, 3) if shown else 0.0,
            "wrong_of_shown_95": [round(x, 3) for x in interval(count["wrong"], shown)],
            "by": by, "median_seconds": times[len(times) // 2], "most_seconds": times[-1],
        })  # fmt: skip
    return told


async def sound(told: argparse.Namespace) -> int:
    """The floor and the ceiling: what is right passes all tests, what is wrong fails those that it is scored on."""
    unsound = 0
    for suite in told.suites:
        for program in SUITES[suite](told.data):
            right = [await passes(program, program.right, test, told.jobs) for test in (program.seen, program.held_out)]
            wrong = await passes(program, program.wrong, program.held_out, told.jobs)
            if not all(right) or (wrong and program.suite != "quixbugs 0.5"):
                unsound += 1
                print(f"{program.suite} {program.name}: right passes {right}, wrong passes {wrong}")
    print(f"{unsound} unsound")
    return 1 if unsound else 0


async def measure(told: argparse.Namespace) -> dict[str, Any]:
    port = await open_model(Settings(model=told.model))
    found: list[dict[str, Any]] = []
    gate = asyncio.Semaphore(told.together)

    def result() -> dict[str, Any]:
        info = port.info
        ordered = sorted(found, key=lambda row: (row["suite"], row["arm"], row["program"]))
        return {
            "model": info.name if info else "", "digest": info.digest if info else "",
            "seconds_allowed": told.seconds, "processes": told.jobs, "programs_at_once": told.together,
            "summary": summary(ordered), "rows": ordered,
        }  # fmt: skip

    async def one(program: Program, arm: str) -> None:
        async with gate:
            if program.suite == "quixbugs 0.5":
                program = await shows_it(program, told.data, told.jobs)
            row = await solve(program, arm, port, told.seconds, told.jobs)
        found.append(row)
        if told.out:  # what is measured so far outlives an interruption
            told.out.write_text(json.dumps(result(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"{row['suite']:14} {arm:16} {program.name:30} {row['verdict']:8} {row['seconds']:7.1f} s  "
              f"{row['how'] or row['what'][:110]}", flush=True)  # fmt: skip

    todo = [
        (program, arm)
        for suite in told.suites
        for program in SUITES[suite](told.data)
        if not told.only or program.name in told.only
        for arm in told.arms
    ]
    await asyncio.gather(*(one(*each) for each in todo))
    said = result()
    await port.close()
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=list(SUITES))
    parser.add_argument("--arms", nargs="*", default=["full"])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--model", help="a GGUF file; the bundled model without")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seconds", type=float, default=300, help="of test runs for one program")
    parser.add_argument("--jobs", type=int, default=2, help="forks at once for one program")
    parser.add_argument("--together", type=int, default=1, help="programs at once")
    parser.add_argument("--check", action="store_true", help="only see that the programs and their tests are sound")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    if not told.data.is_dir():
        print(f"the programs are not here: {told.data}; name their folder with --data")
        return 2
    if told.check:
        return asyncio.run(sound(told))
    said = asyncio.run(measure(told))
    for row in said["summary"]:
        print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
