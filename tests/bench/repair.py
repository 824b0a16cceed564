"""How many wrong programs are put right, and how often is a wrong fix shown?

    python -m tests.bench.repair humanevalfix quixbugs                  the whole of *Fix*, printed
    python -m tests.bench.repair mutants lints --site FOLDER            mistakes in installed packages, by a seed
    python -m tests.bench.repair quixbugs --arms bare "without rules"   other arms
    python -m tests.bench.repair … --out tests/bench/results/repair.json

Programs: a program's tests are parted, the fixer sees some, and what it shows is scored on all. Findings of a linter:
what is shown is scored by the linter and the parser anew, no test is run. What is measured replaces the same rows of
`--out`; those of another model are dropped. The programs are read from a folder beside the checkout (`--data`), the
packages from where they are installed (`--site`): nothing of them is kept here.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import os
import random
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dovetail.features.actions import Edited, Refused, Result
from dovetail.features.actions.fix.failing_test import FailingTest, fix_failing_test
from dovetail.features.actions.fix.mutations import mutations
from dovetail.features.actions.off import switched
from dovetail.lsp.models import open_model
from dovetail.memory import Store, open_store
from dovetail.model.ask import Answer, Ask, Fim, Log, Port, Silence, run
from dovetail.settings import MECHANISMS, Settings
from dovetail.text import Document, Edit, Span, unified_diff
from dovetail.verify.checkers import run_checker
from dovetail.verify.tests import Tests
from dovetail.world import World
from tests.bench.figures import wilson
from tests.bench.lints import Lint, fixed, lints, of_the_model
from tests.bench.mutants import mutants
from tests.bench.programs import Program, answerable, debugbench, faulty, humanevalfix, laid_out, outcomes, quixbugs

DATA = Path(__file__).parents[3] / "shared" / "data"
SITE = Path(sysconfig.get_path("purelib"))
SUITES: dict[str, Callable[[Path], Iterator[Program]]] = {
    "quixbugs": quixbugs,
    "quixbugs-all": lambda data: quixbugs(data, 1.0),
    "humanevalfix": humanevalfix,
    "debugbench": debugbench,
    "classes": faulty,
}
DRAWN = ("mutants", "lints")
"""Suites that are drawn from installed packages. Only they go with a memory: it is carried from one to the next."""
ARMS: dict[str, frozenset[str]] = {
    "full": frozenset(),
    **{f"without {one}": frozenset({one}) for one in MECHANISMS},
}
UNCHECKED = ("bare", "one unverified")
"""The whole function written anew by the model, and the first candidate, both believed."""
_BEFORE = 1600
"""Characters in front of a function that the bare model is shown."""


async def passes(program: Program, text: str, test: str, jobs: int, limit: float = 5) -> bool:
    """Whether every test of a file passes (or is skipped) with a text."""
    with tempfile.TemporaryDirectory() as folder, laid_out(folder, program, text, test) as scratch:
        found = await outcomes(folder, scratch, program, jobs, limit, 6 * limit)
    return bool(found) and all(outcome in ("passed", "skipped") for outcome in found.values())


async def shows_it(program: Program, data: Path, jobs: int) -> Program:
    """The same program with its tests parted so that one of those seen fails."""
    for turn in range(1, 12):
        if not await passes(program, program.wrong, program.seen, jobs, 1):
            break
        program = next(p for p in quixbugs(data, 0.5, turn) if p.name == program.name)
    return program


def row_of(suite: str, arm: str, name: str, began: float, kind: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"suite": suite, "arm": arm, "program": name, "verdict": "refused", "by": "", "how": ""}
    if kind:
        row["kind"] = kind
    return {**row, "seconds": round(time.monotonic() - began, 2), "tokens": 0, "tried": "", "what": ""}


async def solve(
    program: Program, arm: str, port: Port, seconds: float, jobs: int, memo: Store | None
) -> dict[str, Any]:
    began = time.monotonic()
    shown = ""
    told: dict[str, Any] = {}
    if arm in UNCHECKED:
        answer = await (bare if arm == "bare" else unverified)(program, port)
        if answer is not None:
            shown, told = answer[0], {"by": "model" if arm == "bare" else "rule", "tokens": answer[1]}
    else:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            scratch = stack.enter_context(laid_out(folder, program, program.wrong, program.seen))
            path = f"{folder}/{program.path}"
            world = World([folder])
            world.open(path, program.wrong, 1, "python")
            wanted = FailingTest((program.test,), path, seconds, ARMS[arm])
            log = Log()
            result = await run(
                switched(fix_failing_test(world.snapshot(), wanted, port.info), ARMS[arm]), port, run_checker, log,
                Tests(folder, scratch, sys.executable, jobs=jobs, plugins=False), memo,
            )  # fmt: skip
            shown, told = told_of(world, path, result, log)
    row = row_of(program.suite, arm, program.name, began, program.kind) | told
    if shown:
        row["verdict"] = "solved" if await right(program, shown, jobs) else "wrong"
        if program.kind:
            row["as_it_was"] = same(shown, program.right)
    return row


async def right(program: Program, shown: str, jobs: int) -> bool:
    """Whether a text passes what was seen and what was not."""
    for test in (program.seen, program.held_out):
        if test and not await passes(program, shown, test, jobs):
            return False
    return True


def told_of(world: World, path: str, result: Result, log: Log) -> tuple[str, dict[str, Any]]:
    """The text that is shown, "" where none is, and what is kept of how it came about."""
    notes = result.evidence.notes
    told: dict[str, Any] = {"tokens": result.evidence.new_tokens, "tried": notes[-1] if notes else ""}
    if isinstance(result, Refused):
        return "", {**told, "what": result.reason}
    if not isinstance(result, Edited):
        return "", told
    before = world.snapshot()
    after = before.after(result.change)
    last = result.evidence.trials[-1]
    told |= {"by": "retry" if of_the_model(last.source, log) else last.source, "how": " ".join(last.text.split())}
    told["what"] = unified_diff(Path(path).name, before.files[path].document, after.files[path].document)
    return after.files[path].document.text(), told


def same(one: str, two: str) -> bool:
    """Whether two texts are one program."""
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(two))
    except SyntaxError:
        return False


def function_of(program: Program) -> tuple[Document, Span]:
    """The text of a wrong program and where its function stands in it."""
    document = Document(program.wrong.encode())
    nodes = [
        node
        for node in ast.walk(ast.parse(program.wrong))
        if isinstance(node, ast.FunctionDef) and node.name == program.entry
    ]
    # of several that are called so, the one that is wrong
    kept = set(program.right.splitlines())
    lines = program.wrong.splitlines()
    node = min(nodes, key=lambda n: all(line in kept for line in lines[n.lineno - 1 : n.end_lineno]))
    return document, Span(document.start_of(node.lineno - 1), document.line((node.end_lineno or 1) - 1).end)


async def bare(program: Program, port: Port) -> tuple[str, int] | None:
    """The whole function written anew by the model, and believed."""
    document, span = function_of(program)
    function = document.text(span)
    before = document.text(Span(0, span.start))
    signature = function[: function.index("\n") + 1]
    prompt = f"# The function below is wrong.\n{before[-_BEFORE:]}{function.rstrip()}\n\n\n# The function, corrected:\n"
    answers: list[Answer] | Silence = await port.answer(
        Ask(Fim(prompt + signature), 256, stop=("\ndef ", "\n# ", "\nclass "))
    )
    if isinstance(answers, Silence):
        return None
    edit = Edit(span, (signature + answers[0].text.rstrip()).encode("utf-8", "replace"))
    return document.edited(edit).text(), answers[0].tokens


async def unverified(program: Program, port: Port) -> tuple[str, int]:
    """The likeliest small edit, without a run."""
    world = World(["/p"])
    file = world.open(f"/p/{program.path}", program.wrong, 1, "python")
    rules = file.language.table("repair") if file.language else None
    assert file.tree is not None
    assert rules is not None
    _, span = function_of(program)
    best = mutations(file.tree, file.document, span, lambda line: 0.5, rules)[0]
    return file.document.edited(best.edit).text(), 0


async def mend(lint: Lint, arm: str, port: Port, memo: Store | None) -> dict[str, Any]:
    """One finding of the linter."""
    began = time.monotonic()
    path = f"/project/{lint.path}"
    world = World(["/project"])
    world.open(path, lint.text, 1, "python")
    log = Log()
    result = await fixed(world, path, lint, port, ARMS[arm], log, memo)
    shown, told = told_of(world, path, result, log)
    row = row_of("lints", arm, lint.name, began, lint.code) | told
    if shown:
        row["verdict"] = "solved" if await lint.gone(shown) else "wrong"
    return row


def summary(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for suite, arm in dict.fromkeys((row["suite"], row["arm"]) for row in found):
        own = [row for row in found if (row["suite"], row["arm"]) == (suite, arm)]
        count = {kind: sum(row["verdict"] == kind for row in own) for kind in ("solved", "wrong", "refused")}
        shown = count["solved"] + count["wrong"]
        by: dict[str, int] = {}
        kinds: dict[str, list[int]] = {}
        for row in own:
            solved = row["verdict"] == "solved"
            if solved:
                by[row["by"]] = by.get(row["by"], 0) + 1
            if "kind" in row:
                all_of = kinds.setdefault(row["kind"], [0, 0, 0])
                all_of[("solved", "wrong", "refused").index(row["verdict"])] += 1
        times = sorted(row["seconds"] for row in own)
        told.append({
            "suite": suite, "arm": arm, "n": len(own), **count,
            "solved_95": [round(x, 3) for x in wilson(count["solved"], len(own))],
            "wrong_of_shown": round(count["wrong"] / shown, 3) if shown else 0.0,
            "wrong_of_shown_95": [round(x, 3) for x in wilson(count["wrong"], shown)],
            "by": by, "tokens": sum(row["tokens"] for row in own),
            "median_seconds": times[len(times) // 2], "most_seconds": times[-1],
            **({"solved_wrong_refused_by_kind": dict(sorted(kinds.items()))} if kinds else {}),
        })  # fmt: skip
    return told


def table(rows: list[dict[str, Any]]) -> str:
    """The summary as it stands in the README."""
    lines = ["| programs | arm | right (95 %) | by | wrongly shown (95 %) | refused | median, longest |"]
    lines.append("|---|---|---:|---|---:|---:|---:|")
    for row in rows:
        low, high = (round(100 * share) for share in row["solved_95"])
        shown = row["solved"] + row["wrong"]
        wrong_low, wrong_high = (round(100 * share) for share in row["wrong_of_shown_95"])
        cells = (
            row["suite"],
            row["arm"],
            f"{row['solved']} of {row['n']} ({low} to {high} %)",
            ", ".join(f"{count} {who}" for who, count in sorted(row["by"].items())),
            f"{row['wrong']} of {shown} shown ({wrong_low} to {wrong_high} %)" if shown else "nothing shown",
            str(row["refused"]),
            f"{row['median_seconds']:.1f} s, {row['most_seconds']:.0f} s",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


async def sound(told: argparse.Namespace) -> int:
    """The floor and the ceiling: what is right passes all tests, what is wrong fails those that it is scored on."""
    unsound = 0
    for program in await programs(told):
        if program.suite == "debugbench":
            program = await answerable(program, told.jobs)
        tests = [test for test in (program.seen, program.held_out) if test]
        holds = [await passes(program, program.right, test, told.jobs) for test in tests]
        wrong = [await passes(program, program.wrong, test, told.jobs) for test in tests]
        if not all(holds) or all(wrong):
            unsound += 1
            print(f"{program.suite} {program.name}: right passes {holds}, wrong passes {wrong}")
    print(f"{unsound} unsound")
    return 1 if unsound else 0


async def programs(told: argparse.Namespace) -> list[Program]:
    found = [program for suite in told.suites if suite in SUITES for program in SUITES[suite](told.data)]
    drawn = [program for program in found if program.suite == "debugbench"]
    left_out = set(random.Random(told.seed).sample(drawn, max(0, len(drawn) - told.count)))
    found = [program for program in found if program not in left_out]
    if "mutants" in told.suites:
        found += await mutants(told.site, told.count, told.seed, told.jobs)
    return [program for program in found if not told.only or program.name in told.only]


async def measure(told: argparse.Namespace) -> dict[str, Any]:
    port = await open_model(Settings(model=told.model))
    info = port.info
    name, digest = (info.name, info.digest) if info else ("", "")
    kept: dict[str, Any] = json.loads(told.out.read_text("utf-8")) if told.out and told.out.is_file() else {}
    if kept.get("digest") != digest:
        kept = {"model": name, "digest": digest, "runs": [], "reviewed": {}, "rows": []}
    found: dict[tuple[str, str, str], dict[str, Any]] = {
        (row["suite"], row["arm"], row["program"]): row for row in kept["rows"]
    }
    this: dict[str, Any] = {
        "arguments": [*told.suites, "--arms", *told.arms], "seconds_allowed": told.seconds, "processes": told.jobs,
        "seed": told.seed, "load_before": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    now: list[dict[str, Any]] = []

    def keep(row: dict[str, Any]) -> None:
        now.append(row)
        found[row["suite"], row["arm"], row["program"]] = row
        print(f"{row['suite']:14} {row['arm']:16} {row['program'][:70]:30} {row['verdict']:8} {row['seconds']:7.1f} s  "
              f"{row['by']} {row['how'] or row['what'][:110]}", flush=True)  # fmt: skip
        if told.out:  # what is measured so far outlives an interruption
            this["load_after"] = round(os.getloadavg()[0], 1)
            ordered = [found[key] for key in sorted(found)]
            every = {**kept, "runs": [*kept["runs"], this], "summary": summary(ordered), "rows": ordered}
            told.out.write_text(json.dumps(every, indent=1, ensure_ascii=False) + "\n", "utf-8")

    whole = await programs(told)
    findings = await lints(told.site, told.count, told.seed) if "lints" in told.suites else []
    for arm in told.arms:
        with tempfile.TemporaryDirectory() as folder:
            memo = None if arm == "without cache" else open_store("/project", Path(folder))
            for program in whole:
                if program.suite == "quixbugs 0.5":
                    program = await shows_it(program, told.data, told.jobs)
                if program.suite == "debugbench":
                    program = await answerable(program, told.jobs)
                    if not program.held_out:
                        continue
                own = memo if program.suite in DRAWN else None
                keep(await solve(program, arm, port, told.seconds, told.jobs, own))
            for lint in findings:
                keep(await mend(lint, arm, port, memo))
            if memo is not None:
                memo.close()
    await port.close()
    return {"summary": summary(now)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", default=list(SUITES), help=f"{', '.join((*SUITES, *DRAWN))}")
    parser.add_argument("--arms", nargs="*", default=["full"], help=f"{', '.join((*ARMS, *UNCHECKED))}")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--model", help="a GGUF file; the bundled model without")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--site", type=Path, default=SITE, help="where packages are installed, their tests included")
    parser.add_argument("--count", type=int, default=60, help="programs that are drawn of a drawn suite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120, help="of test runs for one program")
    parser.add_argument("--jobs", type=int, default=1, help="forks at once for one program")
    parser.add_argument("--check", action="store_true", help="only see that the programs and their tests are sound")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", action="store_true", help="only print what --out holds as a table")
    told = parser.parse_args()
    if told.table:
        print(table(json.loads(told.out.read_text("utf-8"))["summary"]))
        return 0
    if set(told.suites) & (set(SUITES) - {"classes"}) and not told.data.is_dir():
        print(f"the programs are not here: {told.data}; name their folder with --data")
        return 2
    if told.check:
        return asyncio.run(sound(told))
    for row in asyncio.run(measure(told))["summary"]:
        print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
